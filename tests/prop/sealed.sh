#!/bin/sh
# Fed a longer part of the same input each time, and compacted in between, so
# that what is due stands in sealed segments that newer ones replace in part,
# the stages print and keep in the end what one run does; holding all or
# nothing in memory.
cp -R "$top/share/examples/loja/." .
cdp-ingest --rejects /dev/null --until end events.ndjson >in
through() { # MEMORY: standard input to standard output
	cdp-merge --end=any --memory "$1" | cdp-audience --end=any --memory "$1" |
	    cdp-journey --end=any --memory "$1" | cdp-emit --end=any
}
dump() {
	for log in merge audience journey emit; do
		cdp-store cat $log
	done
}
CDP_STORE=whole
export CDP_STORE
through 1G <in >want.out
dump >want.dump
[ -s want.dump ] && grep -q '"activation"' want.out || exit 1
n=$(wc -l <in)
bad=0
for memory in 1G 0; do
	CDP_STORE=parts-$memory
	for part in 1 2 3 4 5 6 7 8 9; do
		head -n $((n * part / 9)) in | through $memory >got.out
		[ $part -eq 9 ] || cdp-store compact >/dev/null || exit 1
		[ $part -ne 5 ] || rm "$CDP_STORE"/*/*.idx
	done
	cmp want.out got.out || bad=1
	dump >got.dump
	cmp want.dump got.dump || bad=1
	cdp-store verify >verified || { cat verified; bad=1; }
done
[ $bad -eq 0 ] && echo "sealed: nine parts, one result"
exit $bad
