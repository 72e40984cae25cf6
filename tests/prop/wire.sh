#!/bin/sh
# What happens on the wire: connections are kept and no more than allowed, a rate
# is kept, answers that are slow, endless, or cut off, requests that are cut off
# before their body; batches that leave because they are full, big or old; and
# HTTP/2 where it is offered (to Debian's nghttpd), which trusts no stranger.
. "$top/tests/http/lib.inc"
bad=0
complain() {
	echo "$1"
	bad=1
}
: >log
server
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
vars: {base: "http://127.0.0.1:$port"}
YAML
cat >>cdp.yaml <<'YAML'
destinations:
  few:   {allow_private: true, remembers: 24h, parallel: 4, request: {url: '$vars.base + "/few/slow=10"'}}
  rate:  {allow_private: true, remembers: 24h, rate: 20/s, request: {url: '$vars.base + "/rate"'}}
  big:   {allow_private: true, remembers: 24h, request: {url: '$vars.base + "/big=3000000"'}}
  slow:  {allow_private: true, remembers: 24h, timeout: 1s, request: {url: '$vars.base + "/slow=4000/first=1"', body: '{i: .kept.i}'}}
  slow0: {allow_private: true, timeout: 1s, request: {url: '$vars.base + "/slow=4000/first=1"', body: '{i: .kept.i}'}}
  body:  {allow_private: true, remembers: 24h, request: {url: '$vars.base + "/cut=body/first=1"', body: '{i: .kept.i}'}}
  body0: {allow_private: true, request: {url: '$vars.base + "/cut=body/first=1"', body: '{i: .kept.i}'}}
  head:  {allow_private: true, remembers: 24h, request: {url: '$vars.base + "/cut=request"', body: '{x: ("x" * 400000)}'}}
  head0: {allow_private: true, request: {url: '$vars.base + "/cut=request"', body: '{x: ("x" * 400000)}'}}
  short: {allow_private: true, remembers: 1s, request: {url: '$vars.base + "/forgotten/cut=before"'}}
  get0:  {allow_private: true, parallel: 1, request: {method: GET, url: '$vars.base + "/get" + if .kept.i % 2 == 0 then "/cut=before" else "" end'}}
  none0: {allow_private: true, parallel: 1, request: {url: '$vars.base + "/get" + if .kept.i % 2 == 0 then "/cut=before" else "" end', body: '""'}}
YAML
{
	activations few 1 60
	activations rate 101 130
	activations big 201 202
	activations slow 301 303
	activations slow0 311 313
	activations body 401 403
	activations body0 411 413
	activations head 501 501
	activations head0 511 511
	activations short 551 551
	activations get0 601 604
	activations none0 611 614
} | grep -v '"end"' >in
cdp-emit --end=any --deliver --wait 3s in >out 2>err
[ $? -eq 1 ] || complain "status: $(cat err)"
cdp-store cat deliver | jq -r 'select(.k | strings | startswith("k:")).v |
    [.destination, .status, .tries, .said] | @tsv' | sort >ledger
all() { # DESTINATION NUMBER STATUS: so many have it, and no others are there
	[ "$(grep -c "^$1	" ledger)" -eq "$2" ] && [ "$(grep -c "^$1	$3" ledger)" -eq "$2" ] ||
		complain "$1: $(grep "^$1	" ledger)"
}
all few 60 sent
[ "$(jq -r 'select(.path | startswith("/few")).conn' log | sort -u | wc -l)" -eq 4 ] ||
	complain "not 4 connections"
all rate 30 sent
# A second's worth at once at most; the others as they come.
[ "$(jq -r 'select(.path == "/rate").ms' log | sed -n '1p;$p' | tr '\n' ' ' |
    awk '{ print ($2 - $1 >= 450) }')" = 1 ] || complain "faster than 20 a second"
all big 2 sent
[ "$(awk '/^big/ && length($0) > 260' ledger)" ] && complain "$(grep ^big ledger)"
for d in slow body; do
	all $d 3 sent
	all ${d}0 3 held
done
all head 1 retry
all head0 1 held
# The first does not keep the others from being tried.
[ "$(jq -r 'select(.path | startswith("/slow")) | select(.body.i < 310).ms' log |
    sed -n '1p;3p' | tr '\n' ' ' | awk '{ print ($2 - $1 < 1000) }')" = 1 ] ||
	complain "slow ones one after the other"
# How often each came: those that are remembered again, the others never.
jq -r 'select(.path | startswith("/slow") or startswith("/cut")) | "\(.body.i) \(.key)"' log |
    sort | uniq -c | awk '($2 % 100 < 10) != ($1 >= 2) { print; bad = 1 }
	{ n++ } END { exit bad || n != 12 }' || complain "came as often as that"
[ "$(jq -c '[.key, .body]' log | sort -u | wc -l)" -eq "$(jq -c .key log | sort -u | wc -l)" ] ||
	complain "other bytes under the same key"

# What is in doubt goes again while its key is remembered, and no longer.
all short 1 'held	[12]	an attempt has no outcome'
n=$(grep -c '"path":"/forgotten' log)
[ "$n" -ge 1 ] && [ "$n" -le 2 ] || complain "$n times to who had forgotten"
# Without a body, libcurl would send again by itself on another connection.
[ "$(grep -c '"path":"/get' log)" -eq 8 ] || complain "$(grep '"path":"/get' log)"

# ---- batches, while the input goes on -----------------------------------------

rm -rf store
: >log
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
vars: {base: "http://127.0.0.1:$port"}
YAML
cat >>cdp.yaml <<'YAML'
destinations:
  full:  {allow_private: true, remembers: 24h, batch: {max: 4, every: 1h}, request: {url: '$vars.base + "/full"', body: 'map(.kept.i)'}}
  bytes: {allow_private: true, remembers: 24h, batch: {max: 100, bytes: 2KB, every: 1h}, request: {url: '$vars.base + "/bytes"', body: 'map(.kept.i)'}}
  old:   {allow_private: true, remembers: 24h, batch: {max: 100, every: 300ms}, request: {url: '$vars.base + "/old"', body: 'map(.kept.i)'}}
  some:
    allow_private: true
    remembers: 24h
    batch: {max: 4, every: 1h}
    request: {url: '$vars.base + "/items=200,503,400"', body: 'map(.kept.i)', results: .body.results}
YAML
came() { # PATH: the bodies that came
	jq -c --arg p "/$1" 'select(.path | startswith($p)).body' log | tr '\n' ' '
}
until_came() { # PATH BODIES: within ten seconds
	k=0
	until [ "$(came "$1")" = "$2" ]; do
		k=$((k + 1))
		[ $k -lt 200 ] || { complain "$1: $(came "$1"), not $2"; return; }
		sleep 0.05
	done
}
mkfifo pipe
cdp-emit --end=any --deliver --wait 0 <pipe >out 2>err &
emit=$!
exec 9>pipe
{
	activations full 1 6
	activations bytes 11 22
	activations old 31 33
	activations some 41 44
} | grep -v '"end"' >&9
until_came full '[1,2,3,4] '
until_came old '[31,32,33] '
until_came items '[41,42,43,44] '
activations old 34 35 | grep -v '"end"' >&9
until_came old '[31,32,33] [34,35] '
[ "$(came full)" = '[1,2,3,4] ' ] || complain "full: $(came full)"
exec 9>&-
wait $emit
[ "$(came full)" = '[1,2,3,4] [5,6] ' ] || complain "full at the end: $(came full)"
came bytes | tr ' ' '\n' | jq -s -e 'add == [range(11; 23)] and length > 1 and length < 8' >/dev/null ||
	complain "bytes: $(came bytes)"
cdp-store cat deliver | jq -r 'select(.k | strings | startswith("k:")).v |
    select(.destination == "some" and .status != "attempt") |
    [.seq, .status, .said] | @tsv' | sort >ledger
# The second and the fourth may have gone again by now, each or together, or be
# on their way.
case $(tr '\t\n' ' /' <ledger) in
'1 sent 200/2 retry 503/3 dead 400/4 retry 500/'| \
	'1 sent 200/2 sent 200/3 dead 400/4 retry 500/'| \
	'1 sent 200/2 sent 200/3 dead 400/4 retry 503/'| \
	'1 sent 200/2 sent 200/3 dead 400/4 sent 200/') ;;
*) complain "each of a batch: $(cat ledger)" ;;
esac
stop_server

# ---- HTTP/2 --------------------------------------------------------------------

h2='no nghttpd here'
PATH=$PATH:/usr/sbin
if command -v nghttpd >/dev/null && command -v openssl >/dev/null; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
		-keyout key.pem -out cert.pem 2>/dev/null
	mkdir htdocs && echo '{}' >htdocs/x
	# The port that was free until now.
	nghttpd -v -a 127.0.0.1 -d htdocs "$port" key.pem cert.pem >h2.log 2>&1 &
	server=$!
	trap 'kill $server 2>/dev/null' EXIT
	rm -rf store
	cat >cdp.yaml <<-YAML
	version: 1
	project: {name: t}
	vars: {base: "https://localhost:$port", number: "https://127.0.0.1:$port"}
	YAML
	cat >>cdp.yaml <<-'YAML'
	destinations:
	  web:       {allow_private: true, remembers: 24h, ca: cert.pem, parallel: 16, request: {url: '$vars.base + "/x"', body: '{i: .kept.i}'}}
	  untrusted: {allow_private: true, request: {url: '$vars.base + "/x"'}}
	  misnamed:  {allow_private: true, ca: cert.pem, request: {url: '$vars.number + "/x"'}}
	YAML
	{
		activations web 1 100
		activations untrusted 101 101
		activations misnamed 102 102
	} | grep -v '"end"' >in
	k=0
	until grep -q 'listen' h2.log || [ $k -gt 200 ]; do
		k=$((k + 1))
		sleep 0.02
	done
	cdp-emit --end=any --deliver --wait 2s in >out 2>err
	cdp-store cat deliver | jq -r 'select(.k | strings | startswith("k:")).v |
	    [.destination, .status, .tries, .said] | @tsv' | sort >ledger
	all web 100 sent
	all untrusted 1 'retry	.*certificate'
	all misnamed 1 'retry	.*127.0.0.1'
	sed 's/\x1b\[[0-9;]*m//g' h2.log >h2
	n=$(grep -c ':path: /x' h2)
	conns=$(grep ':path: /x' h2 | sed 's/^\(\[id=[0-9]*\]\).*/\1/' | sort -u | wc -l)
	[ "$n" -eq 100 ] && [ "$conns" -eq 1 ] || complain "HTTP/2: $n requests on $conns connections"
	h2="100 requests by HTTP/2 on one connection"
fi
[ $bad -eq 0 ] && echo "wire: 4 connections kept, cut and slow ones resent or held, batches by 4 rules; $h2"
exit $bad
