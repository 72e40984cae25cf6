#!/bin/sh
# Ten runs with --hold print what one does, wherever the input was cut; a run
# that is repeated prints the same again; and counts balance.
case $B in *asan*) rounds=1 ;; *) rounds=3 ;; esac
printf 'version: 1\nclock: {lateness: 5m, tick: 1m}\n' >cdp.yaml
bad=0
say() {
	echo "hold: $*"
	bad=1
}

# Events up to five minutes out of order, some more; bodies, duplicates, rows,
# lines without a time or an id, commands.
make_input() {
	awk -v seed="$1" '
	function rnd(n) {
		seed = (seed * 16807) % 2147483647
		return seed % n
	}
	function stamp(s) {
		return sprintf("2025-03-03T%02d:%02d:%02d.%03dZ", s / 3600,
		    s / 60 % 60, s % 60, rnd(4) * 100)
	}
	function event(i, s) {
		return sprintf("{\"type\":\"track\",\"event\":\"E%d\"," \
		    "\"messageId\":\"m%d\",\"userId\":\"u%d\"," \
		    "\"timestamp\":\"%s\"}", i % 5, i - (rnd(20) == 0), i % 7,
		    stamp(s))
	}
	BEGIN {
		for (i = 1; i <= 400; i++) {
			s = 36000 + i * 11 - rnd(290)
			k = rnd(30)
			if (k == 0)
				s -= 900
			if (k == 1)
				printf "[%s,%s]\n", event(1000 + i, s + 3), event(2000 + i, s)
			else if (k == 2)
				printf "{\"type\":\"page\",\"userId\":\"u\",\"name\":\"p%d\"}\n", i % 9
			else if (k == 3)
				printf "{\"type\":\"object\",\"collection\":\"c\",\"id\":%d}\n", i % 3
			else if (k == 4)
				printf "{\"type\":\"suppress\",\"userId\":\"x%d\",\"messageId\":\"s%d\"}\n", i % 4, i
			else if (k == 5)
				print "{\"type\":\"track\"}"
			else if (k == 6)
				printf "{\"type\":\"group\",\"groupId\":\"g\",\"userId\":\"u\",\"timestamp\":\"%s\"}\n", stamp(s)
			else
				print event(i, s)
		}
	}'
}

# What one run counts as a duplicate another prints again, under its number.
lines() {
	grep -v '^{"type":"end"' "$@" | awk '{
		match($0, /"n":[0-9]*}}$/)
		if (!seen[substr($0, RSTART)]++)
			print
	}'
}

# A run into out, once more into again; what it read is all accounted for.
run() {
	cdp-ingest -q -s "$@" >out 2>stats --stats=json
	jq -e '.in == .out + .rejected + .duplicates + .held' stats >/dev/null ||
		say "counts: $(cat stats)"
	cdp-ingest -q -s "$@" >again 2>/dev/null
	cmp -s out again || say "$*: not the same again"
	cat out
}

round=1
while [ $round -le $rounds ]; do
	rm -rf one ten part.*
	make_input $((round * 7919)) >in
	{ run one --hold in && run one /dev/null; } | lines >want
	[ -s want ] || say "nothing printed"
	split -n l/10 in part.
	for part in part.*; do
		run ten --hold "$part"
	done >have
	run ten /dev/null >>have
	lines have >tmp && mv tmp have
	cmp want have || say "round $round: ten runs are not one"
	grep -q '"late":true' want || say "nothing was late"
	# Without --hold the end of each part would have let its last ones go.
	for part in part.*; do
		cdp-ingest -q -s no "$part"
	done | lines >plain
	cmp -s want plain && say "--hold makes no difference"
	rm -rf no
	round=$((round + 1))
done
cdp-ingest --hold --until now in 2>&1 | grep -q 'use one of them' ||
	say "--hold and --until"
[ $bad -eq 0 ] && echo "hold: ten runs are one"
exit $bad
