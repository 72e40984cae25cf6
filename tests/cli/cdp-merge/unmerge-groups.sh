# Who was joined to strangers was in their groups: after an unmerge each is in
# the groups that own events have joined, and has left those that own events
# have left; the others of a group see it.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
identity:
  identifiers:
    user_id: {from: userId, limit: 5}
    anonymous_id: {from: anonymousId, limit: 20}
groups:
  household:
    from: groupId
    limit: 3
    leave: {event: Moved Out}
    traits: {orders: {count: true, event: Order Completed}}
END
e() {
	n=$((n + 1))
	printf '{"messageId":"m%d","timestamp":"2025-03-%02dT10:00:00.000Z","type":%s}\n' $n $n "$1"
}
n=0
{
	e '"group","userId":"dan","groupId":"one"'
	e '"group","userId":"ana","anonymousId":"kiosk","groupId":"one"'
	e '"track","event":"Order Completed","userId":"ana"'
	e '"group","userId":"bob","groupId":"two"'
	e '"track","event":"Order Completed","userId":"bob"'
	e '"track","event":"Seen","userId":"bob","anonymousId":"kiosk"'
	e '"group","anonymousId":"kiosk","groupId":"three"'
	e '"group","userId":"ana","anonymousId":"phone","groupId":"four"'
	e '"track","event":"Moved Out","userId":"ana","properties":{},"groupId":"four"'
	e '"unmerge","anonymous_id":"kiosk"'
	e '"track","event":"Order Completed","userId":"bob"'
	e '"track","event":"Order Completed","userId":"dan"'
} >in
show='if .profile then [.messageId // .type, .profile.identifiers.user_id, .profile.groups.household] else empty end'
cdp-ingest in | cdp-merge | jq -c "$show"
cdp-ingest -s one in | cdp-merge -s one | jq -c "$show" >want
cdp-ingest -s many in | grep -v '"type":"end"' | while IFS= read -r line; do
	{ printf '%s\n' "$line"; echo '{"type":"end","cdp":{"o":"main.ingest","lines":0}}'; } | cdp-merge -s many
done | jq -c "$show" | cmp want -
