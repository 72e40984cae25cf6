# Two people whom a kiosk had joined are told apart in the night: what waits
# goes to whom it is for, at the own address, and what only the kiosk asked for
# to nobody; each one's word holds for himself; and what went out before counts
# for both.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
identity:
  identifiers:
    user_id: {from: userId, limit: 5}
    anonymous_id: {from: anonymousId, limit: 20}
subscriptions: {email: opt_out}
limits:
  quiet: {channels: [sms], from: "21:00", to: "08:00", timezone: UTC, then: defer}
  caps: [{channels: [push], max: 1 per 7d}]
journeys:
  j:
    enter: {event: Ask, again: each}
    steps: [{id: sms, send: sms, template: t}, {id: mail, send: mail, template: t}, {id: app, send: app, template: t}]
destinations:
  sms: {preset: file, channel: sms, to: .profile.traits.phone, settings: {dir: out}}
  mail: {preset: file, channel: email, to: .profile.traits.phone, settings: {dir: out}}
  app: {preset: file, channel: push, to: .profile.traits.phone, settings: {dir: out}}
templates: {t: {text: '"hello"'}}
END
e() {
	n=$((n + 1))
	printf '{"messageId":"m%d","timestamp":"2025-03-%s:00:00.000Z","type":%s}\n' $n "$1" "$2"
}
n=0
{
	e 01T09 '"identify","userId":"ana","anonymousId":"kiosk","traits":{"phone":"+1"}'
	e 01T10 '"identify","userId":"bob","anonymousId":"kiosk","traits":{"phone":"+2"}'
	e 01T11 '"track","event":"Email Unsubscribed","userId":"ana"'
	e 01T22 '"track","event":"Ask","userId":"bob","properties":{"of":"bob"}'
	e 01T22 '"track","event":"Ask","userId":"ana","properties":{"of":"ana"}'
	e 01T22 '"track","event":"Ask","anonymousId":"kiosk","properties":{"of":"kiosk"}'
	e 01T23 '"unmerge","anonymous_id":"kiosk"'
	e 02T09 '"track","event":"Ask","userId":"bob","properties":{"of":"bob"}'
	e 02T09 '"track","event":"Ask","userId":"ana","properties":{"of":"ana"}'
} >in
show='select(.type == "delivery") | [.channel, .status, .reason, .to]'
cdp-ingest in | cdp-merge 2>/dev/null | cdp-audience | cdp-journey | cdp-emit 2>/dev/null | jq -c "$show"
cdp-ingest -s many in | grep -v '"type":"end"' | while IFS= read -r line; do
	{ printf '%s\n' "$line"; echo '{"type":"end","cdp":{"o":"main.ingest","lines":0}}'; } |
		cdp-merge -s many 2>/dev/null | cdp-audience -s many | cdp-journey -s many | cdp-emit -s many 2>/dev/null
done | jq -c "$show" >lines
cdp-ingest -s one in | cdp-merge -s one 2>/dev/null | cdp-audience -s one | cdp-journey -s one |
	cdp-emit -s one 2>/dev/null | jq -c "$show" | cmp lines -
