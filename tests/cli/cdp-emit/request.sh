# Requests: what leaves, with which headers; secrets only on the wire; an answer
# of each class; what is left says so.
. "$top/tests/http/lib.inc"
server
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
vars: {base: "http://127.0.0.1:$port"}
secrets: [TOKEN, OTHER]
YAML
cat >>cdp.yaml <<'YAML'
destinations:
  desk:
    to: .profile.traits.email
    allow_private: true
    request:
      method: PUT
      url: '$vars.base + "/first=1/status=503/" + (.to | @uri)'
      headers:
        Authorization: '"Bearer " + $secrets.TOKEN'
        X-Other: $secrets.OTHER
        X-To: .to
        X-Not: .kept.nothing
      body: '{n: .kept.i, key}'
  form:
    allow_private: true
    request: {url: '"\($vars.base)/form"', form: '{To: .profile.id, n: [1, "a b&ü"], no: null}'}
  plain:
    allow_private: true
    request: {url: '"\($vars.base)/?q=" + .profile.id', body: '"hi\n"', headers: {Content-Type: '"text/x"'}}
  get:
    allow_private: true
    request: {method: GET, url: '$vars.base'}
  dead:
    allow_private: true
    request: {url: '$vars.base + "/status=404/"'}
  moved:
    allow_private: true
    request: {url: '$vars.base + "/redirect=elsewhere"'}
  lost:
    allow_private: true
    request: {url: '$vars.base + "/cut=before"'}
  inject:
    allow_private: true
    request: {url: '$vars.base', headers: {X-A: '"a\r\nX-B: b"'}}
  wall:
    request: {url: '"https://localhost:1/"'}
YAML
for d in desk form plain get dead moved lost inject wall; do
	n=$((n + 1))
	activations $d $n $n | head -n 1
done >in
echo '{"type":"end","cdp":{"o":"main.journey"}}' >>in
echo "-- what is decided"
cdp-emit in | sed "s/$port/PORT/g" | jq -c '[.status, .request, .reason]' | head -n 9
echo "-- a secret is missing"
cdp-emit --deliver in
echo "status $?"
echo "-- sent"
echo fromfile >other
chmod 644 other
TOKEN=t0ken OTHER_FILE=other cdp-emit --deliver in
echo "status $?"
chmod 600 other
TOKEN=t0ken OTHER_FILE=other cdp-emit --deliver --stats in 2>err | jq -r .status
cat err >&2
LC_ALL=C sort -t / -k 2 log | jq -c 'del(.n, .conn, .ms, .headers["User-Agent"])' | sed "s/$port/PORT/g" | LC_ALL=C sort
echo "-- the ledger"
cdp-store cat deliver | jq -c 'select(.k | strings | startswith("k:")).v | [.destination, .seq, .status, .tries, .said]' | sed "s/$port/PORT/g" | LC_ALL=C sort
echo "-- nothing is sent twice"
cp log before
TOKEN=t0ken OTHER_FILE=other cdp-emit --deliver in >/dev/null
echo "status $?"
cmp log before
grep -rl 't0ken\|fromfile' store
