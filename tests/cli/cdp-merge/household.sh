# A household: its traits count what any member does; when they change, the
# other members get a line each, in order of profile id, after the event.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
identity: {identifiers: {user_id: {limit: 2}, anonymous_id: }}
groups:
  household:
    where: {traits.kind: household}
    limit: 3
    traits:
      orders_1h: {count: true, event: Order, within: 1h}
END
n=0
l() {
	n=$((n + 1))
	printf '{%s,"cdp":{"o":"main.ingest","n":%d}}\n' "$1" $n
}
g() {
	l "\"type\":\"group\",\"messageId\":\"g$n\",\"timestamp\":\"2025-03-03T10:00:00.000Z\",\"userId\":\"$1\",\"groupId\":\"$2\",\"traits\":{\"kind\":\"$3\"}"
}
o() {
	l "\"type\":\"track\",\"event\":\"Order\",\"messageId\":\"o$n\",\"timestamp\":\"2025-03-03T$2:00.000Z\",\"userId\":\"$1\",\"context\":{$3}"
}
{
	g ana casa-1 household
	g rui casa-1 household
	g ana work company
	g ivo casa-1 household
	g eva casa-1 household # one too many
	o rui 10:10 ''
	o ivo 10:20 '"groupId":"elsewhere"'
	o ana 10:30 '"groupId":"casa-1"'
	l '"type":"clock","now":"2025-03-03T11:10:00.000Z"'
	o eva 11:20 ''
	# Two members turn out to be one.
	l '"type":"identify","messageId":"x","timestamp":"2025-03-03T11:25:00.000Z","anonymousId":"a","userId":"rui"'
	l '"type":"identify","messageId":"y","timestamp":"2025-03-03T11:26:00.000Z","anonymousId":"a","userId":"ivo"'
	l '"type":"clock","now":"2025-03-03T12:00:00.000Z"'
} | cdp-merge --end=any |
	jq -c 'if .type == "end" then empty elif .type == "merge" then . else [.type, .event // .now, .timestamp, .profile.id, .profile.identifiers.user_id, .profile.groups.household] end'
