#!/bin/sh
# Power cuts: the disk of the whole pipeline as it may be found after each
# call that changed it, with what was not synced there, not there, torn, out of
# order, zero or garbage; on each such disk the same command again must leave
# what an undisturbed run leaves, also when other input or other rules come
# before it.  Some of these runs are cut again.
#
# POWER_STEP=5 cuts after every 5th call, in two of the eight ways.
. "$top/tests/crash/common"
step=${POWER_STEP:-1}
quiet=${POWER_QUIET:-}
power=$B/crash/power

# The pipeline in $1, with all that it does to the disk in $1.trace.
record() (
	rm -f "$1.trace"
	export CDP_RECORD_ROOT="$1" CDP_RECORD_TRACE="$1.trace"
	export LD_PRELOAD="$B/shim/record.so" CDP_TRICKLE=1
	run "$1"
)

# Cut what $2 tells of the disk $1 in every $3rd place from $4, in $5.
cuts() {
	d=$5 n=$4 k=0 last=$($power "$2" "$1") || exit 1
	while [ "$n" -le "$last" ]; do
		for how in 0 1 2 3 4 5 6 7; do
			# Of what is sampled, two ways of eight.
			[ "$step" -eq 1 ] || [ $(((how + n) % 4)) -eq 0 ] ||
				continue
			rm -rf "$d" && mkdir "$d"
			$power "$2" "$1" "$d" "$n" $how || exit 1
			k=$((k + 1))
			go_on "$d" "${2##*/} cut after call $n, way $how" "$k"
		done
		n=$((n + $3))
	done
}

# A run on a disk that was cut already is recorded and cut again.
twice() {
	last=$($power "$work/rec.trace" "$work/base") || exit 1
	n=$((last * $1 / 7)) d=$work/second$1
	fresh "$d"
	$power "$work/rec.trace" "$work/base" "$d" $n $((4 + $1 % 2)) || exit 1
	cp -R "$d" "$d.base"
	record "$d"
	cuts "$d.base" "$d.trace" $((step * 5)) $(($1 % step + 1)) "$work/cut$1"
}

want
fresh "$work/base"
fresh "$work/rec"
record "$work/rec"
cmp "$work/rec/got" "$work/want/got" || exit 1
cuts "$work/base" "$work/rec.trace" $((2 * step)) 1 "$work/a" & a=$!
cuts "$work/base" "$work/rec.trace" $((2 * step)) $((step + 1)) "$work/b" & b=$!
wait $a $b
for i in 2 3 4 5 6; do
	twice $i
done
tally "power"
