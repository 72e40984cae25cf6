# "$" in a path: each element of a list, in events and in traits; an audience
# that is asked for in a where; and where neither can stand.  True is not more
# than false.
cat >cdp.yaml <<'E'
version: 1
audiences:
  dear: {when: {segment: "event('Order').where(property('products.$.price') > 100 AND property('products.$.sku') = 'a').count() >= 1"}}
  mid: {when: {event: Order, where: {properties.products.$.price: {gt: 60, lt: 100}}}}
  spent: {when: {segment: "event('Order').sum(property('products.$.price')) >= 290"}}
  both: {when: {segment: "event('Order').unique(property('products.$.sku')).count() = 2"}}
  often: {when: {segment: "event('Order').mode(property('products.$.sku'), 2) = 'a'"}}
  pair: {when: {segment: "event('Order').mode(property('products.$.sku') as array, 2).exists()"}}
  empty: {when: {segment: "event('Order').where(property('products.$.sku').absent()).count() >= 1"}}
  wish: {when: {trait: wishes.$.sku, in: [a, c]}}
  got: {when: {segment: "event('Order').where(property('products.$.sku') = trait('wishes.$.sku')).count() >= 1"}}
  big: {when: {segment: "event('Order').where(trait('vip') = true AND property('total') > 50 OR property('total') > 500).count() >= 1"}}
  poor: {when: {event: Order, where: {not: {audience: vip}}}}
  vip: {when: {trait: points, gte: 100}}
  odd: {when: {segment: "trait('told.$') > trait('vip')"}}
  told: {when: {segment: "event('Order').where(property('member') != trait('vip')).count() >= 1"}}
E
wishes='"told":[true,1],"wishes":[{"sku":"q"},{"sku":"a"}]'
cat >in <<E
{"type":"track","event":"Order","timestamp":"2026-03-01T09:00:00.000Z","messageId":"1","properties":{"total":170,"member":true,"products":[{"sku":"a","price":50},{"sku":"b","price":120}]},"profile":{"id":"p_a","traits":{$wishes}},"cdp":{"o":"main.merge","n":1}}
{"type":"track","event":"Order","timestamp":"2026-03-01T10:00:00.000Z","messageId":"2","properties":{"products":[{"sku":"a","price":50},{"sku":"b","price":70}]},"profile":{"id":"p_a","traits":{"points":100,$wishes}},"cdp":{"o":"main.merge","n":2}}
{"type":"track","event":"Order","timestamp":"2026-03-01T10:00:00.000Z","messageId":"3","properties":{"products":[]},"profile":{"id":"p_b","traits":{"wishes":"a"}},"cdp":{"o":"main.merge","n":3}}
{"type":"profile","timestamp":"2026-03-02T10:00:00.000Z","profile":{"id":"p_a","traits":{"points":99}},"cdp":{"o":"main.merge","n":4}}
{"type":"end","cdp":{"o":"main.merge","lines":4}}
E
cdp-audience -n in | jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp, .profile.id, .event, .properties.audience_key]'
cat >cdp.yaml <<'E'
version: 1
audiences:
  a: {when: {segment: "event('Order').where(trait('b') = true).count() >= 1"}}
  b: {when: {segment: "event('Order').where(property('x') = trait('c')).count() >= 1"}}
  c: {when: {event: Order, where: {audience: a}}}
  d: {when: {event: Order, where: {audience: bb}}}
  e: {when: {event: Order, where: {trait: {a: {eq: true}}}}}
  f: {when: {segment: "event('Order').where(trait('a').exists()).count() >= 1"}}
  g: {when: {sequence: [{event: A, where: {audience: a}}, {event: B}]}}
  h: {when: {event: A, where: {'properties.$.x': 1, '$.x': 2}}}
  i: {when: {sequence: [{event: A}, {event: B}], match: properties.a.$.b}}
  j: {when: {event: A, sum: properties.a.$.b, as: array, gt: 1}}
journeys:
  j: {enter: {event: Order, where: {audience: a}}, steps: [{id: w, delay: 1h}]}
E
cdp-audience --check
# A plan knows what its lists hold.
cat >cdp.yaml <<'E'
version: 1
plan:
  events:
    Order: {properties: {products: {type: array, items: {type: object, properties: {sku: {type: string}}}}}}
audiences:
  a: {when: {event: Order, where: {properties.products.$.skus: x}}}
  b: {when: {event: Order, where: {properties.products.$.sku: x}}}
E
cdp-audience --check
