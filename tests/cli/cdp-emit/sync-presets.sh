# What the stream itself brings to each preset: people who enter and leave
# audiences, a trait, an event; lists as their providers want them, the digests
# made by another tool.
. "$top/tests/cli/cdp-emit/presets.inc"
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
audiences:
  vip: {when: {trait: tier, eq: gold}}
  late: {when: {trait: is_late, eq: true}}
destinations:
  meta: {preset: meta-audience, audiences: [vip], settings: {audience: "2385"}}
  google: {preset: google-ads, audiences: {vip: "77", late: "78"}, settings: {account: "123", list: "0"}}
  tiktok: {preset: tiktok-audience, audiences: {vip: "12345", late: "12346"}, settings: {advertiser: "9", audience: "0"}}
  iterable: {preset: iterable, audiences: [vip, late], settings: {list: 7}}
  braze: {preset: braze, audiences: [vip, late], traits: [tier], events: [Order Completed], settings: {endpoint: braze.example}}
  cio: {preset: customerio, audiences: [vip], traits: [tier], settings: {site_id: "1"}}
  klaviyo: {preset: klaviyo, audiences: {vip: gold_people}, traits: [tier]}
  mailchimp: {preset: mailchimp, audiences: [vip], settings: {server: us6, list: ab12}}
  segment: {preset: segment, audiences: [vip], traits: [tier], events: [Order Completed]}
  sales: {preset: salesforce, traits: [tier], settings: {instance: loja.example, by: Id__c, fields: {Level__c: tier, Phone: phone}}}
  form: {preset: segment, audiences: [vip], settings: {form: identify}}
YAML
who() { # USER TIME TIER LATE
	echo '{"type":"identify","messageId":"'"$1$2"'","userId":"'"$1"'","timestamp":"2026-01-01T0'"$2"':00:00Z","traits":{"email":"'"$1"'@example.com","phone":"+55119123456'"$2"'8","tier":"'"$3"'","is_late":'"$4"'}}'
}
{
	who ana 1 gold true
	who bia 1 gold false
	who caio 1 tin true
	echo '{"type":"track","event":"Order Completed","messageId":"o1","userId":"ana","timestamp":"2026-01-01T02:00:00Z","properties":{"total":1}}'
	who ana 3 tin true
	who bia 4 tin false
} | cdp-ingest | cdp-merge | cdp-audience >in
cdp-emit --deliver --wait 0 in >out 2>/dev/null # libjq loses some bytes
jq -r 'select(.status == "held" or .status == "failed") | "\(.destination) \(.action): \(.status) \(.detail)"' out
jq -c '[.method, .path, .body]' log | LC_ALL=C sort -s | sed 's/"messageId":"[^o][^"]*",//g' >all
for v in ana@example.com bia@example.com caio@example.com +5511912345618 \
    +5511912345638 5511912345618 5511912345638 +5511912345648 5511912345648; do
	printf 's/%s/SHA(%s)/g\n' "$(printf %s "$v" | sha256sum | cut -d' ' -f1)" "$v"
done >digests
sed -f digests all
