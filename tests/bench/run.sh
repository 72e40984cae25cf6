#!/bin/sh
# Time the JSON reader, then each stage on what the stage before it wrote, then
# the whole pipeline, each beside "jq -c ." over the same input.
#
#   run.sh [FILE]     or BENCH_FILE: events as NDJSON, plain or .zst
#   BENCH_LINES       how many events the costs are measured on (613043)
#   BENCH_TIMES       how often, of which the fastest counts (5)
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
		    what, $4 / t, $5 / t / 1e6, $2 / 1024
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
in=$work/events pipe='' flow=''
for s in $stages; do
	opts=
	[ "$s" = cdp-ingest ] && opts='--until end --rejects rejects.ndjson'
	[ "$s" = cdp-emit ] && opts=--deliver
	# shellcheck disable=SC2086
	timed $s "$in" "$work/$s.out" $s $opts || exit 0
	timed '  jq -c . on the same' "$in" /dev/null jq -c .
	in=$work/$s.out
	pipe="$pipe${pipe:+ | }$s${opts:+ $opts}"
	[ "$opts" = --deliver ] && opts=
	flow="$flow${flow:+ | }$s -s flow${opts:+ $opts}"
done
last=$in
# ---- what remembering costs ---------------------------------------------------

# once NAME STORE COMMAND...: note in NAME how long it took, and computed; with
# a new store that knows the first line, as to make one is no part of the rest.
once() {
	note=$work/cost.$1 new=$2
	shift 2
	[ -z "$new" ] || {
		rm -rf "$new"
		head -n 1 "$in" | "$s" -q -s "$new" $any >/dev/null || exit 1
	}
	"$B/bench/bench_run" "$in" /dev/null "$@" 2>/dev/null |
	    cut -d ' ' -f 1,3 >>"$note"
}
# The least of a column of what was noted.
least() {
	cut -d ' ' -f "$2" "$work/cost.$1" | sort -n | head -n 1
}
carters=$top/../shared/data/ga360_carters.ndjson.zst
if [ "$file" = "$sample" ] && [ -e "$carters" ]; then
	zstd -dcq "$carters" 2>/dev/null | head -n "${BENCH_LINES:-613043}" \
	    >"$work/many"
else
	cp "$work/events" "$work/many"
fi
fresh
times=${BENCH_TIMES:-5}
cat <<-EOF

	what remembering costs: $(wc -l <"$work/many") events, best of $times, output to /dev/null
	  a  -n -s none: nothing is read, recorded or synced
	  b  --sync=none: recorded, replayed and packed, but never synced
	  c  as it is: recorded, packed and synced
	  d  c once more: all of it is seen already
	throughput lost is 1 - a/b and 1 - a/c of the time; CPU is that of all threads

	  stage             a lines/s  lost by b  lost by c   CPU b   CPU c  d faster than c   CPU  bytes/line
EOF
in=$work/many
for s in $stages; do
	opts='' any=--end=any
	[ "$s" = cdp-ingest ] && opts='--until end --rejects /dev/null' any=
	rm -f "$work"/cost.*
	n=$times
	# In turn, so that a slow minute of the machine is everybody's.
	while [ "$n" -gt 0 ]; do
		n=$((n - 1))
		# shellcheck disable=SC2086
		{
			once a '' $s -n -s none $opts
			once b loose $s --sync=none -s loose $opts
			once c kept $s -s kept $opts
			size=$(find "kept/${s#cdp-}" -type f -exec cat {} + |
			    wc -c)
			once d '' $s -s kept $opts
		}
	done
	for way in a b c d; do
		least $way 1
		least $way 2
	done | tr '\n' ' ' | awk -v what="$s" -v size="$size" \
	    -v lines="$(wc -l <"$in")" '{
		for (i = 1; i <= 8; i++) if ($i == 0) $i = 0.001
		printf "  %-14s %12.0f %8.0f %% %8.0f %% %+5.0f %% %+5.0f %%" \
		    " %13.2f x %4.2f x %11.1f\n", what, lines / $1,
		    100 - $1 / $3 * 100, 100 - $1 / $5 * 100,
		    ($4 / $2 - 1) * 100, ($6 / $2 - 1) * 100, $5 / $7,
		    $6 / $8, size / lines
	}'
	# shellcheck disable=SC2086
	$s -s kept $opts <"$in" >"$work/$s.many" 2>/dev/null
	in=$work/$s.many
done
# ---- what a plan costs ----------------------------------------------------------

# cpu COMMAND...: the least seconds it computed of three runs over many events,
# which other work on the machine hardly changes.
cpu() {
	for _ in 1 2 3; do
		"$B/bench/bench_run" "$work/many" /dev/null "$@" 2>/dev/null
	done | cut -d ' ' -f 3 | sort -n | head -n 1
}
# planned NAME: cdp-ingest with the project that was made, beside jq.
planned() {
	echo "$(cpu cdp-ingest -n -s none --until end --rejects /dev/null)" \
	    "$jq $(wc -l <"$work/many")" |
	    awk -v what="$1" '{
		t = $1 > 0 ? $1 : 0.001
		printf "  %-24s %9.0f events/s %7.1f times jq -c .\n", what,
		    $3 / t, $2 / t
	}'
}
# The plan that fits the events, with so many rules more for other names.
inferred() {
	fresh
	cdp-ingest -q --infer "$work/many" | awk -v more="$1" '{
		sub("violation: allow", "violation: block")
		print
		if ($0 != "  events:")
			next
		for (i = 1; i <= more; i++)
			printf "    Other %d: {required: [id], properties: " \
			    "{id: {type: string}, price: {minimum: 0}}}\n", i
	}' >>cdp.yaml
}
jq=$(cpu jq -c .)
echo
echo "what a plan costs: cdp-ingest, nothing kept, output to /dev/null, by its own time"
fresh
planned 'no plan'
cat "$top/share/examples/loja/plan.yaml" >>cdp.yaml
planned "the example's"
inferred 0
planned "inferred: $(cdp-ingest --list events | wc -l) events"
inferred 200
planned 'and 200 more events'
fresh
echo
echo "the pipeline"
timed "all $(echo "$stages" | wc -w) stages" "$work/events" "$work/all.out" \
    sh -c "$pipe"
timed '  jq -c . on the same' "$work/events" /dev/null jq -c .
cmp -s "$work/all.out" "$last" ||
	echo "  the pipeline printed other bytes than its stages one by one"
fresh
events=$(wc -l <"$work/many")
echo
echo "the pipeline, without --deliver, output to /dev/null: $events events"
timed "all $(echo "$stages" | wc -w) stages" "$work/many" /dev/null \
    sh -c "$flow"
first=${got%% *}
timed '  once more' "$work/many" /dev/null sh -c "$flow"
again=${got%% *}
timed '  jq -c . on the same' "$work/many" /dev/null jq -c .
echo "${got%% *} $first $again" |
	awk '{ printf "  %.1f and %.1f times as fast as jq -c .\n", $1 / $2, $1 / $3 }'
