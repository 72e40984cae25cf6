# Two devices of one person: the ad of the younger cart is withdrawn when they
# turn out to be one, the older goes on, and the purchase ends it.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: merge}
destinations:
  ads: {preset: file, settings: {dir: out}}
journeys:
  cart:
    enter: {event: Product Added}
    exit: [{id: bought, event: Order Completed, outcome: converted}]
    steps:
      - {id: wait, hold: 1h}
      - {id: ad, send: ads, action: add, undo: remove, for: 7d}
YAML
cat >events <<'EVENTS'
{"type":"track","event":"Product Added","messageId":"e1","anonymousId":"phone","timestamp":"2025-03-03T10:00:00Z"}
{"type":"track","event":"Product Added","messageId":"e2","anonymousId":"laptop","timestamp":"2025-03-03T10:10:00Z"}
{"type":"identify","messageId":"e3","anonymousId":"phone","userId":"ana","timestamp":"2025-03-03T12:00:00Z"}
{"type":"identify","messageId":"e4","anonymousId":"laptop","userId":"ana","timestamp":"2025-03-03T12:05:00Z"}
{"type":"track","event":"Order Completed","messageId":"e5","userId":"ana","timestamp":"2025-03-04T09:00:00Z"}
EVENTS
cdp-ingest -s st --until end events | cdp-merge -s st |
	cdp-journey -s st --stats=json 2>stats |
	jq -c 'select(.type != "clock") | [.timestamp, .type, .event.messageId? // .messageId, .action, .profile.identifiers.anonymous_id, .why[-1]?]
		| map(select(. != null) | if type == "string" then sub("^mrg_.*"; "mrg") else . end)'
jq -c .journeys.cart stats
