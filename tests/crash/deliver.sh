#!/bin/sh
# Many activations through the test server, cdp-emit killed with SIGKILL over and
# over at moments that nobody chose: each arrives, by its key exactly once for a
# receiver that remembers keys, with the same bytes if it arrived twice; one that
# does not remember gets nothing twice, and what it may not have got is held,
# never more than was in flight.  Half of them go by themselves, half in batches.
#
#   CRASH_DELIVER     how many (100000)
. "$top/tests/http/lib.inc"
n=${CRASH_DELIVER:-100000}
work=$(mktemp -d) || exit 1
cd "$work" || exit 1
: >log
server
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
bad=0
complain() {
	echo "$1"
	bad=1
}
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
destinations:
  one:
    allow_private: true
    remembers: 24h
    parallel: 32
    request: {url: '"http://127.0.0.1:$port/one"', body: '{i: .kept.i}'}
  many:
    allow_private: true
    remembers: 24h
    batch: {max: 20}
    request: {url: '"http://127.0.0.1:$port/many"', body: 'map(.kept.i)'}
  never:
    allow_private: true
    request: {url: '"http://127.0.0.1:$port/never"', body: '{i: .kept.i}'}
YAML
half=$((n / 2))
{
	activations one 1 $((half - half / 10)) 1000 | grep -v '"end"'
	activations never $((half - half / 10 + 1)) $half 1000 | grep -v '"end"'
	activations many $((half + 1)) "$n" 10000
} >in
kills=0
while [ $kills -lt "${CRASH_KILLS:-50}" ]; do
	cdp-emit --deliver --wait 0 in >out 2>err &
	pid=$!
	# So long that it gets somewhere, and another while each time.
	sleep "$(awk -v k=$kills -v n="$n" 'BEGIN {
		printf "%.3f", (k * 37 % 80 + 20) / 100 * (0.5 + n / 30000) }')"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	rc=$?
	[ $rc -eq 137 ] || break
	kills=$((kills + 1))
done
cdp-emit --deliver --wait 1m in >out 2>err
jq -r '.body | if type == "array" then .[] else .i end' log | sort -n | uniq >arrived
held=$(cdp-store cat deliver | grep -c '"status":"held"')
missing=$(seq "$n" | sort -n | comm -23 --nocheck-order - arrived 2>/dev/null | wc -l)
[ "$missing" -le "$held" ] || complain "$missing did not arrive, $held are held"
[ "$held" -le $((kills * 8)) ] || complain "$held are held after $kills kills"
[ "$(jq -c '[.key, .body]' log | sort -u | wc -l)" -eq "$(jq -r .key log | sort -u | wc -l)" ] ||
	complain "other bytes under the same key"
# By key, each is in one request or batch and no other.
jq -c '[.key, .body]' log | sort -u |
	jq -r '.[1] | if type == "array" then .[] else .i end' | sort -n | uniq -d >doubled
[ ! -s doubled ] || complain "under two keys: $(head -n 3 doubled | tr '\n' ' ')"
[ "$(jq -r 'select(.path == "/never").key' log | sort | uniq -d | wc -l)" -eq 0 ] ||
	complain "twice to who does not remember"
cdp-store verify >/dev/null || complain "the store is damaged"
twice=$(jq -r .key log | sort | uniq -d | wc -l)
[ $bad -eq 0 ] && echo "deliver: $n activations, $kills kills: each arrived once by its key ($twice requests twice under one), $held held"
exit $bad
