#!/bin/sh
# cdp-store repair, killed or failing at each of its calls, and then done
# again: the same log as if it had been done at once.
. "${top:?}/tests/crash/common"
base=$work/base
fresh "$base"
trickle "$base" 2>/dev/null
seg=$base/store/merge/0000000001.seg
printf xxx | dd of="$seg" bs=1 seek=$(($(wc -c <"$seg") / 2)) conv=notrunc \
    2>/dev/null
cp -R "$base" "$work/want"
cdp-store -s "$work/want/store" repair >/dev/null 2>&1
cdp-store -s "$work/want/store" cat >"$work/want.cat"
grep -q '"lost"' "$work/want.cat" || {
	echo "nothing is lost"
	exit 1
}
for act in before after torn EIO ENOSPC full fsync; do
	n=0
	while n=$((n + 1)); do
		d=$work/d
		rm -rf "$d" "$d.mark"
		cp -R "$base" "$d"
		CDP_KILL_TOOL=cdp-store CDP_KILL_WHEN=$act CDP_KILL_AT=$n \
		    CDP_KILL_MARK=$d.mark LD_PRELOAD=$B/shim/killnth.so \
		    cdp-store -s "$d/store" repair merge >/dev/null 2>&1
		[ -e "$d.mark" ] || break
		cdp-store -s "$d/store" repair >/dev/null 2>"$d/log"
		if cdp-store -s "$d/store" verify >/dev/null 2>>"$d/log" &&
		    cdp-store -s "$d/store" cat | cmp -s - "$work/want.cat"
		then
			echo ok >>"$d.tally"
		else
			echo "repair, $act at call $n"
			tail -n 3 "$d/log"
			echo "bad 0 0" >>"$d.tally"
		fi
	done
done 2>/dev/null
tally "repair"
