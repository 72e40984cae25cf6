# A list follows its audience: who leaves is named as he was put there, who was
# merged away or deleted leaves, consent opens and closes; and no old "add" is
# sent again behind a "remove".
. "$top/tests/http/lib.inc"
server
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
consent: {categories: {Ads: {destinations: [list]}}}
audiences: {vip: {when: {trait: tier, eq: gold}}}
destinations:
  list: &way
    allow_private: true
    to: .profile.traits.email
    audiences: [vip]
    request:
      url: '"http://127.0.0.1:$port/" + (if .action == "add" then "add" else "remove" end)'
      body: '{action, audience, to}'
  dead:
    allow_private: true
    audiences: [vip]
    request:
      url: '"http://127.0.0.1:$port/" + (if .profile.identifiers.user_id[0] == "ana" and .action == "add" then "status=400/first=1" else "dead" end)'
      body: '{action, who: (.profile.identifiers.user_id[0] // .profile.identifiers.anonymous_id[0])}'
YAML
sed -i 's/ &way//' cdp.yaml
yes='"context":{"consent":{"categoryPreferences":{"Ads":true}}}'
no='"context":{"consent":{"categoryPreferences":{"Ads":false}}}'
n=0
who() { # ID TIME TRAITS CONSENT
	n=$((n + 1))
	echo '{"type":"identify","messageId":"m'$n'",'"$1"',"timestamp":"2026-01-0'"$2"'T00:00:00Z","traits":{'"$3"'},'"$4"'}'
}
gold='"tier":"gold"' tin='"tier":"tin"'
{
	who '"userId":"ana"' 1 "$gold,"'"email":"old@example.com"' "$yes"
	who '"userId":"bia"' 1 "$gold,"'"email":"bia@example.com"' "$yes"
	who '"anonymousId":"a1"' 1 "$gold,"'"email":"bia@example.org"' "$yes"
	who '"userId":"caio"' 1 "$gold,"'"email":"caio@example.com"' "$yes"
	who '"userId":"dora"' 1 "$gold,"'"email":"dora@example.com"' "$no"
	who '"userId":"eva"' 1 "$gold" "$yes"
	who '"userId":"ana"' 2 '"email":"new@example.com"' "$yes"
	who '"userId":"bia","anonymousId":"a1"' 2 '"x":1' "$yes"
	who '"userId":"dora"' 2 '"x":1' "$no"
	who '"userId":"eva"' 2 '"email":"eva@example.com"' "$yes"
	echo '{"type":"delete","userId":"caio","timestamp":"2026-01-03T00:00:00Z"}'
	who '"userId":"dora"' 3 '"x":2' "$yes"
	who '"userId":"ana"' 3 "$tin" "$yes"
	who '"userId":"dora"' 4 '"x":3' "$no"
	who '"userId":"eva"' 5 "$gold" "$yes"
} | cdp-ingest | cdp-merge | cdp-audience >in
show() {
	jq -r 'select(.type == "delivery") | "\(.timestamp[8:10]) \(.destination) \(.action) \(.to // .request.body.who): \(.status) \(.reason // "")"'
}
cdp-emit --deliver --wait 0 in 2>err >out
show <out
cat err >&2
echo "-- received"
jq -r 'select(.path == "/add" or .path == "/remove") | .body | "\(.to) \(.action)"' log | LC_ALL=C sort -s -k 1,1
echo "-- the same input again, and what is dead"
cdp-emit --deliver --wait 0 in 2>/dev/null | cmp - out
cdp-emit --redrive
jq -r 'select(.body.who == "ana") | "\(.path) \(.body.action)"' log
cdp-store cat deliver | jq -c 'select(.k | strings | startswith("k:")).v | select(.status != "sent") | [.destination, .status, .said]'
echo "-- only one of them, the rest in a later run"
n=$(wc -l <log)
new() {
	tail -n +$((n + 1)) log | jq -r '.path | split("/")[1] | if test("add|remove") then "list" else "dead" end' | sort | uniq -c | tr -s ' '
	n=$(wc -l <log)
}
cdp-emit -s other --deliver --only dead --wait 0 in 2>/dev/null | cmp - out
new
cdp-emit -s other --deliver --wait 0 in 2>/dev/null | cmp - out
new
