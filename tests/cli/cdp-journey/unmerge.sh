# Two people whom a kiosk had joined are told apart while they are on their
# way: each goes on with what own events began, under the own profile; what
# only the kiosk began ends and is undone; and nobody enters again what own
# events have begun and that admits once.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
identity:
  identifiers:
    user_id: {from: userId, limit: 5}
    anonymous_id: {from: anonymousId, limit: 20}
traits: {city: {last: traits.city}}
journeys:
  cart:
    enter: {event: Product Added, per: properties.cart}
    exit: [{id: bought, event: Order Completed}]
    steps:
      - {id: ad, send: ads, action: add, undo: remove}
      - {id: hold, hold: 10h}
      - {id: tell, send: mail}
  hello:
    enter: {event: Signed Up, again: once}
    steps: [{id: tell, send: mail}]
  keen:
    enter: {event: Visit, count: {gte: 3}}
    steps: [{id: tell, send: mail}]
destinations:
  mail: {preset: file, settings: {dir: out}}
  ads: {preset: file, settings: {dir: out}}
END
e() {
	n=$((n + 1))
	printf '{"messageId":"m%d","timestamp":"2025-03-01T%02d:00:00.000Z","type":%s}\n' $n $n "$1"
}
n=0
{
	e '"identify","userId":"ana","anonymousId":"kiosk","traits":{"city":"Lisboa"}'
	e '"identify","userId":"bob","anonymousId":"kiosk","traits":{"city":"Porto"}'
	e '"track","event":"Product Added","userId":"bob","properties":{"cart":"b"}'
	e '"track","event":"Product Added","userId":"ana","properties":{"cart":"a"}'
	e '"track","event":"Product Added","anonymousId":"kiosk","properties":{"cart":"k"}'
	e '"track","event":"Signed Up","userId":"bob"'
	e '"track","event":"Visit","userId":"bob"'
	e '"track","event":"Visit","anonymousId":"kiosk"'
	e '"unmerge","anonymous_id":"kiosk"'
	e '"track","event":"Signed Up","userId":"bob"'
	e '"track","event":"Signed Up","userId":"ana"'
	e '"track","event":"Visit","userId":"bob"'
	e '"track","event":"Order Completed","userId":"ana"'
	e '"track","event":"Visit","userId":"bob"'
} >in
show='if .type == "activation" then [.timestamp[11:16], .journey, .step, .action, .kept.cart // .event.properties.cart,
	.profile.identifiers.user_id, .profile.traits.city]
	elif .sets then [.timestamp[11:16], .type, .from[0:6], (.sets[] | .of[0:6])] else empty end'
cdp-ingest in | cdp-merge 2>/dev/null | cdp-audience | cdp-journey --stats=json 2>stats | jq -c "$show"
jq -c '.journeys[] | [.entered, .outcomes]' stats
cdp-ingest -s many in | grep -v '"type":"end"' | while IFS= read -r line; do
	{ printf '%s\n' "$line"; echo '{"type":"end","cdp":{"o":"main.ingest","lines":0}}'; } |
		cdp-merge -s many 2>/dev/null | cdp-audience -s many | cdp-journey -s many
done | jq -c "$show" >lines
cdp-ingest -s one in | cdp-merge -s one 2>/dev/null | cdp-audience -s one | cdp-journey -s one |
	jq -c "$show" | cmp lines -
