#!/bin/sh
# The headline pipeline prints the same bytes and leaves the same state when
# it is run twice, stage by stage through files, through jq, from a trickle,
# and without the last newline; and with duplicates mixed in.
cp -R "$top/share/examples/loja" loja && cd loja || exit 1
bad=0

pipeline() { # STORE [BETWEEN]: standard input to standard output
	export CDP_STORE="$1"
	between=${2:-cat}
	cdp-ingest --rejects /dev/null --until end | $between | cdp-merge |
	    $between | cdp-audience | $between | cdp-journey | $between |
	    cdp-emit
}
dump() { # STORE
	for log in ingest merge audience journey emit; do
		cdp-store -s "$1" cat $log
	done
}
same() { # WHAT FILE
	if ! cmp -s want.out "$2.out"; then
		echo "output differs: $1"
		diff want.out "$2.out" | head -n 5
		bad=1
	fi
	dump "store-$2" >"$2.dump"
	if ! cmp -s want.dump "$2.dump"; then
		echo "state differs: $1"
		diff want.dump "$2.dump" | head -n 5
		bad=1
	fi
}

pipeline store-want <events.ndjson >want.out
[ -s want.out ] || { echo "the pipeline prints nothing"; exit 1; }
dump store-want >want.dump
# The store of the first run is the one that is run again.
ln -s store-want store-again
pipeline store-again <events.ndjson >again.out
same "run twice" again

CDP_STORE=store-files
cdp-ingest --rejects /dev/null --until end events.ndjson >1
cdp-merge <1 >2 && cdp-audience <2 >3 && cdp-journey <3 >4
cdp-emit <4 >files.out
same "through files" files
cdp-merge <1 | cmp - 2 || { echo "a stage run again differs"; bad=1; }

pipeline store-jq "jq -c ." <events.ndjson >jq.out
same "through jq" jq

while IFS= read -r line; do
	printf '%s' "$line" | cut -c 1-40 | tr -d '\n'
	sleep 0.02
	printf '%s' "$line" | cut -c 41-
done <events.ndjson | pipeline store-slow >slow.out
same "from a trickle" slow

printf '%s' "$(cat events.ndjson)" | pipeline store-cut >cut.out
same "without the last newline" cut

awk '{ print } NR % 3 == 0 { print }' events.ndjson |
    pipeline store-dup >dup.out
same "with lines doubled" dup
[ $bad -eq 0 ] && echo "headline: 6 ways, one result"
exit $bad
