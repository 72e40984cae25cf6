# --explain says when an event did not enter, and why, of who was in a journey
# before; of others nothing is kept.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: r}
destinations: {out: {preset: file, settings: {dir: out}}}
limits: {instances: 4}
journeys:
  first: {enter: {event: a, again: once}, exclusive: one, priority: 1, steps: [{id: w, delay: 1h}, {id: s, send: out}]}
  late: {enter: {event: b, again: after 1d}, steps: [{id: s, send: out}]}
  gold: {enter: {event: c, if: {all: [{trait: n, gt: 1}, {trait: tier, eq: gold}]}}, steps: [{id: s, send: out}]}
  rival: {enter: {event: d}, exclusive: one, steps: [{id: s, send: out}]}
  each: {enter: {event: e, per: properties.c, again: each}, steps: [{id: w, delay: 2h}]}
YAML
n=0
line() { n=$((n + 1)); printf '{"type":"track","event":"%s","messageId":"m%s","timestamp":"2025-01-01T%s:00.000Z","properties":%s,"profile":{"id":"p_%s","traits":{"n":2}},"cdp":{"o":"main.merge","n":%s}}\n' "$2" $n "$1" "$4" "$3" $n; }
{
	line 00:00 c z '{}'
	line 00:00 a p '{}'
	line 00:10 d p '{}'
	line 00:20 b p '{}'
	line 02:00 a p '{}'
	line 02:10 b p '{}'
	line 02:20 c p '{}'
	for c in 1 2 3 4 5; do line "03:0$c" e p "{\"c\":$c}"; done
	line 05:40 e p '{}'
	printf '{"type":"end","cdp":{"o":"main.merge","lines":%s}}\n' $n
} >in
cdp-journey -q -s one <in >/dev/null
sed '/"type":"end"/d' in | while read -r l; do echo "$l" | cdp-journey -q --end=any -s many >/dev/null; done
for s in one many; do
	echo "== $s"
	cdp-journey -s $s --explain p_p |
		jq -c '.timeline[] | select(.did == "did not enter") | [.at, .journey, .why]'
done
cdp-journey -s one --explain p_p | jq -c '.journeys[] | select(.journey == "gold").why_not'
cdp-store -s one cat journey | grep -c p_z || :
