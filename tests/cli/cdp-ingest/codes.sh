# Each fault of the envelope has Segment's code; what is good passes.
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
t='"timestamp":"2025-03-03T10:00:00Z"'
cat >in <<END
{"type":"track","event":"A","messageId":"m1","userId":"u",$t}
{"type":"track","event":"A",$t}
{"type":"track","event":"A","userId":7,$t}
{"type":"track","userId":"u",$t}
{"type":"track","event":[],"userId":"u",$t}
{"type":"track","event":"A","userId":"u","properties":"x",$t}
{"type":"identify","userId":"u","traits":[],$t}
{"type":"page","userId":"u","name":"",$t}
{"type":"screen","userId":"u","category":1,$t}
{"type":"group","userId":"u",$t}
{"type":"track","event":"Segment Consent Preference Updated","userId":"u",$t}
{"type":"track","event":"A","userId":"u"}
{"type":"track","event":"A","userId":"u","timestamp":"yesterday"}
{"type":"merge","from":"p_1","into":"p_2",$t}
{"type":"end"}
{"type":"delete","userId":"",$t}
{"batch":[{"type":"track"}]}
{"type":"trak","userId":"u",$t}
[{"type":"track"}]
{"type":"track","event":"A","userId":"u"
{"type":"object","collection":"products","properties":{},$t}
{"type":"object","collection":"products","id":"p1","messageId":"m2",$t}
END
cdp-ingest --rejects bad.ndjson --stats in
echo "exit $?"
cat bad.ndjson
