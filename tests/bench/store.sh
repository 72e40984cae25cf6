#!/bin/sh
# A store as it is after years: how long it takes to open it, and to look for
# what it knows and what it never met, before and after compaction.
#
#   BENCH_PROFILES (5000000), BENCH_VERSIONS (10), BENCH_MEMORY (128M),
#   BENCH_DIR (a directory with some GB of room; the system's temporary one)
#
# Times are of the processor, so that what else runs does not count.  Takes
# some ten minutes and 7 GB.
top=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-$top/build}
PATH=$B/bench:$B:$PATH
profiles=${BENCH_PROFILES:-5000000} versions=${BENCH_VERSIONS:-10}
work=$(mktemp -d -p "${BENCH_DIR:-${TMPDIR:-/tmp}}") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
look() {
	bench_store look "$work/s" "$profiles" merge ingest >/dev/null &&
		bench_store look "$work/s" "$profiles" merge ingest
}
echo "$profiles profiles of $versions versions"
bench_store build "$work/s" "$profiles" "$versions" || exit 1
cdp-store -s "$work/s" stats || exit 1
look || exit 1
for log in merge ingest; do
	bench_run /dev/null "$work/out" cdp-store -s "$work/s" \
	    --memory "${BENCH_MEMORY:-128M}" compact $log >"$work/time" || exit 1
	cat "$work/out"
	awk '{ printf "in %.0f s, at most %.0f MiB\n", $1, $2 / 1024 }' \
	    "$work/time"
done
look
