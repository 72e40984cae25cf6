#!/bin/sh
# Run each fuzz target named for FUZZ_SECONDS (10), on a copy of its corpus.
# The last line is the count; what made a target fail is kept and named.
# Leaks are looked for at the end: after every input it takes most of the time.
top=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${FUZZ_SECONDS:-10}
passed=0 failed=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
for t in "$@"; do
	name=$(basename "$t")
	case $t in /*) ;; *) t=$PWD/$t ;; esac
	mkdir -p "$work/corpus" "${B:-$top/build}/fuzz/failed"
	cp "$top/tests/fuzz/corpus/${name#fuzz_}"/* "$work/corpus/" 2>/dev/null
	if (cd "$work" && "$t" -max_total_time="$seconds" -timeout=10 \
	    -detect_leaks=0 -rss_limit_mb=1024 -max_len=4096 -print_final_stats=1 \
	    -artifact_prefix="${B:-$top/build}/fuzz/failed/$name-" \
	    corpus) >"$work/log" 2>&1; then
		passed=$((passed + 1))
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' \
		    "$work/log")
		echo "$name: ${runs:-0} inputs in $seconds s"
	else
		failed=$((failed + 1))
		echo "FAIL $name"
		grep -v '^INFO\|^#\|^"\|^.NEW_FUNC' "$work/log" | head -n 25
		grep 'Test unit written' "$work/log"
	fi
	rm -rf "$work/corpus"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
