#!/bin/sh
# cdp-store compact, stopped or failing at each of its calls on a store of many
# segments: the store says the same at once, goes on with the same command
# again or without it, and nothing is left over.
#
# UPKEEP_STEP=1 tries every call; the default is every third.
. "${top:?}/tests/crash/common"
step=${UPKEEP_STEP:-3}
build_small || exit 1
export CDP_TRICKLE=1

compact() {
	cdp-store -s "$1/store" compact >/dev/null 2>>"$1/log"
}

# Generations of segments: a part of the events, compacted, and all of them;
# and the same, never compacted.
small() { # with small segments
	(PATH=$work/small/build:$PATH && "$@")
}
base=$work/base
want
for d in "$base" "$work/want"; do
	fresh "$d"
	small part_of "$d"
	[ "$d" != "$base" ] || small compact "$d"
	small trickle "$d" 2>/dev/null
	state "$d" >"$d.state"
done
: >"$base/log"
n=$(find "$base/store" -name '0*.seg' | wc -l)
k=$(find "$base/store" -name '1*.seg' | wc -l)
[ "$n" -ge 15 ] && [ "$k" -ge 3 ] || {
	echo "only $n segments, and $k compacted ones"
	exit 1
}
cmp "$work/want.state" "$base.state" || exit 1

# After act $2 at call $3 in $1.
judge() {
	told="compact, $2 at call $3"
	state "$1" >"$1.now" 2>>"$1/log"
	if ! cmp -s "$base.state" "$1.now"; then
		note "$1" bad "$told: says something else"
		diff "$base.state" "$1.now" | head -n 4 | cut -c 1-300
		return
	fi
	if [ $(($3 % 2)) -eq 0 ] && ! compact "$1"; then
		note "$1" bad "$told: not again"
		return
	fi
	again "$1"
	if ! compact "$1" || ! cdp-store -s "$1/store" verify >/dev/null \
	    2>>"$1/log" || find "$1/store" | grep -E 'tmp|LAST' >>"$1/log"; then
		note "$1" bad "$told: not at the end"
		return
	fi
	verdict "$1" "$told"
}

lane() {
	i=0
	for act in before after torn torn1 short EINTR EIO ENOSPC full fsync; do
		i=$((i + 1))
		[ $((i % 2)) -eq "$1" ] || continue
		d=$work/lane$1 n=$((i * 5 % step + 1))
		while :; do
			rm -rf "$d" "$d.mark"
			cp -R "$base" "$d"
			(
				export CDP_KILL_TOOL=cdp-store CDP_KILL_AT=$n
				export CDP_KILL_WHEN=$act CDP_KILL_MARK="$d.mark"
				export LD_PRELOAD="$B/shim/killnth.so"
				compact "$d"
			)
			[ -e "$d.mark" ] || break
			judge "$d" $act $n
			n=$((n + step))
		done
	done
}
lane 0 2>/dev/null & a=$!
lane 1 2>/dev/null & b=$!
wait $a $b
tally "compaction"
