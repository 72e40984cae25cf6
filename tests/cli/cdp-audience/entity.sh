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
  known: {when: {segment: "entity('accounts').count() >= 1 OR trait('VIP') = true"}}
  big: {when: {segment: "entity('orders').where(property('total') > 500).count() >= 1"}}
  dear: {when: {entity: orders, where: {properties.total: {gt: 500}, has: {entity: order-products, sum: properties.price, gt: 100}}, count: 1}}
  spent: {when: {segment: "entity('orders').sum(property('total')) >= trait('goal') AND NOT entity('orders').where(property('open') = true).count() >= 1"}}
  lone: {when: {segment: "entity('orders').where(entity('order-products').where(property('price') = property(parent: 'top')).count() = 1 AND trait('big') = true).count() >= 1"}}
  recent: {when: {segment: "entity('orders').where(property('at').within_last(1 day)).count() >= 1"}}
  fresh: {when: {entity: orders, max: properties.at, as: string, within_last: 36h}}
  seen: {when: {event: Page, last: properties.at, within_last: 1d}}
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
{$ana,"timestamp":"2026-03-01T13:00:00.000Z","messageId":"10","properties":{"at":"2026-03-01T07:00:00Z"}}
{"type":"object","collection":"orders","id":"o1","deleted":true,"timestamp":"2026-03-03T12:00:00.000Z","messageId":"11"}
{$ana,"timestamp":"2026-03-03T13:00:00.000Z","messageId":"12"}
E
cdp-ingest in | cdp-merge | cdp-audience | jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp, .event, .properties.audience_key]'
cdp-audience --explain user_id:ana known spent | jq -c '.audiences[].why | .. | objects | select(.if) | [.if, .needed, .actual, .would_change]'
# Rows that say themselves whose they are, and change their mind; lines of them,
# and products of those, by a table between.
cat >cdp.yaml <<'E'
version: 1
entities:
  orders: {key: order_id, by: identifiers.user_id, on: user_id}
  lines: {by: properties.order_id, on: order}
  products: {by: properties.sku}
audiences:
  two: {when: {segment: "entity('orders').count() >= 2"}}
  tea: {when: {segment: "entity('orders').where(entity('lines').where(entity('products').where(property('kind') = 'tea').count() > 0).sum(property('n')) >= 3).count() > 0"}}
  last: {when: {segment: "entity('orders').last(property('total')) = 5"}}
E
row() {
	printf '{"type":"object","collection":"%s","id":"%s","messageId":"%s","timestamp":"2026-03-0%sT00:00:00.000Z",%s}\n' "$@"
}
visit() {
	printf '{"type":"page","userId":"%s","timestamp":"2026-03-0%sT12:00:00.000Z","messageId":"%s"}\n' "$1" "$2" "$1$2"
}
{
	row products p1 1 1 '"properties":{"kind":"tea"}'
	row orders o1 2 1 '"properties":{"order_id":"o1","user_id":"ana","total":600}'
	row orders o2 3 1 '"properties":{"order_id":2,"user_id":"ana","total":5}'
	row lines l1 4 1 '"properties":{"order":2,"sku":"p1","n":2}'
	row lines l2 5 1 '"properties":{"order":"2","sku":"p1","n":1}'
	visit ana 1
	visit bia 1
	row orders o2 6 2 '"properties":{"order_id":2,"user_id":"bia","total":5}'
	visit ana 2
	visit bia 2
	row orders o1 8 3 '"properties":{"order_id":"o1","user_id":"bia","total":4}'
	visit bia 3
	row orders o1 9 4 '"properties":{"order_id":"o1"},"deleted":true'
	row lines l2 10 4 '"properties":{"order":1,"sku":"p1","n":1}'
	visit bia 4
} >in
cdp-ingest -s two in | cdp-merge -s two | cdp-audience -s two | jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp[:10], .profile.identifiers.user_id[0], .event, .properties.audience_key]'
cdp-store -s two cat audience | grep -o '{"k":"e::.*' | sort
cat >cdp.yaml <<'E'
version: 1
entities:
  orders: {key: order_id, by: traits.order_ids}
  lines: {by: properties.lines}
  alone: {on: x}
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
  l: {when: {segment: "trait('VIP') = 'true'"}}
E
cdp-audience --check
