#!/bin/sh
# cdp-emit --deliver killed while requests are in flight, again and again, and
# started anew on the same input: every delivery arrives, those that arrived
# twice with the same key and the same bytes, and only because they were in
# flight; those of one person in their order.  A receiver that does not know
# keys again gets nothing twice: what was in flight is held.
. "$top/tests/http/lib.inc"
n=600
case $B in */asan) n=200 ;; esac
bad=0
complain() {
	echo "$1"
	bad=1
}
# project REMEMBERS
project() {
	cat >cdp.yaml <<-YAML
	version: 1
	project: {name: t}
	destinations:
	  web:
	    allow_private: true
	    remembers: $1
	    request: {url: '"http://127.0.0.1:$port/slow=2/x"', body: '{i: .kept.i, who: .profile.id}'}
	YAML
}
# killed COUNT: run, and kill it when the server has seen so many.
killed() {
	cdp-emit --deliver --wait 0 in >out 2>err &
	pid=$!
	until [ "$(wc -l <log)" -ge "$1" ] || ! kill -0 $pid 2>/dev/null; do
		sleep 0.01
	done
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
}
activations web 1 $n 50 >in
: >log
server
project 24h
kills=0
for at in 1 30 60 90 110 150 180; do
	killed $at
	kills=$((kills + 1))
done
cdp-emit --deliver --wait 20s in >first 2>err || complain "status $?: $(cat err)"
cdp-emit --deliver in >second 2>err
cmp first second || complain "not the same output"
twice=$(jq -r .key log | sort | uniq -d | wc -l)
[ "$(jq -r .key log | sort -u | wc -l)" -eq $n ] || complain "not all arrived"
[ "$(jq -c '[.key, .body]' log | sort -u | wc -l)" -eq $n ] ||
	complain "other bytes under the same key"
[ "$twice" -le $((kills * 8)) ] || complain "$twice arrived twice"
# The first arrivals of each person, in order.
jq -r '[.body.who, .body.i, .key] | @tsv' log | awk '
	seen[$3]++ { next }
	$2 < last[$1] { print "order of " $1 ": " $2 " after " last[$1]; bad = 1 }
	{ last[$1] = $2 }
	END { exit bad }' || bad=1
[ "$(cdp-store cat deliver | jq -r 'select(.k | strings | startswith("k:")).v.status' |
    sort | uniq -c | tr -s ' ')" = " $n sent" ] || complain "not all are sent"
cdp-store cat deliver | grep -q '"k":"q:' && complain "the queue is not empty"

rm -rf store
: >log
project never
for at in 1 40 80 120; do
	killed $at
done
cdp-emit --deliver --wait 20s in >first 2>err
[ $? -eq 1 ] || complain "held, but the status is not 1"
[ "$(jq -r .key log | sort | uniq -d | wc -l)" -eq 0 ] ||
	complain "sent twice to who does not know keys"
held=$(cdp-store cat deliver | grep -c '"status":"held"')
[ "$held" -gt 0 ] && [ "$held" -le 32 ] || complain "$held are held"
[ $(($(jq -r .key log | sort -u | wc -l))) -ge $((n - held)) ] ||
	complain "lost"
[ $bad -eq 0 ] && echo "http-kill: $kills kills, $n arrived, $twice of them twice under one key; $held held"
exit $bad
