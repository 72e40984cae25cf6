# Rows of `type: object` are looked up in traits, audiences, journeys and
# templates; what was learnt in one run is there in the next, and a changed row
# counts from the next event on.  Which row is newest does not depend on the
# order of arrival.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
entities:
  products: {key: sku}
  stores: {collection: shops}
traits:
  seen: {last: '.properties | lookup("products"; .product_id).name', event: Viewed}
  sku: {last: properties.product_id, event: Viewed}
  category: {jq: 'lookup("products"; .traits.sku).category'}
  city: {jq: 'lookup("stores"; "s1").city'}
audiences:
  shoes: {when: {jq: 'lookup("products"; .traits.sku).category == "Shoes"'}}
consent: {unknown: allow}
journeys:
  j:
    enter: {event: Viewed, again: each, if: {jq: 'lookup("products"; .event.properties.product_id).price > 10'}}
    steps: [{id: mail, send: out, template: t}]
templates:
  t: {text: '"\(lookup("products"; .event.properties.product_id).name) is waiting"'}
destinations:
  out: {preset: file, to: .profile.id, settings: {dir: out}}
END
row() { # id timestamp properties
	printf '{"type":"object","collection":"products","id":"%s","messageId":"r%s","timestamp":"2026-01-01T%s:00Z","properties":%s}\n' "$1" "$2" "$2" "$3"
}
view() { # time product
	printf '{"type":"track","event":"Viewed","userId":"a","messageId":"v%s","timestamp":"2026-01-01T%s:00Z","properties":{"product_id":%s}}\n' "$1" "$1" "$2"
}
run() {
	cdp-ingest | cdp-merge | tee merged | cdp-audience | cdp-journey | cdp-emit |
		jq -r 'select(.type == "delivery") | "-> \(.message.text)"'
	jq -r 'select(.profile) | "\(.timestamp[11:16]) \(.profile.traits | tojson)"' merged
}
{
	printf '%s\n' '{"type":"object","collection":"shops","id":"s1","properties":{"city":"Recife"}}'
	row p7 09:00 '{"sku":7,"name":"Runner","category":"Shoes","price":20}'
	view 10:00 '"7"'
} | run
{
	row p7 10:10 '{"sku":7,"name":"Runner II","category":"Sale","price":5}'
	row p7 10:05 '{"sku":7,"name":"Old","category":"Old","price":90}'
	view 10:20 7
	view 10:30 8
	row p8 10:40 '{"sku":8,"name":"Boot","category":"Shoes","price":200}'
	view 10:50 8
	row p8 10:55 '{"sku":8},"deleted":true'
	view 11:00 8
} | run
cdp-store cat audience | grep '"e:' | cut -c1-100
sed -i 's/"products"; .traits/"product"; .traits/' cdp.yaml
cdp-store check
sed -i 's/"product"; .traits/"prod" + "uct"; .traits/' cdp.yaml
view 12:00 8 | cdp-ingest | cdp-merge >/dev/null
