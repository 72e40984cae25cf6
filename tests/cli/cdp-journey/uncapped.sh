# What hosted products count out has no bound here, or one that the project
# sets: a thousand steps, branches, exits and events of a hold, a wait of five
# years, two thousand comparisons, audiences that name each other 200 deep, an
# event of ten thousand properties, names of 255 letters.
name() { awk -v n="$1" -v c="$2" 'BEGIN { while (n--) printf "%s", c }'; }
a=$(name 255 a) j=$(name 255 j) s=$(name 255 s) e=$(name 2000 E)
awk -v a="$a" -v j="$j" -v s="$s" -v e="$e" 'BEGIN {
	print "version: 1\ningest: {event: 1MB}\ndestinations: {d: {preset: file, settings: {dir: o}}}\naudiences:"
	printf "  %s: {when: {segment: \"", a
	for (i = 0; i < 1999; i++)
		printf "trait(\x27t%d\x27) = 1 OR ", i
	print "event(\x27" e "\x27).count() >= 1\"}}"
	print "  wide: {when: {event: W, where: {properties.p9999: 9999}}}\n  n0: {when: {event: X}}"
	for (i = 1; i < 200; i++)
		printf "  n%d: {when: {audience: n%d}}\n", i, i - 1
	print "journeys:\n  " j ":\n    enter: {event: X}\n    exit:"
	for (i = 0; i < 1000; i++)
		printf "      - {id: x%d, event: Exit %d}\n", i, i
	print "    steps:\n      - id: hold\n        hold:\n          timeout: 1d\n          events:"
	for (i = 0; i < 1000; i++)
		printf "            - {event: Go %d, goto: split}\n", i
	print "      - id: split\n        split:"
	for (i = 0; i < 1000; i++)
		printf "          - {if: {trait: n, eq: %d}, goto: s1}\n", i
	for (i = 1; i < 1000; i++)
		printf "      - {id: s%d, set: {a: %d}}\n", i, i
	print "      - {id: " s ", delay: 1826d}\n      - {id: last, send: d}"
}' >cdp.yaml
{
	echo '{"type":"track","event":"X","userId":"u","messageId":"1","timestamp":"2026-01-01T00:00:00Z"}'
	echo '{"type":"track","event":"Go 999","userId":"u","messageId":"2","timestamp":"2026-01-01T01:00:00Z"}'
	echo '{"type":"track","event":"'"$e"'","userId":"u","messageId":"3","timestamp":"2026-01-01T02:00:00Z"}'
	jq -nc '{type: "track", event: "W", userId: "u", messageId: "4", timestamp: "2026-01-01T03:00:00Z", properties: ([range(10000) | {key: "p\(.)", value: .}] | from_entries)}'
} >in
cdp-ingest --until 2031-01-02T00:00:00Z in | cdp-merge | cdp-audience | cdp-journey |
	jq -c 'select(.type == "activation") | [.timestamp, .step]'
cdp-audience --size | jq -sc 'map(.size) | [length, add]'
cdp-journey --funnel | jq -c '[.entered, (.steps | length), .outcomes]'
