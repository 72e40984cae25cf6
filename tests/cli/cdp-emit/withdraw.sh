# What waits for the morning does not go out if the journey has exited by then,
# though it had come to its end; and --test sees the same.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t, timezone: America/Sao_Paulo}
identity: {identifiers: {user_id: {from: userId}}}
limits: {quiet: {channels: [sms], from: "21:00", to: "08:00"}}
destinations:
  sms: {preset: file, settings: {dir: out/sms}, to: '.profile.identifiers.user_id[0]'}
  email: {preset: file, settings: {dir: out/email}}
journeys:
  cart:
    enter: {event: Product Added}
    exit: [{id: bought, event: Order Completed, outcome: converted}]
    steps: [{id: wait, hold: 30m}, {id: mail, send: email}, {id: sms, send: sms}]
tests:
  - name: what is bought at night is not offered in the morning
    start: 2026-01-01T21:00:00-03:00
    given:
      - {at: 0m, event: Product Added, userId: ana}
      - {at: 5h, event: Order Completed, userId: ana}
    expect:
      - {at: 30m, send: email}
      - {at: 30m, held: sms, reason: quiet_hours}
      - {at: 5h, end: converted}
      - {at: 5h, held: sms, reason: withdrawn}
  - name: who sleeps is written to at eight
    start: 2026-01-01T21:00:00-03:00
    given:
      - {at: 0m, event: Product Added, userId: bea}
    expect:
      - {at: 30m, send: email}
      - {at: 30m, held: sms, reason: quiet_hours}
      - {at: 11h, send: sms, where: {to: bea}}
      - {at: 11h, end: completed}
YAML
event() {
	echo '{"type":"track","event":"'"$2"'","messageId":"'"$1$3"'","userId":"'"$1"'","timestamp":"2026-01-'"$3"'Z"}'
}
{
	event ana "Product Added" 02T00:00:00
	event bea "Product Added" 02T00:00:00
	event cleo "Product Added" 02T00:00:00
	event ana "Order Completed" 02T05:00:00
	event cleo "Order Completed" 02T11:00:00     # at the very minute: too late
	event bea "Order Completed" 02T12:00:00
} >in
cdp-ingest --until 2026-01-03T00:00:00Z in | cdp-merge | cdp-journey >j
jq -c 'select(.type == "withdraw") | del(.profile, .instance)' j
cdp-journey --explain user_id:ana | jq -c '.journeys[].instances // empty'
cdp-emit --stats=json <j 2>stats | jq -r 'select(.type == "delivery") | "\(.timestamp[8:16]) \(.profile[0:4]) \(.destination) \(.status) \(.reason // "") \(.detail // "")"' | sort | uniq -c
echo $?; jq -c .deliveries stats
head -n 2 in | cdp-ingest -s s2 --until 2026-01-02T02:00:00Z | cdp-merge -s s2 | cdp-journey -s s2 >/dev/null
cdp-journey -s s2 --explain user_id:ana | jq -c '.. | objects | select(.next) | [.ending, .next]'
cdp-journey --test
