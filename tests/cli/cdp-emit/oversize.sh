# A call that Segment would refuse is dead with its reason, and nothing else of
# its batch; and no batch is more than Segment takes.
. "$top/tests/cli/cdp-emit/presets.inc"
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
journeys:
  j: {enter: {event: X}, steps: [{id: a, send: segment, action: track}, {id: end, end: x}]}
destinations:
  segment: {preset: segment}
YAML
jq -n -c 'range(60) | {type: "activation", timestamp: "2026-01-01T00:00:00.000Z", messageId: "act_\(.)", journey: "j", step: "a", instance: "ins_\(.)",
	destination: "segment", action: "track", profile: {id: "p_\(.)", identifiers: {user_id: ["u\(.)"]}, traits: {}},
	event: {type: "track", event: "X", messageId: "m\(.)", timestamp: "2026-01-01T00:00:00.000Z", userId: "u\(.)",
		properties: {text: ("é" * (if . == 7 then 20000 else 15000 end))}}, cdp: {o: "main.journey", n: (. + 1)}}' >in
cdp-emit --end=any --deliver --wait 0 in >out 2>err
echo "status $?"
cat err
cdp-store cat deliver | jq -r 'select(.k | strings | startswith("k:")).v | select(.status != "sent") | "\(.seq) \(.status) \(.said)"'
jq -s -c '[.[] | .body.batch | length] | [add, length > 3]' log
jq -c '.headers["Content-Length"] | tonumber | select(. > 500000)' log
