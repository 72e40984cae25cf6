#!/bin/sh
# Where requests may not go and what they may not say: private addresses however
# they are written, plain HTTP, redirections, headers and urls that data would
# break.  And secrets: a receiver quotes them, and yet they stand nowhere.
. "$top/tests/http/lib.inc"
bad=0
complain() {
	echo "$1"
	bad=1
}
: >log
server
# place N URL [MORE]: destination "wN"
place() {
	echo "  w$1: {$3request: {url: '\"$2\"'}}"
}
# 127.1 and the like are what a resolver makes of them.
walls="https://127.0.0.1:$port/ https://localhost:$port/ https://[::1]:$port/
https://[::ffff:127.0.0.1]:$port/ https://2130706433:$port/ https://0x7f.1:$port/
https://127.1:$port/ https://0.0.0.0:$port/ https://10.0.0.1/ https://192.168.1.1/
https://172.16.0.1/ https://172.31.255.255/ https://169.254.169.254/latest/meta-data/
https://100.64.0.1/ https://[fe80::1]/ https://[fd00::1]/ https://[::ffff:a00:1]/
https://[64:ff9b::7f00:1]/ https://224.0.0.1/ https://255.255.255.255/
http://127.0.0.1:$port/"
n=0
{
	printf 'version: 1\nproject: {name: t}\nvars: {file: "file://", gopher: "%s", smtps: "%s"}\ndestinations:\n' \
		"gopher://127.0.0.1:$port" "smtps://127.0.0.1:$port"
	for u in $walls; do
		n=$((n + 1))
		place $n "$u"
	done
	# The same with leave: then it is tried.
	# A host may come from a variable; the words before it are looked at later.
	for v in file gopher smtps; do
		n=$((n + 1))
		echo "  w$n: {request: {url: '\$vars.$v + \"/etc/passwd\"'}}"
	done
	place 101 "https://127.0.0.1:$port/" 'allow_private: true, timeout: 300ms, '
	place 102 "https://[::ffff:127.0.0.1]:$port/" 'allow_private: true, timeout: 300ms, '
} >cdp.yaml
cdp-emit --check 2>err || complain "$(cat err)"
{
	for i in $(seq $n) 101 102; do
		activations "w$i" "$i" "$i"
	done
} | grep -v '"end"' >in
cdp-emit --end=any --deliver --wait 0 in >out 2>err
cdp-store cat deliver | jq -r 'select(.k | strings | startswith("k:")).v |
    [.destination, .status, .said] | @tsv' | sort >ledger
grep -v '^w10' ledger | grep -v '	dead	the host is at a private address\|	dead	a url must be https' >through
[ -s through ] && complain "through the wall: $(cat through)"
[ "$(grep -c 'private address' ledger)" -eq $((n - 4)) ] &&
	[ "$(grep -c 'must be https' ledger)" -eq 4 ] || complain "$(cat ledger)"
[ "$(grep '^w10' ledger | grep -vc 'private')" -eq 2 ] ||
	complain "not even with leave: $(grep '^w10' ledger)"
[ -s log ] && complain "the server took $(cat log)"

cat >cdp.yaml <<YAML
version: 1
project: {name: t}
vars: {base: "http://127.0.0.1:$port"}
YAML
cat >>cdp.yaml <<'YAML'
secrets: [TOKEN, PASSPHRASE]
destinations:
  moved: {allow_private: true, request: {url: '$vars.base + "/redirect=away/status=\(.kept.i)"', body: '{i: .kept.i}'}}
  header: {allow_private: true, request: {url: $vars.base, headers: {X-A: .kept.x}}}
  url: {allow_private: true, request: {url: '$vars.base + "/" + .kept.x'}}
  encoded: {allow_private: true, request: {url: '$vars.base + "/" + (.kept.x | @uri)', headers: {X-A: '.kept.x | @uri'}}}
  tells:
    allow_private: true
    request:
      url: '$vars.base + "/status=401/echo/" + (.kept.i | tostring)'
      headers: {Authorization: '"Bearer " + $secrets.TOKEN'}
  basic:
    allow_private: true
    request:
      url: '$vars.base + "/status=500/echo"'
      headers: {Authorization: '"Basic " + ("box:" + $secrets.PASSPHRASE | @base64)'}
  many:
    allow_private: true
    batch: {max: 2}
    request:
      url: '$vars.base + "/echo"'
      headers: {Authorization: '"Bearer " + $secrets.TOKEN'}
      results: '.body.you as $y | .keys | map({status: 400, said: "no \($y)"})'
YAML
# forge DESTINATION JSON...: one activation for each value of .kept.x
m=1000
forge() {
	d=$1
	shift
	for x in "$@"; do
		m=$((m + 1))
		activations "$d" $m $m | head -n 1 |
			jq -c --argjson x "$x" '.kept.x = $x'
	done
}
set -- '"a\r\nX-B: b"' '"a\nX-B: b"' '"a\rb"' '"a\u0000b"' '"\u007f"' '"é"' '"a\u2028b"' '" HTTP/1.1\r\nHost: evil\r\n\r\n"'
{
	for i in 301 302 303 307 308; do
		activations moved $i $i | grep -v '"end"'
	done
	forge header "$@"
	forge url "$@" '"a b"'
	forge encoded "$@"
	activations tells 1 2 | grep -v '"end"'
	activations basic 3 3 | grep -v '"end"'
	activations many 4 5
} >in
rm -rf store
: >log
TOKEN=t0ken-of-all-things PASSPHRASE=open-sesame \
	cdp-emit -v --deliver --wait 0 --rejects rejects --stats=json in >out 2>err
cdp-store cat deliver | jq -r 'select(.k | strings | startswith("k:")).v |
    [.destination, .seq, .status, .said] | @tsv' | sort >ledger
[ "$(grep -c '^moved	.*	dead	HTTP 30[12378]' ledger)" -eq 5 ] || complain "$(grep moved ledger)"
grep -q '"path":"/away"' log && complain "a redirection was followed"
refused=$(jq -c 'select(.reason == "header_injection") | [.destination, .status]' out | sort | uniq -c | tr -s ' \n' ' ')
[ "$refused" = ' 8 ["header","failed"] 9 ["url","failed"] ' ] || complain "refused: $refused"
[ "$(grep -c '"path":"/[a%C]' log)" -eq 8 ] || complain "encoded: $(jq -c .path log)"
jq -c '.headers | keys - ["Host","User-Agent","Accept","Content-Type","Idempotency-Key","Content-Length","X-A","Authorization"]' log | grep -v '\[\]' &&
	complain "a header that nobody sent"

# The receiver quoted the secrets, the ledger has what it said without them.
grep -q 't0ken-of-all-things' log || complain "the token was not sent"
for w in 'tells	1	dead	HTTP 401: {"you":"\*\*\*"}' 'basic	1	retry	HTTP 500: {"you":"\*\*\*"}' \
	'many	[12]	dead	no \*\*\*'; do
	grep -q "^$w" ledger || complain "$w: $(cat ledger)"
done
cdp-emit --explain "$(jq -r 'select(.destination == "tells").messageId' out | head -n 1)" >explained 2>&1
cdp-store export --format=dump >dump 2>>err
for f in store/*/*.seg; do
	zstd -dcq "$f"
done >bytes
basic=$(printf 'box:open-sesame' | base64)
[ "$(grep -c 'HTTP 401' dump)" -ge 1 ] && [ "$(grep -c 'HTTP 401' bytes)" -ge 1 ] ||
	complain "what was said is not to be found"
grep -l "t0ken-of-all\|open-sesame\|$basic" out err rejects ledger explained dump bytes &&
	complain "there is a secret"
grep -rl "t0ken-of-all\|open-sesame\|$basic" store && complain "there is a secret in the store"
[ $bad -eq 0 ] && echo "confined: $n walls, 5 redirections, 17 forged headers and urls; no secret in what is left"
exit $bad
