# A log whose second epoch of three is damaged keeps the other two, and the
# numbers of what is lost; one without MANIFEST keeps all.
cp -R "$top/share/examples/loja/." .
cdp-ingest --until end events.ndjson 2>/dev/null >i
head -n 20 i | cdp-merge >/dev/null 2>&1
at=$(wc -c <store/merge/0000000001.seg)
head -n 40 i | cdp-merge >/dev/null 2>&1
cdp-merge <i >/dev/null
cdp-store repair
printf x | dd of=store/merge/0000000001.seg bs=1 seek=$((at + 99)) conv=notrunc 2>/dev/null
cdp-merge <i 2>err
echo $?
sed 's/byte [0-9]*/byte N/g' err >&2
cdp-store repair merge 2>&1
echo $?
ls store/merge
cdp-store verify 2>&1 | sed 's/[0-9]* bytes/N bytes/'
cdp-store cat merge | grep -c '"in":\["lost",'
cdp-merge <i | jq -s 'map(.cdp.n) | length, (unique | length)'
rm store/merge/MANIFEST
cdp-store repair merge 2>&1
cdp-merge <i | tail -n 1
cdp-store repair nolog
echo $?
