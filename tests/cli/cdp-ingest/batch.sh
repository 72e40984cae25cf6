# A body with several events, as Segment's libraries send it, and a list: each
# is one record, with what the body says of all; a bad one leaves the others.
printf 'version: 1\nproject: {name: t}\ningest: {event: 300, batch: 1KB, batch_events: 5}\n' >cdp.yaml
t='"timestamp":"2025-03-03T10:00:00Z"'
long=$(printf '%0400d' 0)
cat >in <<END
{"batch":[{"type":"track","event":"A","messageId":"m1","userId":"u",$t,"context":{"ip":"1.1.1.1","app":{"name":"x"}},"integrations":{"All":false}},{"type":"identify","messageId":"m2","userId":"u","originalTimestamp":"2025-03-03T10:00:01Z","context":null},{"type":"track","messageId":"m3","userId":"u",$t},7],"context":{"app":{"name":"shop","version":"2"},"a\u0070p2":1},"integrations":{"All":true,"X":true},"sentAt":"2025-03-03T10:00:03Z","receivedAt":"2025-03-03T10:00:05Z","timestamp":"2025-03-03T10:00:02Z","writeKey":"k"}
[{"type":"page","messageId":"m4","userId":"u",$t},[],{"type":"page","messageId":"m5","userId":"u",$t}]
{"batch":[]}
[]
{"batch":{},"context":{}}
{"batch":[{"type":"page","messageId":"m6","userId":"u",$t}],"context":[]}
[{},{},{},{},{},{}]
[{"type":"page","messageId":"m7","userId":"u",$t,"name":"$long"}]
{"type":"page","messageId":"m8","userId":"u",$t,"name":"$long"}
[{"type":"page","name":"$long"},{"type":"page","name":"$long"},{"type":"page","name":"$long"}]
{"type":"track","event":"A","messageId":"m9","userId":"u",$t,"batch":[1]}
{"batch":[
END
cdp-ingest --rejects bad.ndjson --stats=json in
echo "exit $?"
jq -c 'if (.record | type) == "object" then .record |= (.name |= if . then length else empty end) else . end | .record |= if tostring | length > 400 then "long" else . end' bad.ndjson
cdp-ingest -n -q --stats=json in 2>&1 >/dev/null | jq -c '[.in, .out + .rejected + .duplicates]'
cdp-ingest -n in 2>&1 >/dev/null | head -n 2
for bad in 'event: 33' 'batch: 500MB' 'event: 0' 'event: a lot' 'batch_events: 1.5' 'evnt: 1KB'; do
	printf 'version: 1\nproject: {name: t}\ningest: {%s}\n' "$bad" >cdp.yaml
	cdp-ingest --check
done 2>&1 | grep error
