# The abandoned cart of the manual: a mail after half an hour, a text or not
# after two, an ad after a day that a purchase takes back.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: cart}
destinations:
  email: {preset: file, settings: {dir: out}}
  sms: {preset: file, settings: {dir: out}}
  ads: {preset: file, settings: {dir: out}}
templates:
  cart: {text: '"Your \(.kept.added.name) waits"'}
journeys:
  cart_abandonment:
    enter:
      event: Product Added
      where: {properties.price: {gt: 0}}
      if: {any: [{trait: email, exists: true}, {trait: phone, exists: true}]}
      per: properties.cart_id
      again: after_exit
      keep: {added: properties}
    exit:
      - {id: bought, event: Order Completed, outcome: converted}
    goal: {event: Order Completed, within: 7d, value: properties.total}
    steps:
      - {id: still_shopping, hold: 30m, restart_on: {event: Product Added}, keep: {added: properties}}
      - {id: email, send: email, template: cart}
      - {id: wait, until: 2h}
      - id: offer
        split:
          - {if: {trait: loyalty_tier, eq: gold}, goto: sms_gold}
          - {percent: 50, goto: sms}
          - {goto: day}
      - {id: sms_gold, send: sms, template: cart, then: day}
      - {id: sms, send: sms, template: cart}
      - {id: day, until: 24h}
      - {id: ad, send: ads, action: add, undo: remove, for: 14d}
      - {id: end, end: not_converted}
YAML
line() {
	n=$((n + 1))
	printf '%s,"cdp":{"o":"main.merge","n":%s}}\n' "$1" $n
}
event() {
	line "{\"type\":\"track\",\"event\":\"$3\",\"messageId\":\"$1$2\",\"timestamp\":\"2025-03-$2:00.000Z\",\"properties\":{$4},\"profile\":{\"id\":\"p_$1\",\"traits\":{$5}}"
}
clock() {
	line "{\"type\":\"clock\",\"now\":\"2025-03-$1:00.000Z\""
}
ana='"email":"ana@example.com","loyalty_tier":"gold"'
bia='"email":"bia@example.com"'
{
	event ana 03T10:00 'Product Added' '"cart_id":"c1","name":"hat","price":20' "$ana"
	event bia 03T10:05 'Product Added' '"cart_id":"c2","name":"cap","price":10' "$bia"
	event eva 03T10:06 'Product Added' '"cart_id":"c3","name":"bag","price":90' ''
	event ana 03T10:20 'Product Added' '"cart_id":"c1","name":"scarf","price":25' "$ana"
	clock 03T10:30
	clock 03T12:00
	event bia 03T12:10 'Order Completed' '"cart_id":"c2","total":10' "$bia"
	clock 05T00:00
	event ana 06T09:00 'Order Completed' '"order_id":"o1","total":45' "$ana"
	clock 30T00:00
	printf '{"type":"end","cdp":{"o":"main.merge","lines":%s}}\n' $n
} >in
cdp-journey -s st --stats=json <in >out 2>stats || exit
jq -c 'if .type == "activation"
	then [.timestamp, .profile.id, .step, .action, .template, .kept.added.name]
	else [.timestamp // .now, .type, .event] end' out
echo "why the ad, and why it goes:"
jq -r 'select(.step == "ad") | .action, "  " + .why[]' out
echo "counted:"
jq -c '.journeys.cart_abandonment' stats
echo "again:"
cdp-journey -s st <in | cmp - out && echo same
