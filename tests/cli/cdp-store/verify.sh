# A sound store, one whose segment is damaged, one whose MANIFEST is; the
# filters refuse the same.
cp -R "$top/share/examples/loja/." .
cdp-ingest --until end events.ndjson 2>/dev/null >i
cdp-merge <i >/dev/null
cdp-store verify | sed 's/[0-9]* bytes/N bytes/; s/[0-9]* epochs*/N epochs/'
cp store/merge/0000000001.seg saved
printf x | dd of=store/merge/0000000001.seg bs=1 seek=8 conv=notrunc 2>/dev/null
cdp-store verify 2>&1 | sed 's/[0-9]* bytes/N bytes/; s/[0-9]* epochs*/N epochs/'
cdp-store verify >/dev/null 2>&1
echo $?
cdp-merge <i
echo $?
cp saved store/merge/0000000001.seg
echo '{}' >>store/merge/MANIFEST
cdp-store verify >/dev/null
echo $?
cdp-merge <i
echo $?
rm store/SECRET
cdp-store cat
echo $?
