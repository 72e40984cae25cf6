#!/bin/sh
# cdp-merge over many people, and beside a database that computes the same
# traits over the same file at once.
#
#   BENCH_PEOPLE   the most profiles of the curve (1000000; 10000000 takes
#                  minutes and some GB of disk)
#   BENCH_FILE     real events for the database, plain or .zst; without it the
#                  sample beside the checkout, if it is there
#
# Each profile has two identifiers and comes back once, in another order.
# Figures are for a person to compare; nothing here can fail for being slow.
top=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-$top/build}
PATH=$B:$PATH
most=${BENCH_PEOPLE:-1000000}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
unset CDP_PROJECT CDP_STORE
export LC_ALL=C TZ=UTC PATH
mkdir "$work/project" && cp "$top/tests/bench/cdp.yaml" "$work/project"
cd "$work/project" || exit 1

# N people in the order of a stride that has no divisor in common with N.
visits() {
	awk -v n="$1" -v stride="$2" -v from="$3" 'BEGIN {
		for (i = 0; i < n; i++) {
			u = i * stride % n
			s = from + i % 80000
			printf "{\"type\":\"track\",\"messageId\":\"m%d-%d\"," \
			    "\"userId\":\"user-%d\",\"anonymousId\":\"anon-%d\"," \
			    "\"timestamp\":\"2026-01-01T%02d:%02d:%02d.000Z\"," \
			    "\"event\":\"%s\",\"properties\":{\"total\":%d.5," \
			    "\"product_id\":\"p%d\"}," \
			    "\"cdp\":{\"o\":\"main.ingest\",\"n\":%d}}\n",
			    from, i, u, u, s / 3600 % 24, s / 60 % 60, s % 60,
			    i % 3 ? "Product Added" : "Order Completed",
			    i % 97, i % 300, from * n + i + 1
		}
	}'
}
rate() { # FILE COMMAND...: events/s and peak memory
	from=$1
	shift
	got=$("$B/bench/bench_run" "$from" /dev/null "$@" 2>"$work/err") || {
		head -n 3 "$work/err"
		return
	}
	echo "$got $(wc -l <"$from")" | awk '{
		printf "%10.0f events/s %8.0f MiB", $4 / $1, $2 / 1024
	}'
}

echo "people, each with two identifiers: met for the first time, and again"
n=10000
while [ "$n" -le "$most" ]; do
	visits $n 7919 0 >"$work/in"
	printf '  %9d %s' $n "$(rate "$work/in" cdp-merge --end=any -s "s$n")"
	visits $n 104729 1 >"$work/in"
	printf '   again %s\n' \
	    "$(rate "$work/in" cdp-merge --end=any -s "s$n")"
	rm -rf "s$n"
	n=$((n * 10))
done
rm -f "$work/in"

file=${BENCH_FILE:-$top/../shared/data/ga360_carters.ndjson.zst}
[ -e "$file" ] || exit 0
case $file in
*.zst) zstd -dcq "$file" ;;
*) cat "$file" ;;
esac >"$work/events" || exit 1
echo
echo "the traits of $(wc -l <"$work/events") real events, from the file to a line for each person"
once() {
	rm -rf store
	"$B/bench/bench_run" /dev/null /dev/null sh -c \
	    "cdp-ingest -q --until end '$work/events' | cdp-merge -q --profiles >people"
}
printf '  cdp-ingest | cdp-merge --profiles %8.2f s (best of 3), %d people\n' \
    "$( (once; once; once) | sort -n | head -n 1 | cut -d ' ' -f 1)" \
    "$(wc -l <people)"
cp "$top/tests/bench/duckdb.mjs" "$work" && cd "$work" || exit 1
if ! command -v npm >/dev/null; then
	echo "  DuckDB: there is no npm to install it with"
	exit 0
fi
if ! npm install --silent --no-audit --no-fund @duckdb/node-api >npm.log 2>&1; then
	echo "  DuckDB: npm could not install @duckdb/node-api: $(tail -n 1 npm.log)"
	exit 0
fi
for threads in 1 2; do
	printf '  DuckDB, %d thread%s %22.2f s (best of 3), %d people\n' $threads \
	    "$([ $threads = 1 ] && echo ' ' || echo s)" \
	    "$(for _ in 1 2 3; do node duckdb.mjs events $threads || exit; done |
		sort -n | head -n 1)" "$(wc -l <events.out)"
done
