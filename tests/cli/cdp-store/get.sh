# A profile is found by its id, by an identifier, and under the id of one that
# it took in; groups by their name; nobody is an answer, too.
cp -R "$top/share/examples/loja/." .
cat >more.ndjson <<'X'
{"type":"track","event":"Page Seen","messageId":"x1","timestamp":"2026-03-04T10:00:00Z","anonymousId":"stray"}
{"type":"identify","messageId":"x2","timestamp":"2026-03-04T10:01:00Z","userId":"xenia","anonymousId":"other"}
{"type":"identify","messageId":"x3","timestamp":"2026-03-04T10:02:00Z","userId":"xenia","anonymousId":"stray"}
X
cat events.ndjson more.ndjson | cdp-ingest 2>/dev/null | cdp-merge >merged
for id in email:ana@example.com anonymous_id:stray user_id:xenia \
    "$(jq -r 'select(.type == "merge") | .from' merged | tail -n 1)" \
    household:casa-7; do
	cdp-store get "$id" | jq -c '[.log, .k, .v.born]'
done
cdp-store get email:nobody@example.com
echo $?
