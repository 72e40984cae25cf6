# What cannot be written or read is an error, not silence.
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
printf '{"type":"track","event":"A","userId":"u"}\n' >in
cdp-ingest </dev/null >/dev/full
echo "full output: exit $?"
cdp-ingest --rejects /dev/full in >/dev/null
echo "full rejects: exit $?"
cdp-ingest in >&-
echo "no output: exit $?"
cdp-ingest <&-
echo "no input: exit $?"
cdp-ingest . 
echo "a directory: exit $?"
cdp-ingest --rejects none/bad in
echo "rejects nowhere: exit $?"
cdp-ingest -s /dev/null/store --until now </dev/null
echo "store nowhere: exit $?"
