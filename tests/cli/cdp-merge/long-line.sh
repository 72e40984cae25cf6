# A line that cdp-ingest takes is one that the later stages take, whatever
# they add to it.
printf 'version: 1\ningest: {event: 1MB}\n' >cdp.yaml
{
	printf '{"type":"identify","userId":"ana","messageId":"m1",'
	printf '"timestamp":"2026-03-02T12:00:00Z","traits":{"a":"'
	head -c 1048400 /dev/zero | tr '\0' x
	printf '"}}\n'
} >events.ndjson
cdp-ingest events.ndjson | cdp-merge | cdp-journey >out
awk 'length > 1000 { print (length > 2000000) }' out
