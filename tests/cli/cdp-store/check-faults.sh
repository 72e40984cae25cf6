# Faults of all kinds in four files, all told in one run, each at its place.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: loja, timezone: America/Sao_Paolo}
include: [rules.yaml, messages.yaml]
clock: {lateness: 10}
secrets: [SMS_TOKEN]
plan:
  events:
    Product Added:
      required: [price]
      properties: {price: {type: numbr}, name: {minLenght: 1}}
YAML
cat >rules.yaml <<'YAML'
identity:
  identifiers:
    email: {form: traits.email, limit: 5 per 7}
traits:
  orders: {count: true, event: Order Completed, whitin: 7d}
  orders: {count: true}
  a: {jq: '.traits.b'}
  b: {jq: '.traits.a | not'}
  tier: {jq: 'if .traits.orders > 3 then "high"'}
audiences:
  loyal: {when: {trait: orders, gt: "3"}}
  vip:   {when: {audience: loyall}}
journeys:
  cart:
    enter: {event: Product Added}
    steps:
      - {id: wait, hold: 30 minutes}
      - {id: email, send: emial, template: cart, then: edn}
      - {id: end, end: done}
YAML
cat >messages.yaml <<'YAML'
consent: {categories: {Marketing: {destinations: [email, smss]}}}
destinations:
  email: {preset: file, settings: {dir: out}}
  sms: {preset: xyzzy}
templates:
  cart: {subject: '"Olá"', text: cart.txt}
  gone: {html: crat.txt}
YAML
printf 'Olá {{ .profile.traits.firstName }}\n{{ .kept | }}\nfim {{ .x }\n' >cart.txt
cdp-store check
