# Who is erased while on a list stays there: erase says on which.  After a
# delete line nobody does.
cat >cdp.yaml <<'E'
version: 1
destinations:
  ads: {preset: file, settings: {dir: ads}, to: '.profile.identifiers.user_id[0]'}
  vips: {preset: file, settings: {dir: vips}, to: '.profile.identifiers.user_id[0]', audiences: [vip]}
audiences: {vip: {when: {event: X}}}
journeys:
  j: {enter: {event: X}, steps: [{id: put, send: ads, action: add, undo: remove}, {id: wait, delay: 10d}]}
E
for u in ana rui; do echo "{\"type\":\"track\",\"event\":\"X\",\"messageId\":\"$u\",\"userId\":\"$u\",\"timestamp\":\"2026-01-01T00:00:00Z\"}"; done >in
echo '{"type":"delete","userId":"rui","messageId":"d","timestamp":"2026-01-02T00:00:00Z"}' >>in
cdp-ingest in | cdp-merge | cdp-audience | cdp-journey | cdp-emit --deliver >/dev/null
cdp-store erase user_id:ana user_id:rui | jq -c 'select(.stands or .erased) | del(.key) | .erased |= (if . then length else empty end)'
