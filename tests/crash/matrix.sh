#!/bin/sh
# Every stage of the pipeline x every call that it makes to the kernel x each
# act of tests/shim/killnth.c; then the same command again until it ends well:
# output, logs and deliveries must be those of an undisturbed run, and what
# the disturbed run printed is the beginning of it.  In every fourth case the
# second run is disturbed as well; in three of eight, other input or other rules
# come before it.
#
# MATRIX_STEP=7 tries every 7th call; MATRIX_ACTS, MATRIX_TOOLS: only these.
. "$top/tests/crash/common"
step=${MATRIX_STEP:-1}
acts=${MATRIX_ACTS:-before after torn torn1 short EINTR EIO ENOSPC full fsync
    machine}
tools=${MATRIX_TOOLS:-cdp-ingest cdp-merge cdp-audience cdp-journey cdp-emit
    cdp-ingest,cdp-journey cdp-merge,cdp-emit}
quiet=${MATRIX_QUIET:-}

# Another act, for the second run: it follows from the first.
other() {
	# shellcheck disable=SC2086
	echo $acts | tr ' ' '\n' | awk -v n="$1" '
		{ a[NR] = $0 } END { print a[n % NR + 1] }'
}

# All calls of $1 with act $2, in directory $3; begin at call $4.
column() {
	d=$3 n=$4
	while [ "$n" -lt 400 ]; do
		fresh "$d"
		rm -f "$d.mark"
		harm "$1" "$2" "$n" "$d"
		[ -e "$d.mark" ] || break
		told="$1 $2 at call $n"
		if ! head -c "$(wc -c <"$d/got")" "$work/want/got" |
		    cmp -s - "$d/got"; then
			echo "$told: printed what it must not"
			echo "bad 0 1" >>"$d.tally"
		elif grep -E ' (73|13[2-6]|139)$' "$d/st"; then
			echo "$told: ended as it must not"
			tail -n 3 "$d/log"
			echo "bad 0 0" >>"$d.tally"
		fi
		if [ $((k % 4)) -eq 0 ]; then
			second=$(other "$n")
			harm "$1" "$second" $((n % 11 + 1)) "$d"
			told="$told, then $second"
		fi
		go_on "$d" "$told" "$k"
		n=$((n + step)) k=$((k + 1))
	done
}

lane() {
	i=0 k=0
	for act in $acts; do
		for t in $tools; do
			i=$((i + 1))
			[ $((i % 2)) -eq "$1" ] || continue
			case $t in # two at once: only deaths
			*,*) case $act in before | torn) ;; *) continue ;; esac ;;
			esac
			column "$t" "$act" "$work/lane$1" $((i * 5 % step + 1))
		done
	done
}

want
lane 0 2>/dev/null & a=$!
lane 1 2>/dev/null & b=$!
wait $a $b
tally "matrix"
