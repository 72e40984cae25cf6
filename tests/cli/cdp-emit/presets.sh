# What each preset sends for each of its actions; that none is without a sample;
# and what it says of a setting that is missing.
. "$top/tests/cli/cdp-emit/presets.inc"
cat >samples <<'SAMPLES'
braze {endpoint: rest.iad-01.braze.com, app_id: app, campaign: c1, existing_only: true} send,track,identify,add
braze {endpoint: rest.iad-01.braze.com, canvas: c2, alias: web} send
customerio {site_id: "12345"} track,identify
iterable {list: 7, campaign: 8} send,track,identify,add,remove,fly
klaviyo {list: XyZ} track,identify,subscribe,unsubscribe
mailgun {domain: mg.loja.example, from: "Loja <oi@loja.example>"} send
rudderstack {dataplane: loja.dataplane.rudderstack.com} send,track,identify
segment {audience: vip} send,track,identify,add,remove
sendgrid {from: oi@loja.example, from_name: Loja} send
sendgrid {from: oi@loja.example, template: d-1, reply_to: sac@loja.example, group: 7, categories: [cart]} send
sendgrid-contacts {list: l-1} identify,add,remove
slack {channel: general} send
twilio {account: AC1, from: "+15550100"} send
twilio {account: AC1, from: MG2, api_key: SK3} send
twilio {account: AC1, from: MG2, content: HX1} send
twilio-whatsapp {account: AC1, from: "+15550100"} send
twilio-whatsapp {account: AC1, from: "+15550100", content: HX1} send
apns {topic: example.loja.app, key_id: K1, team_id: T1} send
fcm {project: loja-1} send
google-ads {account: "123", list: "77"} add,remove
hubspot {event: pe1_order} identify,track
intercom {endpoint: api.intercom.io} track
mailchimp {server: us6, list: ab12} identify,subscribe,unsubscribe
mailchimp-events {server: us6, list: ab12} track,identify
meta-audience {audience: "2385"} add,remove,send
meta-conversions {pixel: "1233", test_event_code: TEST1, data_processing_options: [LDU]} track
salesforce {instance: loja.my.salesforce.com, by: CDP_Id__c} identify
tiktok-audience {advertiser: "123", audience: "12345"} add,remove
zendesk {subdomain: loja, agent: bot@loja.example} send,identify
SAMPLES
for f in share/destinations/*.yaml; do
	p=${f##*/}
	grep -q "^${p%.yaml} " samples || echo "no sample of $p"
done
awk '
function person() {
	return "{\"id\":\"p_1\",\"case\":\"" name " " $1 "\",\"identifiers\":{\"user_id\":[\"ana\"],\"anonymous_id\":[\"a1\"]}," \
	    "\"traits\":{\"email\":\"ana@example.com\",\"phone\":\"+5511912345678\",\"firstName\":\"Ana\"," \
	    "\"lastName\":\"Souza\",\"address\":{\"city\":\"São Paulo\",\"country\":\"BR\",\"postalCode\":\"01310-100\",\"state\":\"SP\"}," \
	    "\"pushToken\":\"tok\",\"since\":\"2024-01-02T03:04:05.000Z\",\"points\":7}}"
}
function event() {
	return "{\"type\":\"track\",\"event\":\"Order Completed\",\"messageId\":\"m1\",\"userId\":\"ana\"," \
	    "\"timestamp\":\"2026-01-01T00:00:00.500Z\",\"properties\":{\"order_id\":\"o1\",\"total\":180.5," \
	    "\"currency\":\"BRL\",\"products\":[{\"product_id\":\"p1\",\"quantity\":2,\"price\":90.25}]}}"
}
BEGIN {
	print "version: 1\nproject: {name: t}\ntemplates:\n" \
	    "  hi: {subject: \x27\"Olá \\(.profile.traits.firstName)\"\x27, text: \x27\"a & b\"\x27, html: \x27\"<p>a</p>\"\x27}\n" \
	    "journeys:\n  cart: {enter: {event: X}, steps: [{id: remove, send: d01, action: remove}, {id: end, end: x}]}\n" \
	    "destinations:" >"cdp.yaml"
}
{
	at = index($0, "{")
	end = index($0, "}")
	n = split(substr($0, end + 2), action, ",")
	name = sprintf("d%02d", NR)
	printf "  %s: {preset: %s, settings: {%s}\n", name, $1,
	    substr($0, at + 1, end - at) >"cdp.yaml"
	for (i = 1; i <= n; i++) {
		m++
		printf "{\"type\":\"activation\",\"messageId\":\"act_%d\"," \
		    "\"timestamp\":\"2026-01-01T10:00:00.000Z\",\"journey\":\"cart\",\"step\":\"%s\"," \
		    "\"instance\":\"ins_1\",\"destination\":\"%s\",\"action\":\"%s\",\"template\":\"hi\"," \
		    "\"profile\":%s,\"kept\":{\"name\":\"Mug\",\"price\":90.25},\"event\":%s," \
		    "\"cdp\":{\"o\":\"main.journey\",\"n\":%d}}\n", m, action[i], name, action[i], person(), event(), m
	}
}
END {
	print "{\"type\":\"end\",\"cdp\":{\"o\":\"main.journey\"}}"
}' samples >in
cdp-emit --deliver --wait 0 in >out 2>/dev/null
jq -r 'select(.type == "delivery" and .status != "queued") | "\(.destination) \(.action): \(.status) \(.detail)"' out
jq -c '[.headers["X-Case"], .method, .path, (.headers | del(.["X-Case"], .["Idempotency-Key"], .Host,
	.["Content-Length"], .["User-Agent"], .Accept)), .body]' log | LC_ALL=C sort -s -k 1,1
echo "-- faults"
for p in share/destinations/*.yaml; do
	n=${p##*/}
	printf 'version: 1\nproject: {name: t}\ndestinations:\n  a: {preset: %s}\n' "${n%.yaml}" >cdp.yaml
	cdp-emit --check 2>&1 | sed -n 's/.*error\[missing-key\]: //p'
done
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
destinations:
  d: {allow_private: true, request: {method: '"PO" + "TS"', url: '"http://127.0.0.1:$port/"'}}
YAML
activations d 1 1 | cdp-emit 2>/dev/null | jq -r 'select(.type == "delivery") | .detail'
