# timestamp = receivedAt - (sentAt - originalTimestamp); what is right already
# keeps its bytes, what is missing is taken from what is there.
printf 'version: 1\nproject: {name: t}\nclock: {tick: 1h}\n' >cdp.yaml
cdp-ingest <<'END'
{"type":"track","event":"spec","messageId":"m1","userId":"u","originalTimestamp":"2015-12-12T19:11:01.152Z","sentAt":"2015-12-12T19:11:01.169Z","receivedAt":"2015-12-12T19:11:01.266Z","timestamp":"2015-12-12T19:11:01.249Z"}
{"type":"track","event":"slow device","messageId":"m2","userId":"u","originalTimestamp":"2015-12-12T18:11:02Z","sentAt":"2015-12-12T18:11:05Z","receivedAt":"2015-12-12T19:11:06Z","timestamp":"2015-12-12T18:11:02Z"}
{"type":"track","event":"no timestamp","messageId":"m3","userId":"u","originalTimestamp":"2015-12-12T19:11:04Z"}
{"type":"track","event":"other zone","messageId":"m4","userId":"u","timestamp":"2015-12-12T16:11:05-03:00"}
END
