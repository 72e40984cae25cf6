# The newest preferences hold and say it all; a merge of two opinions is a
# conflict until the next.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
consent: {categories: {Ads: {destinations: []}}}
END
n=0
e() {
	n=$((n + 1))
	printf '{"type":"track","event":"A","messageId":"m%d","timestamp":"2025-03-03T10:00:%02d.000Z",%s,"cdp":{"o":"main.ingest","n":%d}}\n' $n $n "$1" $n
}
{
	e '"userId":"u","context":{"consent":{"categoryPreferences":{"Ads":true,"Mail":true}}}'
	e '"userId":"u"'
	e '"userId":"u","context":{"consent":{}}'
	e '"userId":"u","context":{"consent":{"categoryPreferences":{"Mail":true}}}'
	e '"anonymousId":"a","context":{"consent":{"categoryPreferences":{}}}'
	e '"anonymousId":"a","userId":"u"'
	e '"userId":"u","context":{"consent":{"categoryPreferences":{"Ads":true}}}'
} | cdp-merge --end=any | jq -c 'select(.profile) | .profile.consent'
