#!/bin/sh
# Events that come out of order, but within the lateness, leave as if they had
# come in order: the same bytes, whatever the shuffle.
printf 'version: 1\nproject: {name: t}\nclock: {lateness: 10m, tick: 1m}\n' >cdp.yaml
awk 'BEGIN {
	for (i = 0; i < 2000; i++) {
		s = i * 3
		printf "{\"type\":\"track\",\"event\":\"A\",\"messageId\":\"m%d\"," \
		    "\"userId\":\"u%d\",\"timestamp\":\"2025-03-03T%02d:%02d:%02dZ\"}\n",
		    (i * 7919) % 2000, i % 17, s / 3600, (s / 60) % 60, s % 60
	}
}' >in
cdp-ingest -s ordered in >want || exit 1
[ "$(grep -c '"track"' want)" -eq 2000 ] || exit 1
grep '"timestamp"' want | sed 's/,"cdp":.*/}/' | cmp - in || exit 1
for seed in 1 2 3; do
	# Each line moves by less than 199 places, that is by less than 10 m.
	awk -v seed=$seed 'BEGIN { srand(seed) }
		{ printf "%09d\t%s\n", NR * 1000 + rand() * 99000, $0 }' in |
		sort | cut -f 2- >mixed
	cmp -s in mixed && exit 1
	cdp-ingest -s "s$seed" mixed | cmp want - || exit 1
done
echo "order: as if it had come in order"
