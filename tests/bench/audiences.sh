#!/bin/sh
# What audiences cost: cdp-audience with 10, 100 and 1000 definitions over one
# stream, by its own time on one core, beside "jq -c ." over the same lines.
#
#   BENCH_EVENTS   how many events (30000)
#   BENCH_DEFS     how many definitions (10 100 1000)
#   BENCH_MAKE     a folder that gets the input and the projects: nothing is
#                  timed
#
# A shop's two weeks: 500 people, two hundred kinds of events, a profile with a
# dozen traits of which most events change one.  A definition names one to
# three of the kinds, or reads one or two of the traits, or another audience.
# Figures are for a person to compare; nothing here can fail for being slow.
top=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-$top/build}
PATH=$B:$PATH
n=${BENCH_EVENTS:-30000}
work=${BENCH_MAKE:-$(mktemp -d)} || exit 1
if [ -z "${BENCH_MAKE:-}" ]; then
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT TERM
fi
unset CDP_PROJECT CDP_STORE
export LC_ALL=C TZ=UTC PATH

# What cdp-merge would write, with a clock line each minute.
events() {
	awk -v n="$1" 'function rnd(k) {
		x = (x * 16807) % 2147483647
		return int(x / 2147483647 * k)
	}
	function stamp(s) {
		return sprintf("2025-03-%02dT%02d:%02d:%02d.000Z",
		    s / 86400 + 1, s / 3600 % 24, s / 60 % 60, s % 60)
	}
	BEGIN {
		x = 4711
		split("none silver gold platinum", tier, " ")
		for (i = no = 0; i < n; i++) {
			s = int(i * 14 * 86400 / n)
			if (int(s / 600) > tick) {
				tick = int(s / 600)
				printf "{\"type\":\"clock\",\"now\":\"%s\",\"cdp\":{\"o\":\"main.merge\",\"n\":%d}}\n",
				    stamp(tick * 600), ++no
			}
			u = rnd(500)
			k = rnd(10) < 7 ? rnd(20) : rnd(200)
			visits[u]++
			if (k < 5) { orders[u]++; spent[u] += rnd(90) + 10 }
			if (k > 4 && k < 20) cat[u] = rnd(20)
			printf "{\"type\":\"track\",\"messageId\":\"made-%08d\"," \
			    "\"userId\":\"user-%d\",\"anonymousId\":\"anon-%d\"," \
			    "\"timestamp\":\"%s\",\"event\":\"Event %d\"," \
			    "\"properties\":{\"product_id\":\"p%d\"," \
			    "\"category\":\"c%d\",\"name\":\"Sapato nº %d\"," \
			    "\"price\":%d.9,\"currency\":\"BRL\"}," \
			    "\"context\":{\"library\":{\"name\":\"made-up\"," \
			    "\"version\":\"1.0\"},\"locale\":\"pt-BR\"," \
			    "\"page\":{\"path\":\"/sapatos/%d\",\"referrer\":" \
			    "\"https://www.example.com/busca?q=sapato\"}," \
			    "\"device\":{\"type\":\"mobile\"}},\"profile\":{" \
			    "\"id\":\"p_%020x\",\"identifiers\":{\"user_id\":" \
			    "[\"user-%d\"],\"email\":[\"user-%d@example.com\"]," \
			    "\"anonymous_id\":[\"anon-%d\"]},\"traits\":{" \
			    "\"category\":\"c%d\",\"city\":\"Recife\"," \
			    "\"email\":\"user-%d@example.com\"," \
			    "\"firstName\":\"Ana\",\"loyalty_tier\":\"%s\"," \
			    "\"orders\":%d,\"points\":%d,\"revenue\":%d," \
			    "\"visits\":%d}},\"cdp\":{\"o\":\"main.merge\"," \
			    "\"n\":%d}}\n",
			    i, u, u, stamp(s), k, rnd(300), cat[u], rnd(97),
			    rnd(200), rnd(600), u, u, u, u, cat[u], u,
			    tier[u % 4 + 1], orders[u], u * 7 % 1000, spent[u],
			    visits[u], ++no
		}
	}'
}

# So many audiences, nearly all different.
project() {
	awk -v n="$1" 'function event(k) {
		return sprintf("event: Event %d", (k * 7 + 3) % 200)
	}
	BEGIN {
		print "version: 1\nproject: {name: bench}\naudiences:"
		for (i = 0; i < n; i++) {
			printf "  a%d:\n    when:\n      ", i
			k = int(i / 10)
			if (i % 10 < 3)
				c = sprintf("{%s, within: %dd, count: {gte: %d}}", event(i), k % 30 + 1, i % 5 + 2)
			else if (i % 10 == 3)
				c = sprintf("{%s, between: [%dh, 9d], count: {gte: 2}}", event(i), k % 40 + 5)
			else if (i % 10 == 4)
				c = sprintf("{all: [{%s, within: %dd}, {not: {%s, within: %dh}}, {not: {%s, within: 3d}}]}", event(i), k % 20 + 2, event(i + 1), k % 30 + 1, event(i + 2))
			else if (i % 10 == 5)
				c = sprintf("{%s, where: {properties.category: [c%d, c%d], properties.price: {gt: %d}}, within: 7d}", event(i), k % 20, (k + 7) % 20, k % 60)
			else if (i % 10 == 6)
				c = sprintf("{all: [{trait: loyalty_tier, in: [gold, platinum]}, {%s, within: 5d, count: {gte: %d}}]}", event(i), k % 4 + 1)
			else if (i % 10 == 7)
				c = sprintf("{all: [{trait: points, gte: %d}, {trait: city, eq: Recife}, {trait: orders, gte: %d}]}", k * 37 % 1000, k % 9 + 3)
			else if (i % 10 == 8)
				c = sprintf("{sequence: [{%s}, {%s}], within: %dh}", event(i), event(i + 3), k % 40 + 8)
			else
				c = sprintf("{all: [{audience: a%d}, {not: {audience: a%d}}, {trait: revenue, gt: %d}]}", i - 9, i - 5, k * 11 % 900)
			print c
		}
	}'
}
# The seconds it computed, on all threads, and its memory: the best of three.
cpu() {
	for _ in 1 2 3; do
		rm -rf "$work/store"
		"$B/bench/bench_run" "$work/in" /dev/null "$@" 2>"$work/err" ||
			head -n 3 "$work/err" >&2
	done | sort -n -k 3 | head -n 1 | cut -d ' ' -f 2,3
}

events "$n" >"$work/in"
for k in ${BENCH_DEFS:-10 100 1000}; do
	mkdir -p "$work/$k" && project "$k" >"$work/$k/cdp.yaml"
done
[ -z "${BENCH_MAKE:-}" ] || exit 0
jq=$(cpu jq -c . | cut -d ' ' -f 2)
echo
echo "audiences: $n events of 500 people, $(($(wc -c <"$work/in") / 1000000)) MB; by the time computed, in times of jq -c ."
for k in ${BENCH_DEFS:-10 100 1000}; do
	cd "$work/$k" || exit 1
	echo "$k $n $jq $(cpu cdp-audience -q -n -s none --end=any)" \
	    "$(cpu cdp-audience -q -s "$work/store" --end=any)" \
	    "$(cdp-audience -q -n -s none --end=any "$work/in" |
	        grep -c '"event":"Audience E')" |
	    awk '{
		t = $5 > 0 ? $5 : 0.001
		u = $7 > 0 ? $7 : 0.001
		printf "  %5d definitions %9.0f events/s %5.1f x  with a store %5.1f x %6.0f MiB, %.2f entries and exits an event\n",
		    $1, $2 / t, $3 / t, $3 / u, $6 / 1024, $8 / $2
	}'
done
