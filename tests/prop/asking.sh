#!/bin/sh
# Asking while a pipeline writes: each answer is the one of an instant, though
# cdp-merge is ahead of cdp-audience, and nobody waits for anybody.
fail() {
	echo "FAIL asking: $*"
	exit 1
}

cat >cdp.yaml <<'EOF'
version: 1
project: {name: asking}
clock: {lateness: 0s, tick: 1h}
traits:
  spent: {sum: properties.total, event: Order}
audiences:
  buyers:
    when: {event: Order, within: 3d}
  frequent:
    when: {event: Visit, within: 6h, count: {gte: 3}}
  big:
    when: {trait: spent, gte: 40}
  top:
    when: {trait: points, gte: 10}
  both:
    when: {all: [{audience: buyers}, {trait: tier, eq: gold}]}
    min_stay: 2h
EOF
awk 'BEGIN {
	x = 3
	for (i = 0; i < 24; i++) {
		x = x * 16807 % 2147483647
		u = int(x / 1000) % 2
		k = int(x / 77777) % 4
		t = sprintf("2025-03-%02dT%02d:%02d:00Z", i / 12 + 1, i * 2 % 24, int(x / 999) % 60)
		h = "{\"messageId\":\"m" i "\",\"timestamp\":\"" t "\",\"userId\":\"u" u "\","
		if (i % 6 == 1)
			print "{\"messageId\":\"m" i "\",\"timestamp\":\"" t "\",\"userId\":\"u9\",\"type\":\"identify\",\"traits\":{\"points\":" i "}}"
		else if (k == 0)
			print h "\"type\":\"track\",\"event\":\"Order\",\"properties\":{\"total\":" x % 30 "}}"
		else if (k == 1)
			print h "\"type\":\"identify\",\"traits\":{\"tier\":\"" (x % 3 ? "gold" : "none") "\"}}"
		else
			print h "\"type\":\"track\",\"event\":\"Visit\"}"
	}
}' >in

# all four questions, to file $2 with store $1
ask() {
	{
		cdp-audience -s "$1" --size &&
			cdp-audience -s "$1" --members frequent &&
			cdp-audience -s "$1" --explain user_id:u0 &&
			cdp-audience -s "$1" --explain user_id:u9 top &&
			cdp-audience -s "$1" --size -q --as-of 2025-03-01T15:00:00Z
	} >"$2" 2>"$2.err" || { cat "$2" "$2.err"; fail "asking of $1"; }
	[ ! -s "$2.err" ] || { cat "$2.err"; fail "a word about $1"; }
}

cdp-ingest -q -n -s none in >ingested || fail ingest
n=$(grep -vc '"type":"end"' ingested)
# What each line leaves, every stage having seen it and no more.
k=0
while read -r line; do
	case $line in *'"type":"end"'*) continue ;; esac
	k=$((k + 1))
	printf '%s\n' "$line" | cdp-merge -q -s ref --end=any |
		tee merged.$k | cdp-audience -q -s ref --end=any >out.$k ||
		fail "line $k"
	cdp-audience -s ref --size >"size.$k" || fail "--size at line $k"
	[ $((k % 4)) -ne 0 ] || [ $k -lt 8 ] || ask ref "want.$k"
done <ingested
# The same with a cdp-merge that is ahead by all of it.
cdp-merge -q -s live --end=any ingested >merged || fail merge
mkfifo in.fifo out.fifo
cdp-audience -q -s live --end=any <in.fifo >out.fifo &
pid=$!
exec 3>in.fifo 4<out.fifo
k=0
while [ $k -lt "$n" ]; do
	k=$((k + 1))
	grep -v '"type":"end"' merged.$k >&3
	m=$(grep -vc '"type":"end"' "out.$k")
	while [ "$m" -gt 0 ] && read -r _ <&4; do m=$((m - 1)); done
	[ $((k % 4)) -ne 0 ] || [ $k -lt 8 ] && continue
	ask live got
	cmp -s got want.$k || { diff got want.$k; fail "after line $k of $n"; }
done
exec 3>&-
wait $pid || fail "the pipeline ended with $?"
exec 4<&-
# And with nobody waiting for anybody.
{
	while read -r line; do
		printf '%s\n' "$line"
		sleep 0.01
	done <ingested | cdp-merge -q -s free | cdp-audience -q -s free >/dev/null
	echo $? >ended
} &
asked=0
while [ ! -e ended ]; do
	asked=$((asked + 1))
	cdp-audience -s free --size >got 2>got.err
	case $?.$(wc -l <got.err) in
	0.0) ;;
	2.1) continue ;; # there is no log yet
	*) cat got got.err; fail "asking in between" ;;
	esac
	for k in size.*; do
		cmp -s got "$k" && continue 2
	done
	grep -q '[1-9]' got || continue
	cat got
	fail "an answer of no instant"
done
wait
[ "$(cat ended)" = 0 ] || fail "the pipeline ended with $(cat ended)"
echo "asking: $n instants beside a pipeline; $asked questions in between"
