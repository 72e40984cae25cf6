#!/bin/sh
# Many people in a journey: what each costs of memory and time, and what each
# of their timers costs, beside the queue of timers alone.
#
#   BENCH_CROWD    the most people of the curve (1000000)
#
# Everybody puts something into the cart, which starts a hold of half an hour;
# then a clock line a second lets all of them run out.  Memory is what the peak
# grows by with each further person, from a tenth of them.  Figures are for a
# person to compare; nothing here can fail for being slow.
top=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-$top/build}
PATH=$B:$PATH
most=${BENCH_CROWD:-1000000}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
unset CDP_PROJECT CDP_STORE
export LC_ALL=C TZ=UTC PATH
mkdir "$work/project" && cp "$top/tests/bench/cdp.yaml" "$work/project"
cd "$work/project" || exit 1

# What cdp-audience would write of N people within twenty minutes.
enter() {
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++) {
			s = int(i * 1200 / n)
			u = i * 7919 % n
			printf "{\"type\":\"track\",\"messageId\":\"m-%08d\"," \
			    "\"userId\":\"user-%d\",\"anonymousId\":\"anon-%d\"," \
			    "\"timestamp\":\"2026-01-01T00:%02d:%02d.000Z\"," \
			    "\"event\":\"Product Added\",\"properties\":{" \
			    "\"cart_id\":\"c%d\",\"product_id\":\"p%d\"," \
			    "\"name\":\"Sapato nº %d\",\"price\":%d.9," \
			    "\"currency\":\"BRL\"},\"context\":{\"library\":{" \
			    "\"name\":\"made-up\",\"version\":\"1.0\"}," \
			    "\"locale\":\"pt-BR\",\"page\":{\"path\":" \
			    "\"/sapatos/%d\"}},\"profile\":{\"id\":" \
			    "\"p_%08x%06x%06x\",\"identifiers\":{\"user_id\":[" \
			    "\"user-%d\"],\"email\":[\"user-%d@example.com\"]," \
			    "\"anonymous_id\":[\"anon-%d\"]},\"traits\":{" \
			    "\"cart\":[{\"product_id\":\"p%d\",\"price\":%d.9}]," \
			    "\"city\":\"Recife\",\"email\":" \
			    "\"user-%d@example.com\",\"firstName\":\"Ana\"," \
			    "\"orders_90d\":%d},\"audiences\":{}},\"cdp\":{" \
			    "\"o\":\"main.audience\",\"n\":%d}}\n",
			    i, u, u, s / 60, s % 60, u, i % 300, i % 97,
			    i % 300, i % 600,
			    (u * 2654435 + 11) % 2147483647,
			    u * 7919 % 16777213, u, u, u, u, i % 300, i % 300,
			    u, i % 7, i + 1
		}
	}'
}
# The clock, a second at a time, to when all holds of them are over.
clock() {
	awk -v n="$1" 'BEGIN {
		for (s = 1200; s < 3060; s++)
			printf "{\"type\":\"clock\",\"now\":\"2026-01-01T00:" \
			    "%02d:%02d.000Z\",\"cdp\":{\"o\":\"main.audience\"," \
			    "\"n\":%d}}\n", s / 60, s % 60, n + s
	}'
}
# Seconds of computing and KiB, of cdp-journey over FILE.
cost() {
	from=$1
	shift
	rm -rf "$work/store"
	"$B/bench/bench_run" "$from" /dev/null cdp-journey -q --end=any "$@" \
	    2>"$work/err" | cut -d ' ' -f 2,3
}

echo
echo "timers, in the queue alone"
n=10000
while [ "$n" -le "$most" ]; do
	"$B/bench/bench_due" "$n"
	n=$((n * 10))
done
echo
echo "people in a journey, each with a timer: memory and time of each"
n=1000 was=
while [ "$n" -le "$most" ]; do
	enter "$n" >"$work/in"
	kept="$(cost "$work/in" -n -s none)"
	logged="$(cost "$work/in" -s "$work/store")"
	clock "$n" >>"$work/in"
	[ -z "$was" ] ||
		echo "$n $was $kept $logged $(cost "$work/in" -n -s none)" |
		awk '{
			d = 1024 / ($1 * 0.9)
			us = 1e6 / $1
			printf "  %9d people: %4.0f bytes, %4.1f us to enter; with a store %4.0f bytes, %4.1f us; %4.1f us for a timer that is over\n",
			    $1, ($6 - $2) * d, $7 * us, ($8 - $4) * d,
			    $9 * us, ($11 - $7) * us
		}'
	was="$kept $logged"
	n=$((n * 10))
done
