#!/bin/sh
# A damaged store: each of its files cut at sampled bytes, one bit flipped at
# others, and taken away.  Looking and running must refuse (73), or go on as
# if that had not been done; nobody crashes, nothing wrong is printed.
#
# DAMAGE_COUNT=24 places a file (each byte of a log: tests/unit/test_log.c).
. "${top:?}/tests/crash/common"
count=${DAMAGE_COUNT:-24}

flip() { # FILE BYTE
	was=$(od -An -tu1 -j "$2" -N 1 "$1")
	bit=$((1 << $2 % 8))
	printf '%b' "\\0$(printf %o $((was ^ bit)))" |
	    dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# $1, damaged as $2 says, is looked at and run.
try() {
	for verb in verify cat; do
		cdp-store -s "$1/store" $verb >/dev/null 2>>"$1/log"
		rc=$?
		case $rc in 0 | 73) ;; *)
			echo "$2: cdp-store $verb exits with $rc"
			echo "bad 0 0" >>"$1.tally"
			return
			;;
		esac
	done
	run "$1"
	if ! head -c "$(wc -c <"$1/got")" "$work/want/got" |
	    cmp -s - "$1/got"; then
		echo "$2: printed what it must not"
		echo "bad 0 1" >>"$1.tally"
	elif grep -E ' (2|13[2-9]|74|75)$' "$1/st"; then
		echo "$2: ended as it must not"
		tail -n 3 "$1/log"
		echo "bad 0 0" >>"$1.tally"
	elif grep -q ' 73$' "$1/st"; then
		echo ok >>"$1.tally"
	else
		again "$1"
		verdict "$1" "$2"
	fi
}

lane() {
	d=$work/lane$1 k=0
	(cd "$work/want" && find store -type f) | sort >"$d.files"
	while read -r file; do
		size=$(wc -c <"$work/want/$file")
		[ "$size" -gt 0 ] || continue
		i=0
		while [ $i -lt "$count" ]; do
			at=$(((2 * i + 1) * size / (2 * count)))
			i=$((i + 1)) k=$((k + 1))
			[ $((k % 2)) -eq "$1" ] || continue
			for what in cut flip gone; do
				rm -rf "$d" && cp -R "$work/want" "$d"
				case $what in
				cut) truncate -s $at "$d/$file" ;;
				flip) flip "$d/$file" $at ;;
				gone)
					[ $i -eq 1 ] || continue
					rm "$d/$file"
					;;
				esac
				try "$d" "$file $what at byte $at"
			done
		done
	done <"$d.files"
}

want
lane 0 & a=$!
lane 1 & b=$!
wait $a $b
tally "damage"
