# What is taken back leaves nothing: people who share kiosks are told apart by
# an unmerge of the kiosks, and from then on each line, audiences and entries
# into them included, is that of a run that never believed a kiosk.  So is what
# journeys send for who enters from then on, if nothing of before bars it, and
# nobody enters twice what admits once.  The same in one run and in runs of
# some lines each; and filters that missed the unmerge, and went on, catch up
# when all lines come again.
identity() {
	cat <<'END'
version: 1
project: {name: t}
identity:
  identifiers:
    user_id: {from: userId, limit: 100}
    anonymous_id: {from: anonymousId, limit: 100}
END
}
rules() {
	cat <<'END'
traits:
  visits: {count: true, event: A}
  spent: {sum: properties.n, event: B, within: 4h}
  last: {last: properties.n, event: [A, B]}
audiences:
  busy: {when: {event: A, within: 2h, count: {gte: 3}}}
  ever: {when: {event: B, count: {gte: 4}}}
  calm: {when: {not: {event: [A, B], within: 1h}}}
  past: {when: {event: C, between: [1h, 3h]}}
  rich: {when: {trait: spent, gt: 20}}
  both: {when: {all: [{audience: busy}, {not: {audience: rich}}]}}
  path: {when: {sequence: [{event: A}, {event: C}, {event: B}], match: properties.n, within: 5h}}
journeys:
  again:
    enter: {event: A, again: each}
    exit: [{id: c, event: C, where: {properties.n: {gt: 6}}}]
    steps: [{id: hold, hold: 30m}, {id: tell, send: out}, {id: rest, hold: 2h}, {id: more, send: out}]
  cart:
    enter: {event: B, per: properties.n, again: after 3h}
    exit: [{id: c, event: C}]
    steps: [{id: hold, hold: 40m}, {id: tell, send: out}]
  first:
    enter: {event: C, again: once}
    steps: [{id: hold, hold: 10m}, {id: tell, send: out}]
destinations: {out: {preset: file, settings: {dir: out}}}
END
}
{ identity; rules; } >cdp.yaml
mkdir never && { identity; echo '  block: {values: [k1, k2]}'; rules; } >never/cdp.yaml
seed=${UNMERGE_SEED:-1} last=$((${UNMERGE_SEED:-1} + ${UNMERGE_RUNS:-3} - 1))
while [ $seed -le $last ]; do
awk -v seed=$seed 'BEGIN {
	s = seed * 7919 + 17
	for (i = 0; i < 400; i++) {
		t += r(9)
		u = "u" r(4)
		who = r(9)
		if (who < 3) id = "\"userId\":\"" u "\""
		else if (who < 6) id = "\"userId\":\"" u "\",\"anonymousId\":\"" u "c" r(2) "\""
		else if (who < 8) id = "\"userId\":\"" u "\",\"anonymousId\":\"k" 1 + r(2) "\""
		else id = "\"anonymousId\":\"k" 1 + r(2) "\""
		e = substr("ABC", 1 + r(3), 1)
		printf "{\"messageId\":\"m%d\",\"timestamp\":\"2025-03-%02dT%02d:%02d:00.000Z\",%s", i, 1 + int(t / 1440), int(t / 60) % 24, t % 60, i == 200 || i == 300 ? "\"type\":\"unmerge\",\"anonymous_id\":\"k" i / 100 - 1 "\"}\n" : "\"type\":\"track\",\"event\":\"" e "\"," id ",\"properties\":{\"n\":" r(9) "}}\n"
	}
}
function r(n) {
	s = (s * 16807) % 2147483647
	return int(s / 65536) % n
}' >in
show='select((.type == "track" and .profile.identifiers.user_id or
	.journey == "again" and .event.timestamp > $from) and .timestamp > $from) |
	[.timestamp, .type, .event, .journey, .step, .properties, .profile.identifiers.user_id,
	.profile.audiences, .profile.traits]'
cdp-ingest -s one in | cdp-merge -s one 2>err | cdp-audience -s one | cdp-journey -s one >a
grep -v '"type":"unmerge"' in >in2
cdp-ingest -C never -s two in2 | cdp-merge -C never -s two 2>err |
	cdp-audience -C never -s two | cdp-journey -C never -s two >b
# From the last unmerge on.
from=$(sed -n '301s/.*"timestamp":"\([^"]*\)".*/\1/p' in)
for f in a b; do
	jq -c --arg from "$from" "$show" $f | sort >$f.show
done
cmp a.show b.show || { diff a.show b.show | head -n 6; echo "seed $seed"; exit 1; }
jq -c 'select(.journey == "first") | .event.userId // empty' a | sort | uniq -d | grep . && exit 1
[ $(wc -l <a.show) -gt 90 ] || { wc -l a.show; exit 1; }
cdp-ingest -s many in | grep -v '"type":"end"' | split -l 67 - part.
for f in part.*; do
	echo '{"type":"end","cdp":{"o":"main.ingest","lines":0}}' | cat $f - |
		cdp-merge -s many 2>err | cdp-audience -s many | cdp-journey -s many
done | grep -v '"type":"end"' >c
grep -v '"type":"end"' a | cmp - c || exit 1
cdp-ingest -s one in | cdp-merge -s one 2>err | grep -v '"type":"end"' >m
at=$(grep -n '"type":"unmerge"' m | sed -n '1s/:.*//p') n=$(wc -l <m)
late() { # FROM TO: these lines of cdp-merge
	{ sed -n "$1,$2p" m && echo '{"type":"end","cdp":{"o":"main.merge","lines":0}}'; } |
		cdp-audience -s late | cdp-journey -s late
}
{ late 1 $((at - 30)) && late $((at + 9)) $((at + 30)) && late 1 $((at + 30)); } >c
late $((at + 31)) "$n" >c
what='select(.messageId | tostring | test("^m")) | [.messageId, .profile]'
jq -c "$what" c >c.show
jq -c "$what" a | tail -n "$(wc -l <c.show)" | cmp - c.show || exit 1
rm -rf one two many late part.*
seed=$((seed + 1))
done
