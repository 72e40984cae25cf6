# What gates a delivery has passed does not change with the project: one that
# took something back is told of as that when its step has no undo any more.
project() {
	cat >cdp.yaml <<YAML
version: 1
project: {name: t}
identity: {identifiers: {user_id: {from: userId}}}
destinations: {ads: {preset: file, settings: {dir: out}, to: .profile.id}}
journeys:
  j:
    enter: {event: X}
    steps: [{id: ad, send: ads, action: add$1}, {id: day, delay: 1d}]
YAML
}
project ', undo: drop'
echo '{"type":"track","event":"X","messageId":"x1","userId":"ana","timestamp":"2026-01-01T00:00:01Z"}' >in
cdp-ingest --until 2026-01-03T00:00:00Z in | cdp-merge | cdp-journey | cdp-emit >out.ndjson
tell() {
	cdp-emit --explain user_id:ana | jq -c '[.step, .action, .decisions[-1].status, [.gates[].gate]]'
}
tell >then
project ''
tell | diff then - && cat then
