#!/bin/sh
# Refusals of a real server: every status falls into its class; Retry-After, in
# seconds and as a date, is kept to by all that goes there; what is tried for too
# long is dead; what cannot be reached is left alone while the others go on; of
# one person nothing overtakes.
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
  down:
    allow_private: true
    parallel: 1
    request: {url: '"http://127.0.0.1:1/"'}
  class: # every fourth is a fault, never five in a row: the circuit stays shut
    allow_private: true
    parallel: 4
    request: {url: '$vars.base + "/class/status=\(200 + (.kept.i - 1) * 101 % 400)"'}
  seconds:
    allow_private: true
    parallel: 1
    request:
      url: '$vars.base + "/seconds" + if .kept.i == 1 then "/first=1/status=429/retry-after=2" else "" end'
  date:
    allow_private: true
    request: {url: '$vars.base + "/date/first=1/status=503/retry-date=3"'}
  long:
    allow_private: true
    request: {url: '$vars.base + "/long/status=429/retry-after=100000"'}
  strange:
    allow_private: true
    request: {url: '$vars.base + "/strange/first=1/status=429/retry-after=-5"'}
  rest:
    allow_private: true
    request:
      url: '$vars.base + "/rest" + if .kept.i == 1 then "/status=429/retry-after=600" else "" end'
  over:
    allow_private: true
    retry: {for: 2s}
    request: {url: '$vars.base + "/over/status=503"'}
  order:
    allow_private: true
    request:
      url: '$vars.base + "/order" + if .kept.i == 1 then "/first=1/status=503" else "" end'
      body: '{i: .kept.i}'
  up:
    allow_private: true
    request: {url: '$vars.base + "/up"'}
YAML
{
	activations down 1 40
	activations class 1 400
	activations seconds 1 2
	activations date 3 3
	activations long 4 4
	activations strange 5 5
	activations rest 1 1
	activations over 6 6
	activations order 1 3 1
	activations order 14 14
	activations up 1 40
} | awk '/"type":"end"/ { next }
    { sub(/"messageId":"[^"]*"/, "\"messageId\":\"act_" NR "\"")
      sub(/"n":[0-9]*}}$/, "\"n\":" NR "}}") }
    1
    END { print "{\"type\":\"end\",\"cdp\":{\"o\":\"main.journey\"}}" }' >in
cdp-emit --deliver --wait 4s in >out 2>err
[ $? -eq 1 ] || complain "status $?: $(cat err)"
cdp-store cat deliver | jq -r 'select(.k | strings | startswith("k:")).v |
    [.destination, .seq, .status, .tries // 0, .said // ""] | @tsv' >ledger

# The classes, written down a second time.
awk -F '\t' '$1 == "class" {
	code = 200 + ($2 - 1) * 101 % 400
	want = code < 300 ? "sent" : "dead"
	if (code ~ /^(408|410|429|460)$/ || (code >= 500 && code != 501 && code != 505))
		want = "retry"
	n++
	if ($3 != want || index($5, "HTTP " code) != 1)
		print code " is " $3 " (" $5 "), not " want
	# What is tried again soon may have been tried twice by now.
	if (want != "retry" && $4 != 1)
		print code " was tried " $4 " times"
} END { if (n != 400) print n " of 400" }' ledger >wrong
[ -s wrong ] && complain "$(head -n 5 wrong)"

came() { # PATH: when its requests came, in ms after the first
	jq -r --arg p "/$1" 'select(.path | startswith($p)).ms' log |
		awk 'NR == 1 { first = $1 } { print $1 - first }'
}
set -- $(came seconds)
[ $# -eq 3 ] && [ "$2" -ge 1990 ] || complain "Retry-After: 2 made requests at $*"
set -- $(came date)
[ $# -eq 2 ] && [ "$2" -ge 1900 ] || complain "Retry-After: a date, made requests at $*"
set -- $(came strange)
[ $# -eq 2 ] && [ "$2" -ge 490 ] || complain "Retry-After: -5 made requests at $*"
grep -q '^long	1	dead	1	HTTP 429' ledger || complain "$(grep '^long' ledger)"
grep -q '^over	1	dead	[23]	HTTP 503' ledger || complain "$(grep '^over' ledger)"
tries=$(awk -F '\t' '$1 == "down" { n += $4; left += $3 == "queued" }
    END { print n, left }' ledger)
set -- $tries
[ "$1" -ge 6 ] && [ "$1" -le 9 ] && [ "$2" -ge 30 ] ||
	complain "a dead receiver was tried $1 times, $2 were never tried"
[ "$(grep -c '^up	.*	sent' ledger)" -eq 40 ] || complain "the others did not go on"
jq -r 'select(.path | startswith("/order")).body.i' log | tr '\n' ' ' >order
case $(cat order) in
'1 14 1 2 3 '|'14 1 1 2 3 ') ;;
*) complain "order: $(cat order)" ;;
esac
# The next run leaves in peace who wanted that, and no one else.
{
	activations rest 90001 90001
	activations up 90002 90002
} | grep -v '"end"' >in
cdp-emit --end=any --deliver --wait 0 in >out 2>err
[ "$(grep -c '"path":"/rest' log)" -eq 1 ] || complain "another run did not let it rest"
grep -q "destination 'rest': 0 sent, 2 waiting" err || complain "$(cat err)"
[ "$(grep -c '"path":"/up"' log)" -eq 41 ] || complain "nothing else left: $(cat err)"
[ $bad -eq 0 ] && echo "retry: 400 statuses in their classes, a dead receiver tried $1 times for 40, order kept"
exit $bad
