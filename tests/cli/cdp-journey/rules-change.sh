# An instance waits while its journey is not in the project, goes on when it
# is back, and ends when the step at which it waited is gone.
rules() {
	cat <<'YAML'
version: 1
project: {name: change}
destinations:
  email: {preset: file, settings: {dir: out}}
YAML
	printf 'journeys: %s\n' "$1"
}
event() {
	n=$((n + 1))
	printf '{"type":"track","event":"%s","messageId":"m%s","timestamp":"2025-01-01T%s:00.000Z","profile":{"id":"p_a"},"cdp":{"o":"main.merge","n":%s}}\n' "$1" $n "$2" $n
	printf '{"type":"end","cdp":{"o":"main.merge","lines":1}}\n'
}
run() {
	cdp-journey -q -s st --stats=json 2>stats | jq -c '[.type, .step // .event, .timestamp]'
	jq -c .journeys stats
}
j='enter: {event: go}, steps: [{id: w, hold: 1h}, {id: mail, send: email}'
rules "{j: {$j]}}" >cdp.yaml
event go 00:00 | run
rules '{}' >cdp.yaml
n=1 && event look 02:00 | run
rules "{j: {$j, {id: more, delay: 10h}]}}" >cdp.yaml
n=2 && event look 03:00 | run
rules '{j: {enter: {event: go}, steps: [{id: other, hold: 1h}]}}' >cdp.yaml
n=3 && event look 23:00 | run
# What waited at a step that was renamed goes on at the one "migrate" names.
rules "{m: {$j]}}" >cdp.yaml
n=4 && event go 23:10 | run
rules '{m: {enter: {event: go}, migrate: {w: second}, steps: [{id: w0, hold: 1h}, {id: second, hold: 1h}, {id: fresh, send: email}]}}' >cdp.yaml
n=5 && printf '{"type":"clock","now":"2025-01-02T01:00:00.000Z","cdp":{"o":"main.merge","n":6}}\n{"type":"end","cdp":{"o":"main.merge","lines":1}}\n' | run
