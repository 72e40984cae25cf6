# Who is suppressed is taken off the lists that journeys have put him on, at
# once; they go on, and what they would send is held.
cat >cdp.yaml <<'E'
version: 1
identity: {identifiers: {user_id: {from: userId}, email: {from: traits.email}}}
destinations:
  ads: {preset: file, settings: {dir: ads}, to: '.profile.traits.email'}
journeys:
  open: {enter: {event: X}, steps: [{id: put, send: ads, action: add, undo: remove}, {id: wait, delay: 10d}, {id: more, send: ads, action: add, undo: remove}, {id: end, end: done}]}
  timed: {enter: {event: X}, steps: [{id: put, send: ads, action: add, undo: remove, for: 20d}, {id: end, end: done}]}
E
{
	echo '{"type":"identify","messageId":"i","userId":"ana","traits":{"email":"ana@example.com"},"timestamp":"2026-01-01T00:00:00Z"}'
	echo '{"type":"track","event":"X","messageId":"x","userId":"ana","timestamp":"2026-01-01T00:00:00Z"}'
	echo '{"type":"suppress","email":["ana@example.com"],"messageId":"s","timestamp":"2026-01-05T00:00:00Z"}'
} >in
cdp-ingest --until end in | cdp-merge | cdp-journey | cdp-emit |
	jq -c '[.timestamp, .journey, .action, .status, .reason, .to, .why[-1]]'
cdp-journey --explain user_id:ana | jq -c '.timeline[] | [.at, .journey, .did, .why]'
cdp-journey --funnel | jq -c '[.journey, .running, .outcomes, .steps[0].undone]'
