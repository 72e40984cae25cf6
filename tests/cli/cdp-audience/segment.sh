# Segment's query language, pasted: windows, junctions, an event that was not
# followed by another; and what cannot be said, with its place.
cat >cdp.yaml <<'END'
version: 1
audiences:
  buyers: {when: {segment: "event('Order Completed').where(property('total') > 50 OR property('vip') = true).within(1 day).count() >= 1"}}
  left:
    when:
      all:
        - segment: >-
            event('Product Added').where(event('Order Completed')
            .within(parent: 1 hour).count() = 0).within(1 day).count() >= 1
        - segment: "trait('plan') != 'free'"
  # Nothing is said of how long to wait: who has not ordered so far.
  open: {when: {segment: "event('Product Added').where(event('Order Completed').count() = 0).count() >= 1"}}
END
cat >in <<'END'
{"type":"track","event":"Product Added","timestamp":"2026-03-01T09:00:00.000Z","profile":{"id":"p_a","traits":{"plan":"pro"}},"cdp":{"o":"main.merge","n":1}}
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T09:30:00.000Z","properties":{"total":60},"profile":{"id":"p_a","traits":{"plan":"pro"}},"cdp":{"o":"main.merge","n":2}}
{"type":"track","event":"Product Added","timestamp":"2026-03-01T10:00:00.000Z","profile":{"id":"p_a","traits":{"plan":"pro"}},"cdp":{"o":"main.merge","n":3}}
{"type":"track","event":"Product Added","timestamp":"2026-03-01T10:00:00.000Z","profile":{"id":"p_b","traits":{}},"cdp":{"o":"main.merge","n":4}}
{"type":"clock","now":"2026-03-04T00:00:00.000Z","cdp":{"o":"main.merge","n":5}}
{"type":"end","cdp":{"o":"main.merge","lines":5}}
END
cdp-audience in | jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp, .profile.id, .event, .properties.audience_key]'
cat >cdp.yaml <<'END'
version: 1
audiences:
  vip: {when: {segment: "event('A').sum(property('total')) > 5 AND entity('x').total() = 1"}}
  old: {when: {segment: "trait('vip') = true AND trait('x').equal(1)"}}
  new: {when: {segment: "trait('vip') = true"}}
END
cdp-audience --check
# An audience is asked like a trait, and accounts are the groups there are.
cat >cdp.yaml <<'END'
version: 1
groups: {account: {from: groupId}}
audiences:
  out: {when: {segment: "trait('rich') = false AND NOT trait('n').absent()"}}
  rich: {when: {trait: n, gt: 5}}
  in: {when: {segment: "trait('rich') = true OR trait('rich') != true AND trait('m') = 1"}}
  buys: {when: {segment: "ANY event('Order Completed').count() >= 1 AND trait('n') > 0"}}
  never: {when: {segment: "ALL NOT event('Order Completed').count() >= 1"}}
END
cat >in <<'END'
{"type":"identify","timestamp":"2026-03-01T09:00:00.000Z","profile":{"id":"p_a","traits":{"n":1},"groups":{"account":{"id":"x"}}},"cdp":{"o":"main.merge","n":1}}
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T10:00:00.000Z","profile":{"id":"p_b","traits":{"n":7},"groups":{"account":{"id":"x"}}},"cdp":{"o":"main.merge","n":2}}
{"type":"end","cdp":{"o":"main.merge","lines":2}}
END
cdp-audience -s two in | jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp, .profile.id, .event, .properties.audience_key]'
sed 's/^groups:.*/groups: {account: {}, team: {}}/; s/= false/> 1/' cdp.yaml >x
mv x cdp.yaml
cdp-audience --check
# Values made of events, events behind events, and what --explain says of them.
cat >cdp.yaml <<'YAML'
version: 1
audiences:
  spent: {when: {segment: "event('Order Completed').sources({exclude: ['till']}).within(30 days).sum(property('total')) >= trait('goal')"}}
  returned: {when: {segment: "event('Shoes Bought').where(property('price') >= trait('avg_spend') AND event('Shoes Returned').within(parent: 5 days).count() >= 1).within(30 days).count() >= 1"}}
YAML
cat >in <<'JSON'
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T09:00:00.000Z","properties":{"total":60},"profile":{"id":"p_a","traits":{"goal":100}},"cdp":{"o":"main.merge","n":1}}
{"type":"track","event":"Order Completed","sourceId":"till","timestamp":"2026-03-02T09:00:00.000Z","properties":{"total":60},"profile":{"id":"p_a","traits":{"goal":100}},"cdp":{"o":"main.merge","n":2}}
{"type":"track","event":"Order Completed","sourceId":"web","timestamp":"2026-03-03T09:00:00.000Z","properties":{"total":60},"profile":{"id":"p_a","traits":{"goal":100}},"cdp":{"o":"main.merge","n":3}}
{"type":"track","event":"Shoes Bought","timestamp":"2026-03-04T09:00:00.000Z","properties":{"price":80},"profile":{"id":"p_a","traits":{"goal":100,"avg_spend":80}},"cdp":{"o":"main.merge","n":4}}
{"type":"track","event":"Shoes Returned","timestamp":"2026-03-05T09:00:00.000Z","profile":{"id":"p_a","traits":{"goal":100,"avg_spend":80}},"cdp":{"o":"main.merge","n":5}}
{"type":"profile","timestamp":"2026-03-06T09:00:00.000Z","profile":{"id":"p_a","traits":{"goal":100,"avg_spend":90}},"cdp":{"o":"main.merge","n":6}}
{"type":"profile","timestamp":"2026-03-07T09:00:00.000Z","profile":{"id":"p_a","traits":{"goal":100,"avg_spend":70}},"cdp":{"o":"main.merge","n":7}}
{"type":"end","cdp":{"o":"main.merge","lines":7}}
JSON
cdp-audience -s three in | jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp, .event, .properties.audience_key]'
cdp-audience -s three --explain p_a | jq -c '.audiences[].why.all[] | del(.if)'
echo '{"type":"clock","now":"2026-04-10T00:00:00.000Z","cdp":{"o":"main.merge","n":8}}' | cdp-audience -s three -q --end=any | jq -c 'select(.event) | [.timestamp, .event, .properties.audience_key]'
