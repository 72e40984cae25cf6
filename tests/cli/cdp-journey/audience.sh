# Entering an audience starts a journey, leaving it ends it, though only the
# passing of time makes the profile leave.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: audience}
destinations:
  email: {preset: file, settings: {dir: out}}
  ads: {preset: file, settings: {dir: out}}
audiences:
  keen: {when: {event: Product Viewed, within: 2h, count: {gte: 3}}}
journeys:
  keen:
    enter: {audience: keen, keep: {since: timestamp}}
    exit: [{id: cooled, audience: keen, exited: true}]
    steps:
      - {id: ad, send: ads, action: add, undo: remove}
      - {id: wait, delay: 1h}
      - {id: mail, send: email}
      - {id: more, delay: 7d}
  lurkers:
    enter: {all: [{audience: keen}, {not: {event: Order Completed}}]}
    steps: [{id: mail, send: email}]
YAML
for m in 00 10 20 30; do
	printf '{"type":"track","event":"Product Viewed","messageId":"v%s","userId":"ana","timestamp":"2025-03-03T10:%s:00Z"}\n' $m $m
done >events
cdp-ingest -s st --until end events | cdp-merge -s st | cdp-audience -s st |
	cdp-journey -s st --stats=json 2>stats |
	jq -c 'select(.type != "clock") | [.timestamp, .type, .event?, .journey, .step, .action, .why[-1]?]
		| map(select(type == "string"))'
jq -c .journeys stats
