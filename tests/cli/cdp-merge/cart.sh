# The cart is what was put in since, with the newest value of each product.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
traits:
  cart:
    list: '.properties | {id, q}'
    event: Added
    key: properties.id
    remove: {event: Removed}
    reset: {event: [Ordered, Emptied]}
    keep: 2
END
n=0
e() {
	n=$((n + 1))
	printf '{"type":"track","event":"%s","messageId":"m%d","timestamp":"2025-03-03T10:00:%02d.000Z","userId":"u","properties":%s,"cdp":{"o":"main.ingest","n":%d}}\n' "$1" $n $n "$2" $n
}
{
	e Added '{"id":"p1","q":1}'
	e Added '{"id":"p2","q":1}'
	e Added '{"id":"p1","q":3}'
	e Added '{"q":3}'
	e Removed '{"id":"p2"}'
	e Added '{"id":7,"q":2}'
	e Added '{"id":"p8","q":2}'
	e Ordered '{}'
	e Added '{"id":"p1","q":1}'
} | cdp-merge --end=any | jq -c 'select(.event) | [.event, .profile.traits.cart]'
