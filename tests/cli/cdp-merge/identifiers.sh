# Segment's identifiers where Segment looks for them; custom ones in both
# spellings; context.externalIds, complete or not; addresses in one spelling.
n=0
e() {
	n=$((n + 1))
	printf '{"type":"identify","messageId":"m%d","timestamp":"2025-03-01T10:00:%02d.000Z",%s,"cdp":{"o":"main.ingest","n":%d}}\n' $n $n "$1" $n
}
ids='select(.profile) | [.messageId, .profile.identifiers]'
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
{
	e '"userId":7,"anonymousId":"a","traits":{"email":"Ana@Bücher.example"}'
	e '"context":{"device":{"type":"ios","id":"D1","token":"T1","advertisingId":"IDFA"}}'
	e '"context":{"device":{"type":"iOS","id":"D2","advertisingId":"F2","adTrackingEnabled":true}}'
	e '"context":{"device":{"type":"android","id":"D3","token":"T3","advertisingId":"F3","adTrackingEnabled":true}}'
	e '"context":{"device":{"type":"windows","id":"D4"}}'
	e '"context":{"integrations":{"Google Analytics":{"clientId":"12.34"}}}'
	e '"context":{"traits":{"email":"ana@xn--bcher-kva.example"},"externalIds":[{"id":"L9","type":"loyalty","collection":"users","encoding":"none"},{"id":"K1","type":"crm_id","collection":"users","encoding":"none"},{"id":"G","type":"group_id","collection":"accounts","encoding":"none"},{"id":"X","type":"x","collection":"users"},{"id":"other@b.c","type":"email","collection":"users","encoding":"none"}]}'
	e '"context":{"externalIds":[{"id":"L9","type":"loyalty","collection":"users","encoding":"none"}]}'
} | cdp-merge -s a --end=any 2>/dev/null | jq -c "$ids"
echo "written:"
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
identity:
  identifiers:
    user_id:
    loyalty_id: {limit: 1}
    till: {from: properties.till, where: {context.shop: {exists: true}}}
    braze_id:
    "*": {limit: 1}
  block: {file: blocked.txt}
END
printf 'till-9\n\nL0\n' >blocked.txt
n=0
{
	e '"userId":"u","anonymousId":"a","traits":{"loyaltyId":"L1"}'
	e '"properties":{"loyalty_id":"L1","till":"T"}'
	e '"properties":{"loyalty_id":"L1","till":"T"},"context":{"shop":1,"Braze":{"braze_id":"B"}}'
	e '"userId":"u","context":{"externalIds":[{"id":"P1","type":"pos","collection":"users","encoding":"none"}]}'
	e '"userId":"u","context":{"externalIds":[{"id":"P2","type":"pos","collection":"users","encoding":"none"}]}'
	e '"userId":"u","traits":{"loyaltyId":"L0"},"properties":{"till":"till-9"},"context":{"shop":1}'
} | cdp-merge -s b --end=any --stats=json 2>stats | jq -c "$ids"
jq -c '.violations' stats
