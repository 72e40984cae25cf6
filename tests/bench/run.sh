#!/bin/sh
# Time the JSON reader, then each stage on what the stage before it wrote, then
# the whole pipeline, each beside "jq -c ." over the same input.
#
#   run.sh [FILE]     or BENCH_FILE: events as NDJSON, plain or .zst
#   BENCH_LINES       how many events the costs are measured on (200000)
#   BENCH_MB          how much of it, repeated if need be, is read as JSON (100)
#
# Without a file: the sample of real events beside the checkout if it is
# there, else made-up ones.  Figures are for a person to compare; nothing here
# can fail for being slow.
top=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-$top/build}
PATH=$B:$PATH
mb=${BENCH_MB:-100}
file=${1:-${BENCH_FILE:-}}
sample=$top/../shared/data/ga360_sample.ndjson.zst
if [ -z "$file" ] && [ -e "$sample" ]; then
	file=$sample
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
unset CDP_PROJECT CDP_STORE
export LC_ALL=C TZ=UTC PATH

# A shop's week: 2,000 people who look, add and sometimes buy.
made_up() {
	awk 'BEGIN {
		split("Product Viewed|Product Viewed|Product Added|Order Completed", ev, "|")
		for (i = 0; i < 20000; i++) {
			s = i * 30
			u = (i * 7919) % 2003
			e = ev[(i * 31 + u) % 4 + 1]
			printf "{\"type\":\"track\",\"messageId\":\"made-%08d\"," \
			    "\"userId\":\"user-%d\",\"anonymousId\":\"anon-%d\"," \
			    "\"timestamp\":\"2025-03-%02dT%02d:%02d:%02d.000Z\"," \
			    "\"event\":\"%s\",\"properties\":{\"cart_id\":\"c%d\"," \
			    "\"product_id\":\"p%d\",\"order_id\":\"o%d\"," \
			    "\"name\":\"Sapato de couro nº %d\"," \
			    "\"price\":%d.9,\"total\":%d.8,\"currency\":\"BRL\"}," \
			    "\"context\":{\"library\":{\"name\":\"made-up\"," \
			    "\"version\":\"1.0\"},\"locale\":\"pt-BR\"," \
			    "\"page\":{\"path\":\"/sapatos/%d\",\"referrer\":" \
			    "\"https://www.example.com/busca?q=sapato\"}," \
			    "\"device\":{\"type\":\"mobile\"}}}\n",
			    i, u, u, s / 86400 + 1, s / 3600 % 24, s / 60 % 60,
			    s % 60, e, u, i % 97, i, i % 97, i % 300, i % 600,
			    i % 97
		}
	}'
}
case $file in
'') made_up ;;
*.zst) zstd -dcq "$file" ;;
*) cat "$file" ;;
esac >"$work/events" || exit 1
[ -s "$work/events" ] || { echo "bench: no events" >&2; exit 1; }

# ---- reading ----------------------------------------------------------------

size=$(wc -c <"$work/events")
n=$(((mb * 1000000 + size - 1) / size))
while [ "$n" -gt 0 ]; do
	cat "$work/events"
	n=$((n - 1))
done >"$work/big"
"$B/bench/bench_json" "$work/big" || exit 1
rm -f "$work/big"

# ---- stages -----------------------------------------------------------------

stages=
for s in cdp-ingest cdp-merge cdp-audience cdp-journey cdp-emit; do
	[ -x "$B/$s" ] || break
	stages="$stages $s"
done
[ -n "$stages" ] || exit 0

# timed NAME IN OUT COMMAND...: one line of the table; events per second are
# those of the file of events, whatever else is in IN.
events=$(wc -l <"$work/events")
timed() {
	what=$1 from=$2 to=$3
	shift 3
	got=$("$B/bench/bench_run" "$from" "$to" "$@" 2>"$work/err")
	rc=$?
	if [ $rc -gt 1 ]; then
		printf '  %-22s failed with status %d: %s\n' "$what" $rc \
		    "$(head -n 1 "$work/err")"
		return 1
	fi
	echo "$got $events $(wc -c <"$from")" | awk -v what="$what" '{
		t = $1 > 0 ? $1 : 0.001
		printf "  %-22s %9.0f events/s %7.1f MB/s %7.1f MiB peak\n",
		    what, $3 / t, $4 / t / 1e6, $2 / 1024
	}'
}
fresh() {
	rm -rf "$work/project" && mkdir "$work/project" || exit 1
	cp "$top/tests/bench/cdp.yaml" "$work/project"
	cd "$work/project" || exit 1
}

fresh
echo
echo "stages, each on the output of the one before: $events events, $((size / 1000000)) MB"
in=$work/events pipe=
for s in $stages; do
	opts=
	[ "$s" = cdp-ingest ] && opts='--until end --rejects rejects.ndjson'
	[ "$s" = cdp-emit ] && opts=--deliver
	# shellcheck disable=SC2086
	timed $s "$in" "$work/$s.out" $s $opts || exit 0
	timed '  jq -c . on the same' "$in" /dev/null jq -c .
	in=$work/$s.out
	pipe="$pipe${pipe:+ | }$s${opts:+ $opts}"
done
last=$in
# ---- what remembering costs ---------------------------------------------------

# best N IN COMMAND...: the least seconds of N runs.
best() {
	times=$1 from=$2
	shift 2
	while [ "$times" -gt 0 ]; do
		times=$((times - 1))
		[ -z "$new" ] || rm -rf "$new"
		"$B/bench/bench_run" "$from" /dev/null "$@" 2>/dev/null
	done | sort -n | head -n 1 | cut -d ' ' -f 1
}
# Enough that the start of a store, some 20 ms, is not what is measured.
full=$top/../shared/data/ga360_full.ndjson.zst
if [ "$file" = "$sample" ] && [ -e "$full" ]; then
	zstd -dcq "$full" 2>/dev/null | head -n "${BENCH_LINES:-200000}" \
	    >"$work/many"
else
	cp "$work/events" "$work/many"
fi
fresh
echo
echo "what remembering costs: $(wc -l <"$work/many") events, best of three, output to /dev/null"
echo "  stage            nothing kept  --sync=none       synced  seen already   bytes/line"
in=$work/many
for s in $stages; do
	opts=
	[ "$s" = cdp-ingest ] && opts='--until end --rejects /dev/null'
	# shellcheck disable=SC2086
	{
		new=
		dry=$(best 3 "$in" $s -n -s none $opts)
		new=loose
		loose=$(best 3 "$in" $s --sync=none -s loose $opts)
		new=kept
		kept=$(best 3 "$in" $s -s kept $opts)
		size=$(find "kept/${s#cdp-}" -type f -exec cat {} + | wc -c)
		new=
		again=$(best 3 "$in" $s -s kept $opts)
	}
	echo "$dry $loose $kept $again $size $(wc -l <"$in")" |
	    awk -v what="$s" '{
		for (i = 1; i <= 4; i++) if ($i == 0) $i = 0.001
		printf "  %-14s %10.0f l/s %+11.0f %% %+10.0f %% %10.1f x %12.1f\n",
		    what, $6 / $1, ($2 / $1 - 1) * 100, ($3 / $1 - 1) * 100,
		    $3 / $4, $5 / $6
	}'
	# shellcheck disable=SC2086
	$s -s kept $opts <"$in" >"$work/$s.many" 2>/dev/null
	in=$work/$s.many
done
fresh
echo
echo "the pipeline"
timed "all $(echo "$stages" | wc -w) stages" "$work/events" "$work/all.out" \
    sh -c "$pipe"
timed '  jq -c . on the same' "$work/events" /dev/null jq -c .
cmp -s "$work/all.out" "$last" ||
	echo "  the pipeline printed other bytes than its stages one by one"
