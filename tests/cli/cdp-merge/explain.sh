# Why two identifiers are one person, what would part them, why two are not;
# the same as a drawing, and as edges.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
identity:
  identifiers:
    user_id: {from: userId, limit: 1}
    email: {from: traits.email, normalize: email}
    anonymous_id: {from: anonymousId, limit: 20}
END
n=0
e() {
	n=$((n + 1))
	printf '{"type":"identify","messageId":"m%d","timestamp":"2025-03-%02dT10:00:00.000Z",%s,"cdp":{"o":"main.ingest","n":%d}}\n' $n $n "$1" $n
}
{
	e '"userId":"ana","anonymousId":"phone"'
	e '"anonymousId":"laptop","traits":{"email":"Ana@Example.com"}'
	e '"anonymousId":"phone","traits":{"email":"ana@example.com"}'
	e '"anonymousId":"laptop","traits":{"email":"ana@work.example"}'
	e '"userId":"ana","traits":{"email":"ana@work.example"}'
	e '"userId":"bob","anonymousId":"laptop"'
} | cdp-merge --end=any >out || exit 1
x() {
	echo "$1:"
	cdp-merge --explain "$1"
	echo "status $?"
}
x user_id:ana,anonymous_id:laptop
x email:ANA@WORK.example,anonymous_id:phone
x user_id:ana,anonymous_id:phone
x user_id:ana,user_id:bob
x "$(jq -r 'select(.messageId == "m2") | .profile.id' out),user_id:ana"
x email:ana@example.com
x email:nobody@example.com
x user_id:ana,user_id:nobody
cdp-merge --edges
cdp-merge --graph=dot user_id:bob anonymous_id:phone
cdp-merge --graph=svg anonymous_id:phone
cdp-merge --graph=svg
cdp-merge -s none --edges
