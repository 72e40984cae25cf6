#!/bin/sh
# Run every fault test of this directory against the build in $B, or those
# with a word of the arguments in their names.  The last line is the count.
top=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-$top/build}
PATH=$B:$PATH
export top B PATH LC_ALL=C TZ=UTC
unset CDP_PROJECT CDP_STORE
passed=0 failed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

wanted() {
	name=$1
	shift
	[ $# -eq 0 ] && return 0
	for word; do
		case $name in *"$word"*) return 0 ;; esac
	done
	return 1
}
for t in "$top"/tests/crash/*.sh; do
	[ "$(basename "$t")" != run.sh ] || continue
	wanted "$(basename "$t")" "$@" || continue
	sh "$t" >"$log" 2>&1 </dev/null
	rc=$?
	if [ $rc -eq 0 ] || [ $rc -eq 77 ]; then
		[ $rc -eq 77 ] || passed=$((passed + 1))
		tail -n 24 "$log"
	else
		failed=$((failed + 1))
		echo "FAIL $(basename "$t")"
		tail -n 60 "$log"
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
