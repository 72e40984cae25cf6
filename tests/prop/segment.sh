#!/bin/sh
# What the destination "segment" sends is what Segment's own libraries send: one
# list of rules holds for the requests that were recorded from them and for ours,
# over calls of all kinds, people without a user id, calls that are large, and
# more than fit into one request; and our own front door takes all of ours.
. "$top/tests/cli/cdp-emit/presets.inc"
bad=0
complain() {
	echo "$1"
	bad=1
}
cat >rules.jq <<'JQ'
def is(f): try f catch false;
def instant: type == "string" and test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[-+]\\d\\d:\\d\\d)$");
def text: type == "string" and length > 0;
def call:
  . as $c |
  [ if ["track","identify","page","screen","group","alias"] | index($c.type) then empty else "type" end,
    if is(.messageId | text and utf8bytelength <= 100) then empty else "messageId" end,
    if (.userId | text) or (.anonymousId | text) then empty else "nobody" end,
    if [.userId, .anonymousId] | all(. == null or text) then empty else "id" end,
    if .timestamp // .originalTimestamp | instant then empty else "timestamp" end,
    if .type != "track" or (.event | text) then empty else "event" end,
    if [.properties, .traits, .context, .integrations] | all(. == null or type == "object") then empty else "object" end,
    if .profile == null and .cdp == null then empty else "ours" end,
    if tojson | utf8bytelength <= 32768 then empty else "32 KB" end ];
(.headers | with_entries(.key |= ascii_downcase)) as $h |
[ if .method == "POST" and (.path | endswith("/v1/batch")) then empty else "where" end,
  if is($h.authorization | ltrimstr("Basic ") | @base64d | test("^[^:]+:$")) then empty else "authorization" end,
  if $h["content-encoding"] == null and ($h["content-type"] | startswith("application/json") | not) then "content-type" else empty end,
  if is(.body.batch | type == "array" and length > 0 and length <= 2500) then empty else "batch" end,
  if .body | tojson | utf8bytelength <= 512000 then empty else "500 KB" end,
  (.body.batch[]? | call[]) ] | unique
JQ
# The rules know a bad one.
for b in '{"batch":[]}' '{"batch":[{"type":"track","messageId":"m","timestamp":"2026-01-01T00:00:00Z","event":"x"}]}' \
	'{"batch":[{"type":"track","messageId":"m","userId":"","timestamp":"2026-01-01T00:00:00Z","event":"x"}]}' \
	'{"batch":[{"type":"track","messageId":"m","userId":"a","timestamp":"yesterday","event":"x"}]}'; do
	printf '{"method":"POST","path":"/v1/batch","headers":{"authorization":"Basic azo=","content-type":"application/json"},"body":%s}\n' "$b"
done | jq -c -f rules.jq | grep -q '^\[\]$' && complain "the rules take anything"
real=../shared/data/sdk/sdk-requests.ndjson
recorded=0
if [ -e "$top/$real" ]; then
	jq -c '.path = .url | .body |= fromjson' "$top/$real" | jq -c -f rules.jq >recorded
	grep -v '^\[\]$' recorded && complain "the libraries themselves do not do that"
	recorded=$(wc -l <recorded)
fi

printf 'version: 1\nproject: {name: t}\ndestinations:\n  seg: {preset: segment, settings: {audience: vip}}\n' >cdp.yaml
activations seg 1 250 | awk '
/"type":"end"/ { print; next }
{
	split("send track identify add", action, " ")
	sub(/"action":"send"/, "\"action\":\"" action[NR % 4 + 1] "\"")
	who = NR % 3 == 0 ? "\"anonymous_id\":[\"a" NR "\"]" : NR % 3 == 1 ? \
	    "\"user_id\":[\"u" NR "\"],\"anonymous_id\":[\"a" NR "\"]" : ""
	note = "x"
	while (NR % 7 == 0 && length(note) < 10000)
		note = note note
	sub(/"traits":{/, "\"identifiers\":{" who "},\"traits\":{\"note\":\"" note "\",")
	event = NR % 2 ? ",\"event\":{\"type\":\"track\",\"event\":\"Order Completed\",\"messageId\":\"m" NR \
	    "\",\"userId\":\"u" NR "\",\"timestamp\":\"2025-03-03T09:00:00.000Z\",\"properties\":{\"total\":1.50}," \
	    "\"profile\":{\"id\":\"p\"},\"cdp\":{\"o\":\"x\",\"n\":1}}" : ""
	sub(/,"kept":{/, event ",\"kept\":{")
	print
}' >in
cdp-emit --deliver in >out 2>err || complain "status: $(cat err)"
jq -c -f rules.jq log >ours
grep -v '^\[\]$' ours | sort | uniq -c | grep . && complain "not as Segment has it"
n=$(jq '.body.batch | length' log | awk '{ n += $1 } END { print n }')
[ "$n" -eq 250 ] && [ "$(jq '.body.batch | length' log | sort -n | tail -n 1)" -le 100 ] ||
	complain "$n calls, not 250 in hundreds"
jq -c '.body' log >bodies
# An event that is passed on twice keeps its messageId; ours are of their own.
cdp-ingest -q -s front --until end --stats=json bodies >taken 2>stats || complain "refused: $(cat stats)"
jq -e '.rejected == 0 and .out == 250' stats >/dev/null || complain "the front door: $(cat stats)"
[ $bad -eq 0 ] && echo "segment: $recorded recorded requests and $(wc -l <ours) of ours hold to one list of rules, $n calls taken in again"
exit $bad
