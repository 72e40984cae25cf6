# A destination that comes late learns who is what: --resync tells it what it
# does not know, takes off who is nobody or out by now, and sends again what was
# not taken; once more it has nothing to say.
. "$top/tests/http/lib.inc"
server
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
audiences: {vip: {when: {trait: tier, eq: gold}}}
YAML
yes='"context":{"consent":{"categoryPreferences":{"Ads":true}}}'
no='"context":{"consent":{"categoryPreferences":{"Ads":false}}}'
n=0
who() { # ID TIME TRAITS CONSENT
	n=$((n + 1))
	echo '{"type":"identify","messageId":"m'$n'",'"$1"',"timestamp":"2026-01-0'"$2"'T00:00:00Z","traits":{'"$3"'},'"$4"'}'
}
pipe() {
	cdp-ingest | cdp-merge | cdp-audience
}
gold='"tier":"gold"'
{
	who '"userId":"ana"' 1 "$gold" "$yes"
	who '"userId":"bia"' 1 "$gold" "$yes"
	who '"anonymousId":"a1"' 1 "$gold" "$yes"
	who '"userId":"caio"' 1 "$gold" "$yes"
	who '"userId":"dora"' 1 "$gold" "$no"
	who '"userId":"eva"' 1 '"tier":"tin"' "$yes"
	who '"userId":"fred"' 1 "$gold" "$yes"
} | pipe >first
cat >>cdp.yaml <<YAML
consent: {categories: {Ads: {destinations: [list]}}}
destinations:
  list:
    allow_private: true
    audiences: [vip]
    traits: [tier]
    request:
      url: '"http://127.0.0.1:$port/" + (if .profile.identifiers.user_id[0] == "bia" and .action == "add" then "status=400/first=1" else "ok" end)'
      body: '{who: (.profile.identifiers.user_id[0] // .profile.identifiers.anonymous_id[0]), action, traits}'
YAML
at=0
new() {
	tail -n +$((at + 1)) log | jq -r '.body | "\(.who) \(.action) \(.traits.tier // "")"' | LC_ALL=C sort -s -k 1,1
	at=$(wc -l <log)
}
echo "-- the first time"
cdp-emit --resync
new
echo "-- once more: what was not taken"
cdp-emit --resync
new
echo "-- and now it knows"
cdp-emit --resync --stats=json 2>&1 | grep -o '"deliveries":.*'
new
n=100
{
	who '"userId":"ana"' 2 '"tier":"tin"' "$yes"
	who '"userId":"bia","anonymousId":"a1"' 2 '"x":1' "$yes"
	echo '{"type":"delete","userId":"caio","timestamp":"2026-01-02T00:00:00Z"}'
	who '"userId":"dora"' 2 '"x":1' "$yes"
	who '"userId":"eva"' 2 "$gold" "$yes"
	who '"userId":"fred"' 2 '"x":1' "$no"
} | pipe 2>/dev/null >second
echo "-- after a day that it has not seen"
cdp-emit --resync
new
echo "-- the stream of that day brings nothing that it does not know"
cat first second | cdp-emit --deliver --end=any 2>/dev/null | jq -r 'select(.type == "delivery") | "\(.action) \(.status)"'
new
cdp-store cat deliver | jq -r 'select(.k | strings | startswith("m:")).v | [.told, .why, .as.identifiers.user_id[0]] | @tsv' | LC_ALL=C sort
echo "-- what it cannot do"
cdp-emit --resync --spool out
cdp-emit --resync -s none
