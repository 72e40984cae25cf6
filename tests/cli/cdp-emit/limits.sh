# Who unsubscribed, or never subscribed, gets nothing, and nobody too much: a
# cap slides, counts all its channels, and follows a person who is merged.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
subscriptions: {email: opt_out, sms: opt_in, push: opt_in}
limits:
  caps:
    - {channels: [email], max: 1 per 24h}
    - {channels: [email, sms], max: 2 per 7d}
destinations:
  email: {preset: file, settings: {dir: out/email}}
  text: {preset: file, channel: sms, settings: {dir: out/text}}
  push: {preset: file, settings: {dir: out/push}}
YAML
n=0
say() {
	n=$((n + 1))
	echo "{$1,\"cdp\":{\"o\":\"main.journey\",\"n\":$n}}"
}
# to PROFILE DESTINATION TIME
to() {
	say '"type":"activation","messageId":"act_'$n'","timestamp":"2026-01-'"$3"'.000Z","journey":"j","step":"s","instance":"i","destination":"'"$2"'","action":"send","profile":{"id":"p_'"$1"'"}'
}
# heard PROFILE TIME EVENT PROPERTIES
heard() {
	say '"type":"track","event":"'"$3"'","timestamp":"2026-01-'"$2"'.000Z","properties":'"$4"',"profile":{"id":"p_'"$1"'"}'
}
{
	to a email 01T10:00:00
	to a email 02T09:59:59
	to a email 02T10:00:00
	to a text 02T11:00:00
	heard a 02T12:00:00 'Channel Subscription Updated' '{"channel":"SMS","status":"SUBSCRIBED"}'
	to a text 02T13:00:00
	to a text 08T10:00:00
	heard b 01T00:00:00 'Email Unsubscribed' '{}'
	to b email 01T01:00:00
	heard b 01T02:00:00 'Channel Subscription Updated' '{"type":"EMAIL","status":"subscribed"}'
	heard b 01T01:30:00 'Email Unsubscribed' '{}'
	to b email 01T03:00:00
	say '"type":"merge","timestamp":"2026-01-01T04:00:00.000Z","from":"p_b","into":"p_c","by":"m"'
	to c email 01T05:00:00
	to c push 01T05:00:00
	say '"type":"identify","timestamp":"2026-01-01T06:00:00.000Z","context":{"messaging_subscriptions":[{"key":"t","type":"IOS_PUSH","status":"SUBSCRIBED"},{"key":"+55","type":"SMS","status":"DID_NOT_SUBSCRIBE"}]},"profile":{"id":"p_c"}'
	to c push 01T07:00:00
	to c text 01T07:00:00
	say '"type":"delete","timestamp":"2026-01-01T08:00:00.000Z","profile":{"id":"p_c","merged":["p_b"]}'
	to c push 01T09:00:00
	to c email 01T09:00:00
	echo '{"type":"end","cdp":{"o":"main.journey","lines":'$n'}}'
} >in.ndjson
head -n 14 in.ndjson | cdp-emit -s store >first
cdp-emit -s store <in.ndjson >again || echo "status $?"
cdp-emit -s other <in.ndjson >once
cmp once again && echo "the same in two runs as in one"
sed -n 's/.*"timestamp":"2026-01-\([^"]*\)".*"channel":"\([a-z]*\)".*"profile":"\([a-z_]*\)"/\3 \2 \1 /p' once |
	sed 's/"why.*//; s/,"cdp".*//'
cdp-store -s store cat emit | grep '^{"k":"p_'

sed -i 's/1 per 24h/1 a day/; s/push: opt_in/pish: yes/' cdp.yaml
cdp-emit </dev/null
