# Why somebody is in an audience or is not, what would change it, and when it
# changes by itself; and the past: sizes and members at an instant.
cat >cdp.yaml <<'E'
version: 1
groups: {household: {}}
traits: {points: {last: traits.points}}
audiences:
  buyers: {when: {event: Order Completed, within: 1d, count: {gte: 2}}}
  lapsed: {when: {all: [{event: Order Completed}, {not: {event: Order Completed, within: 7d}}]}}
  rich: {when: {any: [{trait: points, gt: 100}, {consent: Marketing}]}, min_stay: 1h}
  left: {when: {sequence: [{event: Product Added}, {not: {event: Order Completed}, within: 1d}], within: 3d}}
  ours: {when: {in_group: household, any: {event: Order Completed}}}
  best: {when: {all: [{audience: buyers}, {jq: '.traits.points > 100'}]}}
  known: {when: {any: [{trait: born, exists: true}, {trait: name, matches: '^A'}, {trait: born, before: 2000-01-01}]}}
  query: {when: {segment: "event('Order Completed').within(2 days).count() = 1 AND trait('buyers') = false"}}
E
jq -c . >in <<'E'
{"type":"group","groupId":"casa","userId":"ana","messageId":"m1","timestamp":"2026-03-01T09:00:00.000Z"}
{"type":"track","event":"Order Completed","userId":"ana","messageId":"m2","timestamp":"2026-03-01T10:00:00.000Z"}
{"type":"track","event":"Order Completed","userId":"ana","messageId":"m3","timestamp":"2026-03-01T12:00:00.000Z"}
{"type":"track","event":"Product Added","userId":"ana","messageId":"m4","timestamp":"2026-03-01T13:00:00.000Z"}
{"type":"identify","userId":"bia","traits":{"points":500},"messageId":"m5","timestamp":"2026-03-01T14:00:00.000Z"}
{"type":"identify","userId":"bia","traits":{"points":5},"messageId":"m6","timestamp":"2026-03-01T14:10:00.000Z"}
E
cdp-ingest in | cdp-merge | cdp-audience >out
ana=$(jq -r 'select(.messageId == "m2").profile.id' out)
cdp-audience --explain user_id:ana | jq . || exit
echo == bia
cdp-audience --explain user_id:bia rich | jq -c .
cdp-audience --explain "$ana" buyers best | jq -c '[.audiences[] | .audience, .changes_at, .why.holds]'
cdp-audience --explain nobody; echo "exit $?"
cdp-audience --explain "$ana" buyer; echo "exit $?"
echo == more
cat >more <<'E'
{"type":"track","event":"Page","userId":"bia","messageId":"m7","timestamp":"2026-03-12T09:00:00.000Z"}
E
cdp-ingest more | cdp-merge | cdp-audience | jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp, .profile.identifiers.user_id[0], .event, .properties.audience_key]'
for t in 2026-03-01T09:30:00Z 2026-03-01T13:30:00Z 2026-03-03T00:00:00Z 2026-03-12T09:00:00Z; do
	echo "$t $(cdp-audience --size --as-of "$t" | jq -c '[.audience, .size]' | tr '\n' ' ')"
done
echo "now $(cdp-audience --size | jq -c '[.audience, .size]' | tr '\n' ' ')"
cdp-audience --members rich --as-of 2026-03-01T14:30:00Z | jq -c .since
cdp-audience --members rich | wc -l
cdp-audience --as-of 2026-03-01T14:30:00Z in; echo "exit $?"
cdp-audience --size --as-of noon; echo "exit $?"
