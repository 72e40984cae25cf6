# --explain, --graph and --funnel: where people are, how it goes, what came.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: q}
destinations:
  email: {preset: file, settings: {dir: out}}
  ads: {preset: file, settings: {dir: out}}
journeys:
  cart:
    enter: {event: add, per: properties.cart, keep: {cart: properties.cart}}
    exit: [{id: bought, event: buy, outcome: converted}]
    holdout: 50%
    goal: {event: buy, within: 7d, value: properties.total}
    steps:
      - {id: wait, hold: {events: [{event: look, goto: list}], timeout: 30m}}
      - {id: which, split: [{if: {kept: cart, eq: c<1}, goto: list}, {percent: 50, goto: end}]}
      - {id: mail, send: email}
      - {id: list, send: ads, action: add, undo: remove, for: 1d}
      - {id: again, hold: 1h, restart_on: {event: look}}
      - {id: end, end: "not \"converted\""}
  hello:
    enter: {event: hi, if: {trait: tier, eq: gold}, again: once}
    exit: [{id: bought, event: buy}]
    steps:
      - {id: morning, until: "09:00"}
      - {id: greet, send: email}
YAML
n=0
line() { n=$((n + 1)); printf '{"type":"track","event":"%s","messageId":"m%s","timestamp":"2025-01-01T%s:00.000Z","properties":%s,"profile":{"id":"p_%s","traits":{"tier":"gold"}},"cdp":{"o":"main.merge","n":%s}}\n' "$2" $n "$1" "$4" "$3" $n; }
{
	for who in a b c d e f g h; do line 00:00 add $who '{"cart":"c1"}'; done
	line 00:05 hi a '{}'
	line 00:05 hi b '{}'
	line 00:06 add a '{"cart":"c2"}'
	for who in a c e; do line 00:10 look $who '{}'; done
	for who in a b d; do line 00:40 buy $who '{"cart":"c1","total":10}'; done
	printf '{"type":"end","cdp":{"o":"main.merge","lines":%s}}\n' $n
} | cdp-journey -q -s st >/dev/null
cdp-journey -s st --explain p_a | jq .
cdp-journey -s st --explain p_b | jq -c '.journeys[]'
# All that came to pass, in one run, and in one for each line.
lines() {
	n=0
	line 00:00 add a '{"cart":"c1"}'
	line 00:05 hi a '{}'
	line 00:10 look a '{}'
	line 00:20 look a '{}'
	line 00:30 add a '{"cart":"c2"}'
	line 00:40 buy a '{"cart":"c1","total":10}'
	line 02:00 hm a '{}'
}
lines | cdp-journey -q --end=any -s one >/dev/null
cdp-journey -s one --explain p_a | jq -c '.timeline[]'
lines | while read -r l; do echo "$l" | cdp-journey -q --end=any -s many >/dev/null; done
cdp-journey -s many --explain p_a | jq -c '.timeline[] | del(.instance, .journey)'
cdp-journey -s st --explain email:nobody@example.com; echo "status $?"
cdp-journey -s st --funnel cart | jq -c '., .goal'
cdp-journey -s st --graph=mermaid cart
cdp-journey --graph=dot hello
cdp-journey -s st --graph=svg cart | grep -c '<rect'
cdp-journey -s st --graph=svg; echo "status $?"
cdp-journey -s st --funnel crat; echo "status $?"
