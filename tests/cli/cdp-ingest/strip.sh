# Members that claim to be ours do not come in; everything else keeps its
# bytes, spaces and digits too.
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
cdp-ingest <<'END' | grep track
{"type":"track","event":"A","messageId":"m1","userId":"u","timestamp":"2025-03-03T10:00:00Z","profile":{"id":"p_0"},"late":true,"cdp":{"o":"main.emit","n":9}}
{ "type" : "track", "event":"A\u0042", "messageId":"m2", "userId":"u","timestamp":"2025-03-03T10:00:01Z", "properties":{"n":9007199254740993,"x":1.0e0} }
END
