# An instance waits while its journey is not in the project, and goes on when it
# is back, under the version by which it entered; "migrate" moves it.
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
clock() {
	n=$((n + 1))
	printf '{"type":"clock","now":"%s:00.000Z","cdp":{"o":"main.merge","n":%s}}\n' "$1" $n
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
n=3 && event go 04:00 | run
rules '{j: {enter: {event: go}, steps: [{id: other, hold: 1h}]}}' >cdp.yaml
n=4 && event look 06:00 | run
cdp-journey -s st --explain p_a | jq -c '.journeys[] | [.version, .instances[]] | .[1] |= {version, edited_since, step, next}'
n=5 && event look 23:00 | run
echo "what became of whom, all together and by version:"
cdp-journey -s st --funnel | jq -c '{version, entered, running, steps: [.steps[] | [.step, .reached]], outcomes}'
old=$(cdp-store -s st cat journey | jq -r 'select(.k == "j:j") | .v.versions[1].version')
cdp-journey -s st --graph=mermaid "j@${old%??????????}"
cdp-journey -s st --graph=mermaid j@0123
echo "status $?"
echo "what each version said:"
cdp-store -s st cat journey | jq -c 'select(.k // "" | startswith("v:"))'
# What waited at a step that was renamed goes on at the one "migrate" names.
rules "{m: {$j]}}" >cdp.yaml
n=6 && event go 23:10 | run
rules '{m: {enter: {event: go}, migrate: {w: second}, steps: [{id: w0, hold: 1h}, {id: second, hold: 1h}, {id: fresh, send: email}]}}' >cdp.yaml
n=7 && clock 2025-01-02T01:00 | run
