# What many are seen with is told before it has made one of them: at the third,
# whether it joins them or they are kept apart by a limit, in the stream, on
# standard error, in the figures of the run and of the store.  Somebody with many
# cookies, and two addresses on each, is nobody's hub.
project() {
	cat >cdp.yaml <<END
version: 1
project: {name: t}
identity:
  $1
  identifiers:
    user_id: {from: userId, limit: $2}
    email: {from: traits.email, limit: 10}
    anonymous_id: {from: anonymousId, limit: 10}
END
}
e() {
	n=$((n + 1))
	printf '{"type":"identify","messageId":"m%d","timestamp":"2025-03-%02dT10:00:00.000Z",%s,"cdp":{"o":"main.ingest","n":%d}}\n' $n $n "$1" $n
}
n=0
{
	for i in 1 2 3; do
		e '"userId":"ana","anonymousId":"a'$i'","traits":{"email":"ana@x.example"}'
		e '"userId":"ana","anonymousId":"a'$i'","traits":{"email":"ana@y.example"}'
		e '"anonymousId":"a'$i'","traits":{"email":"ana@x.example"}'
	done
	for i in 1 2 3 4 5 6 7; do
		e '"userId":"u'$i'","anonymousId":"kiosk"'
		e '"userId":"u'$i'","anonymousId":"kiosk"'
	done
	for i in 1 2 3; do
		e '"anonymousId":"b'$i'","traits":{"email":"shop@shop.example"}'
		e '"userId":"w'$i'","traits":{"email":"shop@shop.example"}'
	done
} >in
run() {
	echo "$1, at most $2 users:"
	rm -rf store
	project "$1" "$2"
	cdp-merge --end=any --stats=json <in 2>err |
		jq -c 'select(.violation == "Identifier shared by many") | [.by, .identifier.value, .shared]'
	sed '/^{/d' err
	sed -n '/^{/p' err | jq -c '[.profiles_merged, .hubs]'
	cdp-merge --hubs | jq -c '[.identifier, .shared, .refused, .identifiers, .since]'
}
run 'hub: 3' 10
run 'hub: 3' 1
run 'hub: 7' 1
run 'hub: none' 1
