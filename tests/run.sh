#!/bin/sh
# Run every test against the build in $B (default build): unit binaries, then
# golden pipelines, then the scripts in tests/prop.  "-u" rewrites goldens,
# "-k WORD" runs what has WORD in its name.  The last line is the count.
top=$(cd "$(dirname "$0")/.." && pwd)
B=${B:-$top/build}
export B top
update= only=
while [ $# -gt 0 ]; do
	case $1 in
	-u) update=1 ;;
	-k) only=$2; shift ;;
	*) echo "usage: tests/run.sh [-u] [-k WORD]" >&2; exit 2 ;;
	esac
	shift
done
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
unset CDP_PROJECT CDP_STORE
export CDP_SHARE=$top/share
export LC_ALL=C TZ=UTC ASAN_OPTIONS=detect_leaks=${LEAKS:-1}
PATH=$B:$PATH
export PATH

wanted() {
	case $1 in *"$only"*) return 0 ;; esac
	return 1
}
fail() {
	failed=$((failed + 1))
	echo "FAIL $1"
}

for t in "$B"/unit/test_*; do
	[ -x "$t" ] && [ -e "$top/tests/unit/$(basename "$t").c" ] || continue
	wanted "$t" || continue
	(cd "$work" && timeout 120 "$t") >"$work/log" 2>&1
	rc=$?
	p=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$work/log")
	f=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$work/log" | head -n 1)
	s=$(sed -n 's/^\[  SKIPPED \] \([0-9]*\) test.*/\1/p' "$work/log" | head -n 1)
	passed=$((passed + ${p:-0}))
	skipped=$((skipped + ${s:-0}))
	if [ $rc -ne 0 ]; then
		[ "${f:-0}" -gt 0 ] || f=1
		failed=$((failed + f))
		echo "FAIL unit $(basename "$t")"
		tail -n 40 "$work/log"
	fi
done

# A golden: CASE.sh in a scratch directory against CASE.out, .err, .status;
# 77: skipped.
golden() {
	base=${1%.sh}
	mkdir -p "$work/d" && cd "$work/d" || exit 1
	timeout 60 sh "$1" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
	cd "$top" && rm -rf "$work/d"
	if [ $rc -eq 77 ]; then
		skipped=$((skipped + 1))
		echo "skipped ${base#"$top"/}: $(tail -n 1 "$work/err")"
		return
	fi
	echo $rc >"$work/status"
	if [ -n "$update" ] && [ $rc -lt 126 ]; then
		for k in out err status; do
			if [ -s "$work/$k" ] && ! { [ $k = status ] && [ $rc -eq 0 ]; }; then
				cp "$work/$k" "$base.$k"
			else
				rm -f "$base.$k"
			fi
		done
	fi
	[ -e "$base.out" ] || : >"$work/empty.out"
	for k in out err status; do
		want=$base.$k
		if [ ! -e "$want" ]; then
			want=$work/none
			: >"$want"
			[ $k = status ] && echo 0 >"$want"
		fi
		if ! diff -u "$want" "$work/$k" >"$work/diff" 2>&1; then
			fail "golden ${base#"$top"/} ($k)"
			head -n 40 "$work/diff"
			return
		fi
	done
	passed=$((passed + 1))
}
for t in "$top"/tests/cli/*/*.sh; do
	[ -e "$t" ] && wanted "$t" || continue
	golden "$t"
done

# Property and fault scripts, two at a time, each in a scratch directory of its
# own: exit 0 passed, 77 skipped, else failed.
scripts=
for t in "$top"/tests/prop/*.sh "$top"/tests/layers.sh "$top"/tests/man.sh; do
	if [ -e "$t" ] && wanted "$t"; then
		scripts="$scripts $t"
	fi
done
export work
printf '%s\n' $scripts | xargs -r -n 1 -P 2 sh -c '
	n=$(basename "$1" .sh)
	mkdir "$work/$n.d" && cd "$work/$n.d" || exit 1
	timeout "${TEST_TIMEOUT:-120}" sh "$1" >"$work/$n.log" 2>&1 </dev/null
	echo $? >"$work/$n.rc"
	cd "$top" && rm -rf "$work/$n.d"' sh
for t in $scripts; do
	n=$work/$(basename "$t" .sh)
	case $(cat "$n.rc" 2>/dev/null) in
	0) passed=$((passed + 1)); tail -n 1 "$n.log" ;;
	77)
		skipped=$((skipped + 1))
		echo "skipped $(basename "$t" .sh): $(tail -n 1 "$n.log")"
		;;
	*) fail "script ${t#"$top"/}"; tail -n 40 "$n.log" ;;
	esac
done

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
