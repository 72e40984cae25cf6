# The cases of RudderStack's transformer (its last under MIT) for the receivers
# that we have presets of: ours is the same, or the table says what RudderStack
# does otherwise.
cases=$top/../shared/cases/rudder-destinations
[ -d "$cases" ] || { echo "the cases are not here" >&2; exit 77; }
case $B in *asan*) exit 77 ;; esac
. "$top/tests/cli/cdp-emit/presets.inc"
for f in "$cases"/*.ndjson; do
	n=${f##*/}
	jq -c --arg file "${n%.ndjson}" -f "$top/tests/cli/cdp-emit/rudder.jq" "$f"
done >all
jq -s -c '[.[] | select(.act)] | group_by([.preset, .settings]) | to_entries[] | .key as $k | .value[] | . + {to: "d\($k)"}' all >ours
{
	printf 'version: 1\nproject: {name: t}\ntemplates: {t: {subject: .kept.s, text: .kept.s}}\njourneys:\n'
	printf '  j: {enter: {event: X}, steps: [{id: s, send: d0}, {id: end, end: x}]}\ndestinations:\n'
	jq -r '"  \(.to): {preset: \(.preset), settings: \(.settings)}"' ours | uniq
} >cdp.yaml
{
	jq -c 'input_line_number as $d | .to as $to | .act
		| {type: "activation", timestamp, messageId: "act_\($d)", journey: "j", step: .action, instance: "ins_\($d)", destination: $to, action,
		   event: (.event | if . then del(.integrations) else null end), profile: (.profile + {id: "p_\($d)", case: "c\($d)"}), kept: {s: "s"}}
		+ if .action == "send" then {template: "t"} else {} end | with_entries(select(.value != null))' ours |
		jq -c '. + {cdp: {o: "main.journey", n: input_line_number}}'
	echo '{"type":"end","cdp":{"o":"main.journey"}}'
} >in
cdp-emit --deliver --wait 0 in >out 2>err
# What the one has and the other has not, by name; of both, what differs.
jq -n -c --slurpfile log log --slurpfile ours ours --slurpfile out out '
	def names: [paths(type != "object" and type != "array") | map(if type == "number" then "#" else . end)
		| map(select(. != "#")) | if .[0] == "data" then .[:4] else .[:2] end | join(".")] | unique;
	def leaves: [paths(type != "object" and type != "array") as $p | {key: ($p | map(tostring) | join(".")), value: getpath($p)}] | from_entries;
	def told($what; $who): if length == 0 then empty else "\($who) \($what) \(join(", "))" end;
	def differ($got; $want): ($got | names) as $g | ($want | names) as $w | ($got | leaves) as $a | ($want | leaves) as $b
		| [($g - $w | told("has"; "ours")), ($w - $g | told("has"; "RudderStack")),
		   ([$a | to_entries[] | .key as $k | select($b | has($k)) | select(.value != $b[$k]) | .key] | told("differ"; "both, but"))] | join("; ");
	def place: sub("/customers/[^/]+"; "/customers/ID") | sub("/devices/[^/]+"; "/devices/ID") | sub("/profiles/[^/]+"; "/profiles/ID")
		| sub("/members/[^/]+"; "/members/ID") | sub("/email/[^/]+"; "/email/ID") | sub("track-eu"; "track");
	($out | map(select(.profile)) | map({key: .profile, value: .}) | from_entries) as $said
	| [$log[] | {key: .headers["X-Case"], value: {method, url: .path[1:], body}}] | group_by(.key)
	| map({key: .[0].key, value: map(.value)}) | from_entries as $got
	| $ours | to_entries[] | .key as $k | .value as $c | ($got["c\($k + 1)"] // []) as $g | {file: $c.file, type: $c.type, case: $c.case}
	+ if ($g | length) == 0 then {why: "ours: \(($said["p_\($k + 1)"].detail) // "a batch cannot be made of it" | sub("^preset [^ ]* "; ""))"}
	  elif $g[0].method != $c.want.method or ($g[0].url | rtrimstr("/")) != ($c.want.url | rtrimstr("/")) then
		{why: "RudderStack uses \($c.want.method) \($c.want.url | place)"}
	  elif $g[0].body == $c.want.body then {why: "the same"}
	  else {why: differ($g[0].body; $c.want.body)} end' >verdicts
cat verdicts all | jq -s -r 'map(select(.act | not)) | group_by([.file, .type, .why]) | map([length, .[0].file, .[0].type, .[0].why])
	| sort_by(.[1:])[] | "\(.[0])\t\(.[1])\t\(.[2])\t\(.[3])"'
