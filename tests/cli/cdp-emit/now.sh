# Beside what was decided --explain says what would be decided by now: after
# consent was taken back or given, an address or a template has changed, in
# quiet hours, with a cap that others have used up, and of who is gone.  Nothing
# is written by it.
project() { # TEMPLATE MAX DESTINATIONS
	cat >cdp.yaml <<E
version: 1
identity: {identifiers: {user_id: {from: userId}, email: {from: traits.email, limit: 1}}}
consent: {categories: {Marketing: {destinations: [email]}, Ads: {destinations: [ads]}}}
limits:
  quiet: {channels: [email], from: "21:00", to: "08:00"}
  caps: [{channels: [email], max: $2 per 24h}]
destinations:
  email: {preset: file, settings: {dir: out}, to: .profile.traits.email}
$3
templates: {hi: {text: '"$1 \(.profile.traits.name)"'}}
journeys:
  j:
    enter: {event: X, again: each}
    exit: [{id: bought, event: Buy}]
    steps:
      - {id: mail, send: email, template: hi}
      - {id: put, send: ads, action: add, undo: remove}
      - {id: wait, delay: 10d}
E
}
ads="  ads: {preset: file, settings: {dir: ads}, to: '.profile.identifiers.user_id[0]'}
  crm: {preset: file, settings: {dir: crm}, traits: [name]}"
project Oi 1 "$ads"
who() { # ID HOUR CONSENT TRAITS
	echo "{\"type\":\"identify\",\"messageId\":\"i$1$2\",\"userId\":\"$1\",\"traits\":$4,\"context\":{\"consent\":{\"categoryPreferences\":$3}},\"timestamp\":\"2026-01-01T$2:00:00Z\"}"
}
x() { echo "{\"type\":\"track\",\"event\":\"$3\",\"messageId\":\"$3$1$2\",\"userId\":\"$1\",\"timestamp\":\"2026-01-01T$2:00:00Z\"}"; }
run() { cdp-ingest -q "$@" | cdp-merge -q | cdp-audience -q | cdp-journey -q | cdp-emit -q >>all; }
all='{"Marketing":true,"Ads":true}' none='{"Marketing":false,"Ads":false}'
{
	for u in ana rui eva gil; do who $u 10 "$all" "{\"email\":\"$u@example.com\",\"name\":\"$u\"}"; done
	who lia 10 "$none" '{"email":"lia@example.com","name":"lia"}'
	for u in ana rui eva lia gil; do x $u 11 X; done
	x rui 12 Buy
} >first
run first
gil=$(jq -r 'select(.to == "gil@example.com") | .profile' all)
now() {
	cdp-emit --explain "$@" | jq -c '[.destination, .action, .decisions[-1].status, (.now |
		.at, .status, .reason, (.gates // [] | map(.gate) | join(" ")), .differs)]'
}
echo '== as it was'
now user_id:ana
now user_id:rui
now user_id:lia
{
	who ana 14 "$none" '{"name":"ana"}'
	who lia 14 "$all" '{"name":"lia"}'
	who eva 14 "$all" '{"name":"Eva"}'
	who rui 14 "$all" '{"email":"rui@example.org","name":"rui"}'
	echo '{"type":"delete","userId":"gil","messageId":"d1","timestamp":"2026-01-01T14:30:00Z"}'
} >second
run first second
echo '== consent taken back, given; another name, another address; gone'
for u in ana lia eva rui; do now user_id:$u; done
now "$gil"
echo '== at night; the day after; before another one went out'
now user_id:eva --as-of 2026-01-01T23:00:00Z | grep email
now user_id:eva --as-of 2026-01-03T12:00:00Z | grep email
x eva 15 X >third
project Oi 2 "$ads"
run first second third
now user_id:eva | grep email
project Oi 1 "$ads"
now user_id:eva | grep email
now user_id:eva --as-of 2026-01-01T14:30:00Z | grep email
echo '== another text, no such destination'
project Hello 2 "$(echo "$ads" | head -n 1)"
now user_id:eva
echo '== nobody is known'
rm -r store/merge
cdp-emit --explain "$(jq -r .messageId all | head -n 1)" | jq -c '[.decisions, .now]'
cdp-emit --as-of 2026-01-01 </dev/null
