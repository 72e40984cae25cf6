# The cases of RudderStack's transformer (its last under MIT) for the receivers
# that we have presets of.  Each is asked for alike ("pass"), is not about a
# request, or has a reason in rudder.reasons (file, type, pattern, reason) for
# whatever differs: "-x" RudderStack alone says x, "+x" ours alone, "~x" both,
# but not alike.  A difference without a reason fails, and so does a reason that
# nothing needs.
cases=$top/../shared/cases/rudder-destinations
[ -d "$cases" ] || { echo "the cases are not here" >&2; exit 77; }
case $B in *asan*) exit 77 ;; esac
. "$top/tests/cli/cdp-emit/presets.inc"
for f in "$cases"/*.ndjson; do
	n=${f##*/}
	jq -c --arg file "${n%.ndjson}" -f "$top/tests/cli/cdp-emit/rudder.jq" "$f"
done >all
jq -s -c '[.[] | select(.acts)] | group_by([.preset, .settings]) | to_entries[] | .key as $k | .value[] | . + {to: "d\($k)"}' all >ours
{
	printf 'version: 1\nproject: {name: t}\ntemplates: {t: {subject: .kept.s, html: .kept.h}}\njourneys:\n'
	printf '  j: {enter: {event: X}, steps: [{id: s, send: d0}, {id: end, end: x}]}\ndestinations:\n'
	jq -r '"  \(.to): {preset: \(.preset), settings: \(.settings)}"' ours | uniq
} >cdp.yaml
{
	jq -c 'input_line_number as $d | . as $c | .acts | to_entries[] | .key as $k | .value
		| {type: "activation", timestamp: $c.timestamp, messageId: "act_\($d)_\($k)", journey: "j", step: .action, instance: "ins_\($d)_\($k)",
		   destination: $c.to, action, event: (.event | if . then del(.integrations) else null end),
		   profile: ($c.profile + {id: "p_\($d)", case: "c\($d)"}), kept: ($c.kept // {})}
		+ if .action == "send" then {template: "t"} else {} end | with_entries(select(.value != null))' ours |
		jq -c '. + {cdp: {o: "main.journey", n: input_line_number}}'
	echo '{"type":"end","cdp":{"o":"main.journey"}}'
} >in
cdp-emit --deliver --wait 0 in >out 2>err
jq -n -c --slurpfile log log --slurpfile ours ours --slurpfile out out '
	def leaves: [paths(type != "object" and type != "array" or . == {} or . == []) as $p
		| {key: ($p | map(if type == "number" then empty elif test("[.]") then "\u0027\(.)\u0027" else . end) | join(".")), value: getpath($p)}]
		| group_by(.key) | map({key: .[0].key, value: map(.value)}) | from_entries;
	def alone($other): ($other | keys) as $o | keys - $o | .[] | . as $k | select($o | any(startswith($k + ".")) | not);
	def differ($got; $want): ($got.body | leaves) as $a | ($want.body | leaves) as $b
		| if $got.method != $want.method or ($got.url | rtrimstr("/")) != ($want.url | rtrimstr("/")) then ["\($want.method) \($want.url)"]
		  else [($a | alone($b) | "+" + .), ($b | alone($a) | "-" + .),
		   ($a | to_entries[] | .key as $k | select(($b | has($k)) and $b[$k] != .value) | "~" + $k)]
			| if . == [] and $got.body != $want.body then ["order"] else . end end;
	($out | map(select(.profile)) | map({key: .profile, value: .}) | from_entries) as $said
	| [$log[] | {key: .headers["X-Case"], value: {method, url: .path[1:], body}}] | group_by(.key)
	| map({key: .[0].key, value: map(.value)}) | from_entries as $got
	| $ours | to_entries[] | .key as $k | .value as $c
	| ($got["c\($k + 1)"] // [] | if $c.preset == "braze" and length > 1 then [.[0] | .body = ($got["c\($k + 1)"] | map(.body) | add)] else . end) as $g
	| {file: $c.file, type: $c.type, case: $c.case, as: $c.as,
	   differs: (if $g == [] then ["none: \(($said["p_\($k + 1)"].detail) // "a batch cannot be made of it" | sub("^preset [^ ]* "; ""))"]
		else differ($g[0]; $c.want[0]) + [$c.want[($g | length):][] | "besides \(.method) \(.url)"]
			+ if $g[1] and $c.want[1] then differ($g[1]; $c.want[1]) else [] end end)}' >verdicts
jq -n -c --rawfile reasons "$top/tests/cli/cdp-emit/rudder.reasons" --slurpfile all all --slurpfile made verdicts '
	[$reasons | split("\n")[] | select(. != "" and (startswith("#") | not)) | split("\t") | {file: .[0], type: .[1], pattern: .[2], reason: .[3]}] as $r
	| def reason($c): . as $d | first($r | to_entries[] | select((.value.file | IN("*", $c.file)) and (.value.type as $t | $t == "*" or ($c.type | test("^(" + $t + ")$"))))
		| .value.pattern as $p | select($d | test("^(" + $p + ")$")) | .key) // null;
	[($all[] | select(.acts | not)), $made[] | . as $c | . + if .differs then {by: (.differs | map(reason($c)))} else {} end]
	| ([.[] | .by // empty | .[] | values] | unique) as $used
	| (.[] | {file, type, case, kind: (if .aside then "not about a request" elif .differs == [] then "pass"
			elif .by | any(. == null) then "NO REASON" elif .differs | all(startswith("+")) then "pass, and more" else "reason" end),
		text: (if .aside then .aside elif .by | any(. == null) then [.differs, .by] | transpose | map(select(.[1] == null)[0]) | join(", ")
			else ([if .as and (.by == [] or (.differs | all(startswith("+")))) then .as else empty end] + (.by | unique | map($r[.].reason) | unique) | join("; ")) end)}),
	  ($r | to_entries[] | select([.key] - $used != []) | .value | {kind: "NOT NEEDED", file, type, text: "\(.pattern): \(.reason)"})' >table
jq -s -r 'group_by([.file, .type, .kind, .text]) | map([length, .[0].file, .[0].type, .[0].kind, .[0].text] | map(tostring) | join("\t") | sub("\t$"; ""))
	| sort_by(split("\t")[1:])[]' table
jq -s -r '(map(select(.kind != "NOT NEEDED")) | "\(length)\tcases"), (group_by(.kind)[] | "\(length)\t\(.[0].kind)")' table
! grep -q '"kind":"NO' table
