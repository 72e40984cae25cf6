# What became of a delivery, by its id, its activation's or its person's; and
# how a message looks.
. "$top/tests/http/lib.inc"
server
cat >cdp.yaml <<YAML
version: 1
project: {name: t, locale: pt-BR, currency: BRL}
identity: {identifiers: {user_id: {from: userId}, email: {from: traits.email}}}
consent: {categories: {Marketing: {destinations: [email]}}}
destinations:
  email: {preset: file, settings: {dir: out}, to: .profile.traits.email, from: '"Loja <oi@loja.example>"'}
  sms: {preset: file, settings: {dir: out2}, to: .profile.traits.phone}
  crm:
    allow_private: true
    remembers: always
    request: {url: '"http://127.0.0.1:$port/first=1/status=503/" + .profile.identifiers.user_id[0]', body: '{who: .profile.traits.email}'}
templates:
  hi: {subject: '"Olá \(.profile.traits.name)"', html: hi.html, text: '"Oi <\(.kept.x.sku)>"'}
  sms: {text: '"Oi \(.profile.traits.name): " + ("total \(1234.5 | currency), " * 12)'}
  bad: {text: .profile.traits.nothing}
journeys:
  j:
    enter: {event: X, keep: {x: properties}}
    steps: [{id: mail, send: email, template: hi}, {id: crm, send: crm, action: track},
      {id: if, if: {trait: none, exists: true}, goto: sms}, {id: end, end: done}, {id: sms, send: sms, template: sms}]
YAML
echo '<b>{{ .profile.traits.name }}</b> {{ .kept.x.sku }}' >hi.html
{
	echo '{"type":"identify","messageId":"i1","userId":"ana","traits":{"email":"ana@example.com","name":"Ana & Zé","phone":"+55 11"},"context":{"consent":{"categoryPreferences":{"Marketing":true}}},"timestamp":"2026-01-01T00:00:00Z"}'
	echo '{"type":"identify","messageId":"i2","userId":"rui","traits":{"email":"rui@example.com"},"timestamp":"2026-01-01T00:00:00Z"}'
	echo '{"type":"track","event":"X","messageId":"x1","userId":"ana","properties":{"sku":"a\"1"},"timestamp":"2026-01-01T00:00:01Z"}'
	echo '{"type":"track","event":"X","messageId":"x2","userId":"rui","properties":{"sku":"b"},"timestamp":"2026-01-01T00:00:02Z"}'
} >in
cdp-ingest in | cdp-merge | cdp-journey | cdp-emit --deliver --wait 5s >out.ndjson 2>err
tidy() {
	jq -c '.attempts[]?.at |= (if . then "AT" else . end) | .attempts[]?.due |= (if . then "DUE" else . end)
		| .attempts[]? |= with_entries(select(.value != null))
		| [.gates[] | "\(if .open then "+" else "-" end)\(.gate)"] as $g
		| {log, destination, gates: ($g | join(" ")), decisions, input: (.input | {journey, step, kept, by: .event.messageId}), output, attempts, why}' |
		sed "s/:$port/:PORT/g"
}
id=$(jq -r 'select(.destination == "crm") | .messageId' out.ndjson | head -n 1)
cdp-emit --explain "$id" | tidy
echo "== by the activation"
cdp-emit --explain "$(jq -r 'select(.status == "held") | .activation' out.ndjson | head -n 1)" | tidy
echo "== by the person"
cdp-emit --explain user_id:ana | jq -c '[.delivery, .destination]' | sed 's/dlv_[0-9a-f-]*/ID/'
cdp-emit --explain nobody; echo $?

echo "== how it looks"
cdp-emit --preview email:ana@example.com hi | sed '/^body{/,/^.warn/d'
cdp-emit --preview user_id:ana sms | sed -n '/<dl>/,$p'
cdp-emit --preview user_id:ana bad; echo $?
cdp-emit --preview user_id:eva hi; echo $?
cdp-emit --preview user_id:ana ho; echo $?
cdp-emit --preview user_id:ana; echo $?
