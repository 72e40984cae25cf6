# What templates write for people: amounts, dates, and what an SMS costs; and
# no text says "null", not even within a string.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t, timezone: America/Sao_Paulo, locale: pt-BR, currency: BRL}
limits: {segments: 2}
destinations:
  sms: {preset: file, settings: {dir: o}}
  email: {preset: file, settings: {dir: o}, to: '"<\(.profile.traits.mail)>"'}
templates:
  money: {text: '[1234.5, 0.005, -1234567.895, "99.90", 0] | map(currency) | join(" | ")'}
  other: {text: '[(1234.5|currency("USD")), (3|currency("CHF")), (1234.5678|number), (1234.5678|number(1)), ("2020-10-01T00:41:01.324+05:30" | seconds | tostring)] | join(" | ")'}
  when: {text: '[(.timestamp|date("short", "long", "time")), (1700000000|date("%A %-d/%-m")), (.timestamp|date("time"; "Asia/Tokyo"))] | join(" | ")'}
  missing: {text: '"Olá \(.profile.traits.name), \("x \(1)")"'}
  deep: {text: '"a\("b\(.x["y\(.profile.id)"])c")"'}
  given: {text: '"Olá \(.profile.traits.name // "você") \(false) \([1,"a"] | length)"'}
  file: {text: hi.txt, html: hi.html}
  words: {text: '"abc" | currency'}
  form: {text: '.timestamp | date("%Q")'}
  zone: {text: '.timestamp | date("time"; "Mars")'}
  short: {text: '"Sua compra: " + (10 | currency)'}
  long: {text: '"não " * 40'}
YAML
printf 'Total {{ 12.5 | currency }} {{ "\\(.kept.n)" }}\n' >hi.txt
printf '<b>{{ "\\(.kept.n) & co" }}</b> {{ def f: "<i>\\(.)</i>"; (1, null) | f | @raw }}\n' >hi.html
n=0
for t in money other when missing deep given file words form zone short long; do
	n=$((n + 1))
	echo '{"type":"activation","messageId":"act_'$n'","timestamp":"2026-03-02T02:30:00.000Z","journey":"j","step":"s","instance":"i","destination":"sms","action":"send","template":"'$t'","profile":{"id":"p"},"kept":{"n":3},"cdp":{"o":"main.journey","n":'$n'}}'
done >in
echo '{"type":"activation","messageId":"act_m","timestamp":"2026-03-02T02:30:00.000Z","journey":"j","step":"s","instance":"i","destination":"email","action":"send","template":"short","profile":{"id":"p"},"cdp":{"o":"main.journey","n":99}}' >>in
cdp-emit --end=any <in 2>/dev/null | jq -c '[.status, .reason, .detail, .warning] + [.message | (values | to_entries[] | .value)] | map(values)'
sed -i 's/pt-BR/pt-XY/; s/BRL/reais/; s/segments: 2/segments: 0/' cdp.yaml
cdp-emit --check
