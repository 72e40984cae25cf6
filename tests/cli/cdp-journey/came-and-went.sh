# Of who came and went within one epoch a timeline says by which event, also if
# the wait was begun anew by another or the exit has sent something, and who of
# two that came at one instant did what; and that a goal was reached after the
# end.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
destinations: {out: {preset: file, settings: {dir: out}}}
journeys:
  each:
    enter: {event: E, again: each}
    steps:
      - {id: h, hold: 30m, restart_on: {event: E, max: 1, up_to: 30m}}
      - {id: mail, send: out}
  j:
    enter: {event: A, per: properties.c}
    exit: [{id: x, event: B, send: out, action: bye}]
    goal: {event: C, within: 5h}
    steps:
      - {id: h, hold: 30m, restart_on: {event: A}}
      - {id: s, if: {trait: n, exists: true}, goto: e}
      - {id: mail, send: out}
      - {id: e, end: done}
YAML
event() {
	printf '{"type":"track","event":"%s","userId":"%s","messageId":"%s","timestamp":"2025-01-01T%s:00Z","properties":{%s}}\n' "$@"
}
{
	event E w wc 00:00 ''
	event E w wd 00:00 ''
	event A u u1 00:00 '"c":1'
	event A u u2 00:05 '"c":1'
	event B u u3 00:10 ''
	event C u u4 01:10 ''
	event A v v1 00:00 '"c":1'
	event A v v2 00:00 '"c":2'
	event B v v3 00:10 '"c":2'
	event B v v4 02:00 ''
} | cdp-ingest -s s | cdp-merge -s s | cdp-journey -s s >out
for who in u v w; do
	cdp-journey -s s --explain user_id:$who | jq -c '.timeline[] |
	    [.at[11:16], .did, .step, .event]'
done
cdp-store -s s cat journey | jq -c '.v.past.j.ended // empty'
