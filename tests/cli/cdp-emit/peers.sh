# The cases of Segment's own destinations that are about a request which one of
# our presets makes: ours is the same, or the table says why it is not compared.
cases=$top/../shared/cases/segment-destinations
[ -d "$cases" ] || { echo "the cases are not here" >&2; exit 77; }
case $B in *asan*) exit 77 ;; esac # it compiles some hundred programs
. "$top/tests/cli/cdp-emit/presets.inc"
for f in braze braze-cohorts customerio facebook-conversions-api facebook-custom-audiences google-enhanced-conversions hubspot intercom \
	iterable iterable-audiences iterable-lists klaviyo salesforce segment segment-profiles sendgrid sendgrid-audiences slack \
	tiktok-audiences tiktok-conversions tiktok-conversions-sandbox twilio twilio-messaging twilio-studio \
	webhook webhook-audiences webhook-extensible; do
	jq -c -f "$top/tests/cli/cdp-emit/peers.jq" "$cases/$f.ndjson"
done >all
# Some of their telephone numbers are none.
jq -s -c '[.[] | select(.acts) | .settings |= with_entries(select(.value != null))] | group_by([.preset, .settings])
	| to_entries[] | .key as $k | .value[] | . + {to: "d\($k)"}' all >ours
{
	printf 'version: 1\nproject: {name: t}\ntemplates: {t: {text: .kept.text}}\njourneys:\n'
	printf '  j: {enter: {event: X}, steps: [{id: remove, send: d0, action: remove}, {id: end, end: x}]}\ndestinations:\n'
	jq -r '"  \(.to): {preset: \(.preset), settings: \(.settings), address: any}"' ours | uniq
} >cdp.yaml
{
	jq -c 'input_line_number as $d | .to as $to | .acts | to_entries[] | .key as $k | .value
		| {type: "activation", timestamp: (.timestamp // .event.timestamp // "2026-01-01T00:00:00.000Z"), messageId: "act_\($d)_\($k)",
		   journey: "j", step: .action, instance: "ins_\($d)_\($k)", destination: $to, action, event,
		   profile: ({identifiers: {}, traits: {}} + .profile + {id: "p_\($d)_\($k)", case: "c\($d)"}), kept: ((.kept // {}) + ({text} | map_values(values)))}
		+ if .text then {template: "t"} else {} end | with_entries(select(.value != null))' ours |
		jq -c '. + {cdp: {o: "main.journey", n: input_line_number}}'
	echo '{"type":"end","cdp":{"o":"main.journey"}}'
} >in
cdp-emit --deliver --wait 0 in >out 2>err
jq -n -r --slurpfile log log --slurpfile ours ours '
	def form: if type == "string" then split("&") | sort else . end;
	def tidy: form | if type == "object" then del(.enable_batching, .batch_size)
		| if (.data[0]?.event_time? // null) then .data[].event_time |= tostring else . end else . end;
	[$log[] | {key: .headers["X-Case"], value: {method, url: .path[1:], body}}] | group_by(.key)
	| map({key: .[0].key, value: map(.value)}) | from_entries as $got
	| $ours | to_entries[] | .value as $c | ($got["c\(.key + 1)"] // []) as $g
	| if ($g | length) == 0 then {file: $c.file, action: $c.action, case: $c.case, differs: "nothing was sent"}
	  elif ($g | length) > 1 then {file: $c.file, action: $c.action, case: $c.case, differs: "several were sent"}
	  elif ($c.preset != "slack" and $g[0].url != $c.want.url) or $g[0].method != $c.want.method then
		{file: $c.file, action: $c.action, case: $c.case, differs: "url: \($g[0].url), not \($c.want.url)"}
	  elif ($g[0].body | tidy) != ($c.want.body | tidy) then
		{file: $c.file, action: $c.action, case: $c.case, differs: "body", got: ($g[0].body | tidy), want: ($c.want.body | tidy)}
	  else {file: $c.file, action: $c.action, case: $c.case, same: true} end | tojson' >verdicts
cat verdicts all | jq -s -r 'map(select(.acts | not)) | group_by([.file, .action, .same, .differs, .why])
	| map([length, .[0].file, .[0].action, (if .[0].same then "the same" elif .[0].differs then "DIFFERS: \(.[0].differs)" else .[0].why end)])
	| sort_by(.[1:])[] | "\(.[0])\t\(.[1])\t\(.[2])\t\(.[3])"'
[ ! -s err ] || sed 5q err
grep '"differs"' verdicts | sed 3q
