# One message id is one event, in one run and in the next; a line without an
# id gets one that is the hash of what it says.
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
cat >in <<'END'
{"type":"track","event":"A","messageId":"m1","userId":"u","timestamp":"2025-03-03T10:00:00Z"}
{"type":"track","event":"B","messageId":"m1","userId":"u","timestamp":"2025-03-03T10:00:01Z"}
{"type":"track","event":"C","userId":"u","timestamp":"2025-03-03T10:00:02Z"}
{"timestamp":"2025-03-03T10:00:02Z", "userId":"u", "type":"track","event":"C"}
END
cdp-ingest --stats in >one
cdp-ingest -v in >two
cat one
cmp one two
printf '%s' '{"event":"C","timestamp":"2025-03-03T10:00:02Z","type":"track","userId":"u"}' |
	sha256sum | cut -c 1-24
# From another source the same id is another event.
cdp-ingest --source crm in | jq -r 'select(.event) | "\(.cdp.n) \(.event)"'
