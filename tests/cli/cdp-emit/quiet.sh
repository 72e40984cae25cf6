# Nobody is woken: what comes in quiet hours waits for the morning where the
# person is, and goes through the gates again as things stand then.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t, timezone: America/Sao_Paulo}
consent: {categories: {Marketing: {destinations: [sms]}}}
limits:
  quiet: {channels: [sms], from: "21:00", to: "08:00", timezone: profile, then: defer}
  caps: [{channels: [sms], max: 1 per 2h}]
destinations:
  sms: {preset: file, settings: {dir: out/sms}, to: .profile.traits.phone}
  email: {preset: file, settings: {dir: out/email}}
YAML
n=0
say() {
	n=$((n + 1))
	echo "{$1,\"cdp\":{\"o\":\"main.journey\",\"n\":$n}}"
}
# who ID CONSENT [ZONE]
who() {
	echo '"profile":{"id":"p_'"$1"'","traits":{"phone":"+1'"$1"'"'"${3:+,\"timezone\":\"$3\"}"'},"consent":{"Marketing":'"$2"'}}'
}
# to DESTINATION TIME ACTION PROFILE...
to() {
	say '"type":"activation","messageId":"act_'$n'","timestamp":"2026-01-'"$2"'.000Z","journey":"j","step":"s'"$1"'","instance":"i_'"$4"'","destination":"'"$1"'","action":"'"$3"'",'"$(shift 3 && who "$@")"
}
clock() {
	say '"type":"clock","now":"2026-01-'"$1"'.000Z"'
}
{
	to sms 02T00:30:00 send a true                # 21:30: until 11:00 UTC
	to email 02T00:30:00 send a true              # no quiet there
	to sms 02T00:40:00 send b true Asia/Tokyo     # 9:40 there
	to sms 02T00:50:00 send c true                # will say no meanwhile
	to sms 02T01:00:00 send d true Europe/Lisbon  # until 8:00 UTC
	to sms 02T02:00:00 send a true                # one too many then
	to sms 02T02:00:00 send e true                # taken back
	say '"type":"track","event":"X","timestamp":"2026-01-02T03:00:00.000Z",'"$(who c false)"
	to sms 02T03:00:00 remove e true
	say '"type":"merge","timestamp":"2026-01-02T04:00:00.000Z","from":"p_d","into":"p_dd","by":"m"'
	clock 02T07:59:00
	clock 02T12:00:00
	to sms 02T23:59:59 send f true                # 20:59:59
	to sms 03T00:00:00 send g true                # 21:00:00
	clock 03T10:59:00
	to sms 03T11:00:00 send h true                # 08:00:00
	clock 03T11:00:00
	echo '{"type":"end","cdp":{"o":"main.journey","lines":'$n'}}'
} >in.ndjson
cdp-emit <in.ndjson >once
sed -n 's/.*"timestamp":"2026-01-\([^"]*\)".*"channel":"\([a-z]*\)","action":"\([a-z]*\)","profile":"\([a-z_]*\)"/\1 \4 \2 \3 /p' once |
	sed 's/,"cdp".*//'
# Killed after any line, and begun anew: the same bytes.
i=1
while [ $i -lt $n ]; do
	rm -rf store
	head -n $i in.ndjson | cdp-emit -s store >/dev/null 2>&1
	cdp-emit -s store <in.ndjson >again 2>&1
	cmp once again || echo "differs after $i"
	i=$((i + 3))
done
rm -rf store
head -n 1 in.ndjson | cdp-emit >/dev/null 2>&1
cdp-store cat emit | grep '"later"'

# Or they are dropped.
rm -rf store
sed -i 's/then: defer/then: drop/; s/timezone: profile/timezone: UTC/' cdp.yaml
{
	n=0
	to sms 02T20:59:00 send a true
	to sms 02T21:00:00 send b true
	echo '{"type":"end","cdp":{"o":"main.journey","lines":'$n'}}'
} | cdp-emit | grep -o '"status.*"detail[^}]*'
sed -i 's/"21:00"/9pm/; s/zone: UTC/zone: Mars/' cdp.yaml
cdp-emit </dev/null
