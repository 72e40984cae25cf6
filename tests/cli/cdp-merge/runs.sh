# In one run or in several, and again: the same bytes.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
groups: {home: {traits: {n: {count: true, event: A, within: 5s}}}}
traits:
  n: {count: true, event: A, within: 3s}
  last: {last: messageId, event: A}
  all: {jq: '.traits.n, .groups.home.traits.n'}
END
i=0
while [ $i -lt 40 ]; do
	i=$((i + 1))
	u=$((i * 7 % 5)) a=$((i * 5 % 7))
	case $((i % 10)) in
	0) printf '{"type":"clock","now":"2025-03-03T10:00:%02d.500Z"' $i ;;
	3) printf '{"type":"group","messageId":"m%d","timestamp":"2025-03-03T10:00:%02d.000Z","anonymousId":"a%d","groupId":"g"' $i $i $a ;;
	5) printf '{"type":"identify","messageId":"m%d","timestamp":"2025-03-03T10:00:%02d.000Z","userId":"u%d","anonymousId":"a%d"' $i $i $u $a ;;
	*) printf '{"type":"track","event":"A","messageId":"m%d","timestamp":"2025-03-03T10:00:%02d.000Z","anonymousId":"a%d"' $i $i $a ;;
	esac
	printf ',"cdp":{"o":"main.ingest","n":%d}}\n' $i
done >in
cdp-merge -s one --end=any in >one.out
split -l 6 in part.
for p in part.*; do
	cdp-merge -s many --end=any "$p"
done | grep -v '"type":"end"' >many.out
grep -v '"type":"end"' one.out | cmp - many.out
cdp-merge -s many --end=any in | cmp - one.out
jq -r .type one.out | sort | uniq -c | awk '{print $2, $1}'
# People are the same from memory, all in one run, as from the log.
cdp-merge -s held --end=any --profiles in >held.out
cdp-merge -s held --end=any --profiles in | cmp - held.out
cdp-merge -s many --end=any --profiles in | cmp - held.out
