# Presets: written out with settings; a signature over the whole body; secrets
# under names of one's own; what is wrong with each.
. "$top/tests/http/lib.inc"
server
mkdir -p share/destinations
export CDP_SHARE=$PWD/share
cp "$top/share/destinations/webhook.yaml" share/destinations
cat >share/destinations/desk.yaml <<'YAML'
about: a test
settings: {account: , base: , greeting: "olá \"you\" \\(1+1)"}
secrets: [DESK_TOKEN]
to: .profile.traits.email
allow_private: true
request:
  url: '$settings.base + "/desk"'
  headers: {Authorization: '$secrets.DESK_TOKEN + $settings.account'}
  body: '{text: "\($settings.greeting)", to}'
YAML
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
destinations:
  hook: {preset: webhook, settings: {url: "http://127.0.0.1:$port/hook"}, allow_private: true}
  one:  {preset: desk, settings: {account: "1", base: "http://127.0.0.1:$port"}}
  two:  {preset: desk, settings: {account: "2", base: "http://127.0.0.1:$port", greeting: oi}, secrets: {DESK_TOKEN: TWO}, to: '"two@example.com"'}
YAML
for d in hook one two; do
	n=$((n + 1))
	activations $d $n $n | head -n 1
done >in
echo '{"type":"end","cdp":{"o":"main.journey"}}' >>in
export WEBHOOK_SECRET=geheim DESK_TOKEN=a TWO=b
cdp-emit --deliver in >/dev/null
jq -c '[.path, .headers.Authorization, .headers["X-Signature"], .body]' log | LC_ALL=C sort
want=$(grep '"/hook"' log | sed 's/.*"body"://; s/}$//' | tr -d '\n' |
	openssl dgst -sha256 -hmac geheim | sed 's/.* //')
[ "$(grep '"/hook"' log | jq -r '.headers["X-Signature"]')" = "sha256=$want" ] ||
	echo "openssl says $want"
echo "-- a preset is part of the project"
sed -i 's/a test/another test/' share/destinations/desk.yaml
cdp-emit --deliver in >/dev/null 2>err
sed 's/(.*)/(...)/' err
echo "-- faults"
cat >bad.yaml <<'YAML'
version: 1
project: {name: t}
destinations:
  a: {preset: webhok}
  b: {preset: webhook}
  c: {preset: webhook, settings: {ulr: x, url: y}}
  d: {preset: desk, settings: {account: 1, base: x}, secrets: {DESK_TOKN: x}}
  e: {preset: ../../etc/passwd}
  f: {preset: webhook, request: {url: '"https://x.example/"'}}
  g: {request: {url: '"https://x.example" + .profile.id'}}
  h: {request: {url: .profile.traits.url}}
  i: {request: {url: '"https://\(.kept.host)/"'}}
  j: {request: {url: '"https://x.example/"', headers: {Host: '"a"', "a b": '"c"'}}}
  k: {request: {url: '"https://x.example/"', headers: {A: $secrets.NONE}, body: $secrets.NONE}}
  l: {request: {url: '"https://x.example/"'}, rate: 10, parallel: 100, remembers: soon, timeout: 1d}
  m: {preset: file, settings: {dir: out}, rate: 1/s}
YAML
mkdir bad
mv bad.yaml bad/cdp.yaml
cdp-emit -C bad --check
