# A value leaves its window at its own instant, not at the clock line that
# lets time pass, and only who shows something else gets a line.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
traits:
  views_1h: {count: true, event: View, within: 1h}
  spent: {sum: properties.total, event: Buy, within: 2h}
  mean: {avg: properties.total, event: Buy}
  dearest: {max: properties.total, event: Buy, within: 90m}
  top: {most_frequent: properties.c, event: View}
  seen: {unique: properties.c, event: View}
  last_at: {last: timestamp, event: [View, Buy]}
  tier: {last: traits.tier, default: none}
  worth: {jq: 'if (.traits.spent // 0) >= 10 then "much" else "little" end'}
END
n=0
e() {
	n=$((n + 1))
	printf '{"type":"track","event":"%s","messageId":"m%d","timestamp":"2025-03-03T%s:00.000Z","userId":"%s","properties":%s,"cdp":{"o":"main.ingest","n":%d}}\n' "$1" $n "$2" "$3" "$4" $n
}
t() {
	n=$((n + 1))
	printf '{"type":"clock","now":"2025-03-03T%s:00.000Z","cdp":{"o":"main.ingest","n":%d}}\n' "$1" $n
}
{
	e View 10:00 u '{"c":"shoes"}'
	e View 10:10 u '{"c":"bags"}'
	e Buy 10:20 u '{"total":0.1}'
	e Buy 10:30 u '{"total":19.9}'
	e View 10:30 v '{"c":"bags"}'
	t 10:40
	e View 11:05 u '{"c":"bags"}'
	t 11:09
	t 11:10
	e Buy 09:30 u '{"total":5}' # late, and too late for the window of 90m
	t 14:00
} | cdp-merge --end=any |
	jq -c 'if .type == "end" then empty elif .type == "clock" then .now else [.type, .timestamp, .profile.identifiers.user_id[], .profile.traits] end'
