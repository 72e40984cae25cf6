# Batches with an outcome for each; dead letters sent again, what is held
# resolved; files for another sender.
. "$top/tests/http/lib.inc"
server
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
vars: {base: "http://127.0.0.1:$port"}
YAML
cat >>cdp.yaml <<'YAML'
destinations:
  all:
    allow_private: true
    batch: {max: 4, every: 1h}
    request: {url: '$vars.base + "/all"', body: '{events: map({i: .kept.i})}'}
  kinds:
    allow_private: true
    batch: {max: 10}
    request: {url: '$vars.base + "/kind/\(.kept.i % 2)"', body: 'map(.kept.i)'}
  bytes:
    allow_private: true
    batch: {max: 10, bytes: 1KB}
    request: {url: '$vars.base + "/bytes"', body: 'map(.kept.i)'}
  some:
    allow_private: true
    batch: {max: 4}
    request:
      url: '$vars.base + "/items=200,409,400"'
      body: 'map(.kept.i)'
      results: '.body.results + [{status: 422, said: "no \(.keys[3])"}]'
  fails:
    allow_private: true
    batch: {max: 2}
    request: {url: '$vars.base + "/x"', body: 'map(.kept.i) | if length > 1 then error("more than one") else . end'}
  dead:
    allow_private: true
    request: {url: '$vars.base + "/first=1/status=404/"', body: .kept}
  lost:
    allow_private: true
    request: {url: '$vars.base + "/first=1/cut=before/"', body: .kept}
YAML
{
	activations all 1 6 | head -n 6
	activations kinds 11 16 | head -n 6
	activations bytes 21 30 | head -n 10
	activations some 31 34 | head -n 4
	activations fails 41 43 | head -n 3
	activations dead 51 52 | head -n 2
	activations lost 61 62
} >in
ledger() {
	cdp-store cat deliver | jq -c 'select(.k | strings | startswith("k:")).v | [.destination, .seq, .status, .tries, .said]' | LC_ALL=C sort | grep "$1"
}
cdp-emit --deliver in >out
echo "status $?"
jq -c '[.path, .body]' log | LC_ALL=C sort
ledger 'some\|fails\|dead\|lost'
echo "-- a batch is not in the delivery line, its url is"
jq -c 'select(.destination == "all").request' out | head -n 1 | sed "s/$port/PORT/"
: >log
echo "-- --resolve and --redrive"
cdp-emit --resolve sent --only all
cdp-emit --resolve again
echo "status $?"
cdp-emit --redrive --only dead
echo "status $?"
jq -c '[.path, .body]' log | LC_ALL=C sort
ledger 'dead\|lost'
cdp-emit --resolve maybe
echo "status $?"
echo "-- --spool"
cdp-emit --spool spool/new in | jq -r '.status // .type' | sort | uniq -c
cdp-emit --spool spool/new in >/dev/null
find spool -type f
jq -c '[.destination, .request.url, .key]' spool/new/*.ndjson | sed "s/$port/PORT/" | sed -n '1p;30p'
