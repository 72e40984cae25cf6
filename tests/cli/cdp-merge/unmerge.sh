# A cookie of a kiosk has joined two people: it is taken back, and each is who
# there would be without it, with the events of before and after.  Then an
# event is; what it said may be said again.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
identity:
  identifiers:
    user_id: {from: userId, limit: 5}
    email: {from: traits.email, normalize: email}
    anonymous_id: {from: anonymousId, limit: 20}
traits:
  visits: {count: true, event: Visit}
  spent: {sum: properties.total, event: Order Completed}
END
e() {
	n=$((n + 1))
	printf '{"messageId":"m%d","timestamp":"2025-03-%02dT10:00:00.000Z","type":%s}\n' $n $n "$1"
}
n=0
{
	e '"track","event":"Visit","userId":"ana","anonymousId":"phone"'
	e '"identify","userId":"bob","traits":{"email":"bob@example.com","tier":"gold"}'
	e '"track","event":"Visit","userId":"ana","anonymousId":"kiosk"'
	e '"track","event":"Order Completed","userId":"ana","properties":{"total":10.5}'
	e '"track","event":"Visit","anonymousId":"kiosk"'
	e '"track","event":"Visit","userId":"bob","anonymousId":"kiosk"'
	e '"track","event":"Order Completed","userId":"bob","properties":{"total":99}'
	e '"unmerge","anonymous_id":["kiosk"]'
	e '"track","event":"Visit","userId":"bob","anonymousId":"kiosk"'
	e '"track","event":"Visit","userId":"ana","anonymousId":"phone"'
	e '"identify","userId":"ana","anonymousId":"sofa","traits":{"email":"bob@example.com"}'
	e '"unmerge","event":"m11","user_id":["ana"]'
	e '"unmerge","event":"m4","user_id":["ana"]'
	e '"unmerge","user_id":["nobody"]'
	e '"track","event":"Visit","userId":"nobody"'
	e '"track","event":"Visit","userId":"bob"'
} >in
show='if .profile then [.messageId // .type, .profile.id[0:6], .profile.identifiers, .profile.traits]
	elif .type == "merge" then [.type, .from[0:6], .into[0:6], .by]
	elif .type == "unmerge" and .sets then [.type, .from[0:6], .by, (.sets[] | .of[0:6])]
	elif .type == "unmerge" or .type == "violation" then [.type, .messageId, .violation] else empty end'
cdp-ingest in | cdp-merge --stats=json 2>err | jq -c "$show" | sed 's/"messageId"/"id"/'
sed -n '/^{/!p' err
sed -n '/^{"in"/p' err | jq -c '[.profiles_new, .profiles_merged, .profiles_split]'
echo "the same, a run for each line:"
while IFS= read -r line; do
	printf '%s\n' "$line" | cdp-ingest -s many | cdp-merge -s many 2>/dev/null
done <in | jq -c "$show" >lines
cdp-ingest -s one in | cdp-merge -s one 2>/dev/null | jq -c "$show" | cmp lines - && wc -l <lines
# What is kept of an identifier that was taken back goes with an erasure.
cdp-store -s one cat merge | grep -c '"taken"'
cdp-store -s one erase anonymous_id:kiosk user_id:nobody >/dev/null
echo "erased: $? $(cdp-store -s one cat merge | grep -c '"taken"')"
