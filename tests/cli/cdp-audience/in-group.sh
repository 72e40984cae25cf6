# What holds of the members of a group, any, all or none: at the instant that
# it changes, for each of them; by events that name the group or none; who
# joins, moves and leaves; and in a store.
cat >cdp.yaml <<'E'
version: 1
groups: {household: {from: groupId, leave: {event: Left}}, firm: {}}
audiences:
  bought: {when: {in_group: household, any: {event: Order Completed, within: 1d}}}
  nobody: {when: {in_group: household, none: {event: Order Completed, within: 1d}}}
  allvip: {when: {in_group: household, all: {trait: vip, eq: true}}}
  friend: {when: {all: [{audience: allvip}, {in_group: household, any: {audience: big}}]}}
  big: {when: {trait: points, gt: 100}}
E
jq -c '. + {cdp: {o: "main.merge", n: input_line_number}}' >in <<'E'
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T08:00:00.000Z","profile":{"id":"p_a","traits":{}}}
{"type":"group","groupId":"h","timestamp":"2026-03-01T09:00:00.000Z","profile":{"id":"p_a","traits":{"vip":true},"groups":{"household":{"id":"h"}}}}
{"type":"group","groupId":"h","timestamp":"2026-03-01T09:01:00.000Z","profile":{"id":"p_b","traits":{"vip":true},"groups":{"household":{"id":"h"}}}}
{"type":"identify","timestamp":"2026-03-01T09:01:30.000Z","profile":{"id":"p_x","traits":{"vip":true}}}
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T09:02:00.000Z","context":{"groupId":"other"},"profile":{"id":"p_b","traits":{"vip":true},"groups":{"household":{"id":"h"}}}}
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T09:03:00.000Z","context":{"groupId":"h"},"profile":{"id":"p_b","traits":{"vip":true},"groups":{"household":{"id":"h"}}}}
{"type":"identify","timestamp":"2026-03-01T09:04:00.000Z","profile":{"id":"p_b","traits":{"vip":true,"points":500},"groups":{"household":{"id":"h"}}}}
{"type":"group","groupId":"h","timestamp":"2026-03-01T09:05:00.000Z","profile":{"id":"p_c","traits":{},"groups":{"household":{"id":"h"}}}}
{"type":"merge","timestamp":"2026-03-01T09:06:00.000Z","messageId":"mrg_1","from":"p_c","into":"p_b","by":"m"}
{"type":"identify","timestamp":"2026-03-01T09:06:00.000Z","profile":{"id":"p_b","traits":{"vip":true,"points":500},"groups":{"household":{"id":"h"}},"merged":["p_c"]}}
{"type":"track","event":"Page","timestamp":"2026-03-02T09:30:00.000Z","profile":{"id":"p_a","traits":{"vip":true},"groups":{"household":{"id":"h"}}}}
{"type":"track","event":"Left","timestamp":"2026-03-02T09:31:00.000Z","profile":{"id":"p_b","traits":{"vip":true,"points":500}}}
{"type":"clock","now":"2026-03-03T00:00:00.000Z"}
{"type":"end","cdp":{"o":"main.merge","lines":13}}
E
cdp-audience in >out
jq -c 'select(.event // "" | startswith("Audience")) | [.timestamp[5:19], .profile.id, .event[9:], .properties.audience_key]' out
jq -c 'select(.cdp.o == "main.audience" and .profile) | .profile.audiences' out | tail -n 2
cdp-audience --size
# The same in two runs, between the merge and its next line.
(head -n 9 in; tail -n 1 in) | cdp-audience -s two >one
(tail -n +10 in) | cdp-audience -s two >>one
grep -v '"type":"end"' out >a; grep -v '"type":"end"' one | cmp - a
for c in 'in_group: houshold, any: {event: A}' 'in_group: household, event: A' \
	'in_group: household' 'in_group: household, any: {in_group: firm, any: {event: A}}' \
	'in_group: household, any: {audience: a}' 'in_group: household, any: {audience: b}'; do
	mkdir -p bad
	printf 'version: 1\ngroups: {household: {}, firm: {}}\naudiences: {a: {when: {%s}}, b: {when: {in_group: firm, any: {event: B}}}}\n' "$c" >bad/cdp.yaml
	cdp-audience -C bad --check 2>&1 | head -n 1
done
printf 'version: 1\ngroups: {household: {}}\njourneys: {j: {enter: {in_group: household, any: {event: A}}, steps: [{id: e, end: e}]}}\n' >bad/cdp.yaml
cdp-audience -C bad --check 2>&1 | head -n 1
