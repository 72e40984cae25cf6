# A journey may have any number of steps: five thousand are walked at once, and
# one that leads back is found.
make() {
	awk -v last="$1" 'BEGIN {
		print "version: 1\njourneys:\n  j:\n    enter: {event: A}\n    steps:"
		for (i = 0; i < 5000; i++)
			printf "      - {id: s%d, if: {trait: t, eq: %d}, goto: s%d}\n", i, i, i + 1
		print "      - " last
	}' >cdp.yaml
}
make '{id: s5000, goto: s4000}'
cdp-journey --check
echo "status $?"
make '{id: s5000, end: through}'
echo '{"type":"track","event":"A","messageId":"m1","timestamp":"2026-01-01T00:00:00Z","profile":{"id":"p_1","traits":{"t":5}},"cdp":{"o":"main.merge","n":1}}' |
	cdp-journey -s store -q --end=any | jq -r .type
cdp-journey -s store --funnel | jq -c 'select(.outcome // .outcomes) | .outcome // .outcomes'
