# Segment's entity(): the rows that belong to a person, and to a row; what a
# person's next line sees of a changed row, and time alone; what cannot be.
cat >cdp.yaml <<'E'
version: 1
entities:
  orders: {key: order_id, by: traits.order_ids}
  order-products: {key: sku, collection: products, by: properties.items.$.sku}
  accounts: {key: email, by: identifiers.email}
audiences:
  ordered: {when: {segment: "entity('orders').where(entity('order-products').count() >= 1).count() >= 1"}}
  known: {when: {segment: "entity('accounts').count() >= 1 OR trait('VIP') = 'true'"}}
  big: {when: {segment: "entity('orders').where(property('total') > 500).count() >= 1"}}
  dear: {when: {entity: orders, where: {properties.total: {gt: 500}, has: {entity: order-products, sum: properties.price, gt: 100}}, count: 1}}
  spent: {when: {segment: "entity('orders').sum(property('total')) >= trait('goal') AND NOT entity('orders').where(property('open') = true).count() >= 1"}}
  lone: {when: {segment: "entity('orders').where(entity('order-products').where(property('price') = property(parent: 'top')).count() = 1 AND trait('big') = true).count() >= 1"}}
  recent: {when: {segment: "entity('orders').where(property('at').within_last(1 day)).count() >= 1"}}
E
ana='"type":"track","event":"Page","userId":"ana"'
cat >in <<E
{"type":"object","collection":"products","id":"p1","properties":{"sku":"p1","price":90},"timestamp":"2026-03-01T00:00:00.000Z","messageId":"1"}
{"type":"object","collection":"products","id":"p2","properties":{"sku":"p2","price":30},"timestamp":"2026-03-01T00:00:00.000Z","messageId":"2"}
{"type":"object","collection":"orders","id":"o1","properties":{"order_id":"o1","total":600,"top":90,"at":"2026-03-01T00:00:00Z","items":[{"sku":"p1"},{"sku":"p2"},{"sku":"p1"}]},"timestamp":"2026-03-01T00:00:00.000Z","messageId":"3"}
{"type":"object","collection":"orders","id":"7","properties":{"order_id":7,"total":20},"timestamp":"2026-03-01T00:00:00.000Z","messageId":"4"}
{"type":"object","collection":"accounts","id":"a1","properties":{"email":"ana@example.com"},"timestamp":"2026-03-01T00:00:00.000Z","messageId":"5"}
{"type":"identify","userId":"ana","timestamp":"2026-03-01T09:00:00.000Z","messageId":"6","traits":{"order_ids":["o1","7","o1","o9"],"goal":620}}
{"type":"identify","userId":"ana","timestamp":"2026-03-01T10:00:00.000Z","messageId":"7","traits":{"order_ids":"7","email":"ana@example.com"}}
{"type":"identify","userId":"ana","timestamp":"2026-03-01T11:00:00.000Z","messageId":"8","traits":{"order_ids":["o1",7]}}
{"type":"object","collection":"orders","id":"o1","properties":{"order_id":"o1","total":600,"top":90,"at":"2026-03-01T00:00:00Z","open":true},"timestamp":"2026-03-01T12:00:00.000Z","messageId":"9"}
{$ana,"timestamp":"2026-03-01T13:00:00.000Z","messageId":"10"}
{"type":"object","collection":"orders","id":"o1","deleted":true,"timestamp":"2026-03-03T12:00:00.000Z","messageId":"11"}
{$ana,"timestamp":"2026-03-03T13:00:00.000Z","messageId":"12"}
E
cdp-ingest in | cdp-merge | cdp-audience | jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp, .event, .properties.audience_key]'
cdp-audience --explain user_id:ana known spent | jq -c '.audiences[].why | .. | objects | select(.if) | [.if, .needed, .actual, .would_change]'
cat >cdp.yaml <<'E'
version: 1
entities:
  orders: {key: order_id, by: traits.order_ids}
  lines: {by: properties.lines}
  stores:
  bad: {by: total}
audiences:
  a: {when: {segment: "entity('order').count() >= 1"}}
  b: {when: {segment: "entity('stores').count() >= 1"}}
  c: {when: {segment: "entity('lines').count() >= 1"}}
  d: {when: {segment: "entity('orders').where(entity('orders').count() > 1).count() >= 1"}}
  e: {when: {entity: orders, where: {total: {gt: 1}}}}
  f: {when: {entity: orders, within: 1d}}
  g: {when: {entity: orders, where: {trait: {e: {eq: true}}}}}
  h: {when: {entity: orders, where: {audience: i}}}
  i: {when: {audience: h}}
  j: {when: {entity: orders, where: {has: {count: 1}}}}
  k: {when: {entity: orders, sum: total, gt: 1}}
E
cdp-audience --check
