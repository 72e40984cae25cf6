# Too many values of a type: the lowest-priority identifier of the event is
# left out, and a record says so, once a profile.  A shared device joins nobody
# and is reported when five have used it; a limit in a window lets go.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
identity:
  identifiers:
    user_id: {from: userId, limit: 1}
    email: {from: [traits.email, context.traits.email], normalize: email, limit: 5}
    anonymous_id: {from: anonymousId, limit: 2 per 7d}
END
n=0
e() {
	n=$((n + 1))
	printf '{"type":"identify","messageId":"m%d","timestamp":"2025-03-%02dT10:00:00.000Z",%s,"cdp":{"o":"main.ingest","n":%d}}\n' $n "$1" "$2" $n
}
{
	e 1 '"userId":"abc123","traits":{"email":"jane@example.com"}'
	e 1 '"userId":"abc456","traits":{"email":"jane@example.com"}'
	e 2 '"userId":"u1","anonymousId":"tablet"'
	e 2 '"userId":"u2","anonymousId":"tablet"'
	e 3 '"userId":"u1","anonymousId":"phone"'
	e 4 '"userId":"u1","anonymousId":"laptop"'
	e 10 '"userId":"u1","anonymousId":"laptop"'
	e 10 '"userId":"u1","anonymousId":"watch"'
	e 10 '"userId":"u1","anonymousId":"watch","traits":{"email":"nobody"}'
	e 10 '"userId":"u3","anonymousId":"tablet"'
	e 10 '"userId":"u4","anonymousId":"tablet"'
	e 10 '"userId":"u4","anonymousId":"tablet"'
	e 10 '"userId":"u5","anonymousId":"tablet"'
	e 11 '"anonymousId":"0000-0000","context":{"traits":{"email":" JANE@example.com "}}'
} | cdp-merge --end=any --stats=json 2>stats | jq -c '
	if .profile then [.messageId, .profile.id, .profile.identifiers]
	elif .type == "violation" then del(.timestamp, .cdp)
	else empty end'
sed -n '/^{/p' stats | jq -c '[.profiles_new, .profiles_merged, .identifiers_new, .hubs, .violations]'
