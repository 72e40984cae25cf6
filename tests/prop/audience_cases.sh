# The condition cases of PostHog, Unomi and Dittofeed that the language can
# say: each holds, or is in the table with the reason why it is otherwise here.
cases=$top/../shared/cases
[ -d "$cases/posthog" ] || { echo "audience_cases: no ../shared/cases"; exit 77; }

# What they ask in our words: a condition, or {why: "..."}.
cat >lib.jq <<'JQ'
def say($why): {why: $why};
def plain: if type == "object" then (.["$datetime"] // .["$date"] // .)
    else . end;
def t($k): {trait: $k};
def fold: "(?i)\\Q\(tostring)\\E";
def zoned: if type == "string" and
    test("^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:]+( ?[+-][0-9:]+)?$")
    then sub(" "; "T") | sub(" "; "") |
        if test("T[0-9:]+$") then . + "Z" else . end # there UTC is understood
    else . end;
# A text is looked into there; a number, too, as it is written.
def as_text($k; $re): {any: [t($k) + {matches: $re}, {jq: (".traits[\($k | tojson)] |" +
    " type == \"number\" and (tostring | test(\($re | gsub("\\\\[QE]"; "") | tojson)))")}]};
# A number with a number, else texts.
def in_order($k; $op; $v): ({gt: ">", gte: ">=", lt: "<", lte: "<="}[$op]) as $o |
    {jq: (".traits[\($k | tojson)] | . != null and if type == \"number\"" +
        " and \($v | (tonumber? // false) != false) then . \($o) \($v | tonumber? // 0)" +
        " else tostring \($o) \($v | tojson) end")};
# 1.2.3 of a text, or nothing.
def digits: "0|[1-9][0-9]*";
def parts: "^\\s*v?(?<a>\(digits))(\\.(?<b>\(digits))(\\.(?<c>\(digits))(\\.[0-9]+)*)?)?([+-].*)?\\s*$";
def version($k; $op; $v):
    def three: [capture(parts) | .a, .b, .c | (. // "0") | tonumber];
    def up($i): .[0:$i] + [.[$i] + 1] | . + [0, 0, 0] | .[0:3];
    ($v | rtrimstr(".*") | try three catch []) as $low |
    ($v | rtrimstr(".*") | split(".") | length) as $n |
    (if $op == "caret" then ($low | [.[] | . > 0] | index(true) // 2)
        elif $op == "tilde" then 1 elif $op == "wildcard" then $n - 1
        else null end) as $i |
    if $low == [] then say("not a version: an error there, too")
    else {jq: ("[.traits[\($k | tojson)] | strings | capture(\(parts | tojson)) |" +
        " .a, .b, .c | (. // \"0\") | tonumber] | . != [] and . " +
        if $i != null then ">= \($low) and . < \($low | up($i))"
        else ({eq: "==", neq: "!=", gt: ">", gte: ">=", lt: "<", lte: "<="}[$op]) +
            " \($low)" end)} end;
def some(f): if type == "array" then {any: map(f)} else f end;
def length_of: capture("^-?(?<n>[0-9]+)(?<u>[hdwmy])$");

def posthog($k; $op; $v):
    ($v | plain) as $v |
    if $op == "exact" then $v | some(t($k) + {eq: plain})
    elif $op == "is_not" then {not: ($v | some(t($k) + {eq: plain}))}
    elif $op == "is_set" then t($k) + {exists: true}
    elif $op == "is_not_set" then t($k) + {exists: false}
    elif $op == "icontains" then $v | some(as_text($k; fold))
    elif $op == "not_icontains" then {not: ($v | some(as_text($k; fold)))}
    elif $op == "regex" or $op == "not_regex" then
        if ($v | type) != "string" or (try ("" | test($v) | false) catch true)
        then say("not a pattern: the project does not load")
        elif $op == "regex" then as_text($k; $v)
        else {not: as_text($k; $v)} end
    elif $op == "gt" or $op == "gte" or $op == "lt" or $op == "lte" then
        if ($v | type) == "number" then t($k) + {($op): $v}
        else in_order($k; $op; $v) end
    elif $op == "starts_with" then as_text($k; "^" + ($v | fold))
    elif $op == "ends_with" then as_text($k; ($v | fold) + "$")
    elif $op == "not_starts_with" then {not: posthog($k; "starts_with"; $v)}
    elif $op == "not_ends_with" then {not: posthog($k; "ends_with"; $v)}
    elif $op == "is_date_before" or $op == "is_date_after" then
        if ($v | type) != "string" then say("a date that is no text")
        elif $v | test("^-?[0-9]+[hdw]$") then ($v | length_of) as $l |
            if $op == "is_date_before"
            then t($k) + {before: "\($l.n)\($l.u)"}
            else {any: [t($k) + {within_last: "\($l.n)\($l.u)"},
                t($k) + {after: "now"}]} end
        elif $v | test("^-?[0-9]+[my]$") then
            say("months and years have no length here")
        elif $v | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+(Z| ?[+-][0-9:]+)?)?$")
        then ($v | sub(" "; "T") | sub(" "; "") | if test("T") and (test("(Z|[+-][0-9]{2}:[0-9]{2})$") | not)
            then . + "Z" else . end) as $d |
            t($k) + {(if $op == "is_date_before" then "before" else "after" end): $d}
        else say("not a date: the project does not load") end
    elif $op | startswith("semver_") then version($k; $op[7:]; $v)
    else say("an operator that PostHog, too, does not know") end;
def key_of: tostring;
def group($c):
    if (type != "object") or ((.values | type) != "array") then
        if . == {} then {jq: "true"} else say("not a group") end
    elif (.values | length) == 0 then
        if .type == "AND" then {jq: "true"} else say("not a group") end
    else .type as $how | [.values[] | . as $p |
        (if has("values") or . == {} then group($c)
        elif .type == "cohort" then ($c[.value | tostring] // null |
            if . == null then say("a cohort that is not there")
            else group($c) end |
            if $p.operator == "not_in" then {not: .} else . end)
        else posthog(.key; .operator // "exact"; .value) end) |
        if $p.negation == true then {not: .} else . end] |
        if any(.[]; .. | objects | has("why")) then
            (first(.[] | .. | objects | select(has("why"))))
        else {(if $how == "OR" then "any" else "all" end): .} end end;
def of_posthog:
    if .function == "match_property" then (.input.property // .input.condition)
        as $p | posthog($p.key; $p.operator // "exact"; $p.value)
    elif .function == "match_cohort" then .input as $i |
        {type: "AND", values: [$i.condition + {type: "cohort"}]} |
        group($i.cohorts)
    else .input as $i | .input.group | group($i.cohorts // {}) end;

def name: ltrimstr("properties.");
def unomi:
    if has("and") then {all: (.and | map(unomi))}
    elif has("or") then {any: (.or | map(unomi))}
    elif has("not") then {not: (.not | unomi)}
    elif has("nested") then .nested.path as $at |
        {jq: ".traits.\($at | name) // [] | any(.[]; \(.nested.condition.and |
            map((.property | ltrimstr($at)) as $m | {equals: "==",
            notEquals: "!=", greaterThan: ">", lessThan: "<"}[.operator] as $o |
            "\($m) != null and \($m) \($o) \(.value | tojson)") | join(" and ")))"}
    elif .type == "profileSegmentCondition" then .parameters as $p |
        ($p.segments | map({trait: "segments", contains: .})) as $l |
        if $p.matchType == "in" then {any: $l}
        elif $p.matchType == "notIn" then {not: {any: $l}} else {all: $l} end
    elif has("property") then t(.property | name) as $t |
        def epoch: tonumber / 1000 | todate; # of whole seconds
        if .operator == "inDateExpr" then $t + {eq: (.values[0] | epoch)}
        elif .operator == "notInDateExpr" then
            ((.values[0] | ltrimstr("now-") | rtrimstr("d") | tonumber) * 86400000) as $ms |
            {not: ($t + {before: "\($ms)ms", within_last: "\($ms + 1)ms"})}
        elif .operator == "equals" then $t + {eq: .value}
        elif .operator == "notEquals" then {not: ($t + {eq: .value})}
        elif .operator == "in" then $t + {in: .values}
        elif .operator == "notIn" then {not: ($t + {in: .values})}
        elif .operator == "all" then {all: (.values | map($t + {eq: .}))}
        elif .operator == "exists" then $t + {exists: true}
        elif .operator == "missing" then $t + {exists: false}
        elif .operator == "matchesRegex" then $t + {matches: .value}
        elif .operator == "startsWith" then $t + {starts_with: .value}
        elif .operator == "endsWith" then $t + {ends_with: .value}
        elif .operator == "contains" then $t + {contains: .value}
        elif .operator == "greaterThan" then $t + {gt: .value}
        elif .operator == "lessThan" then $t + {lt: .value}
        elif .operator == "greaterThanOrEqualTo" then $t + {gte: .value}
        elif (.operator == "isDay" or .operator == "isNotDay") and
            (.value | startswith("now") | not) then
            (.value[0:10] + "T00:00:00Z") as $d |
            ($t + {gte: $d, lt: ($d | fromdate + 86400 | todate)}) as $is |
            if .operator == "isDay" then $is else {not: $is} end
        else say("the day, by the calendar, that was ten days ago") end
    else say("a condition of another kind") end;

def ops: if .type == "Equals" then {eq: .value}
    elif .type == "NotEquals" then {ne: .value}
    elif .type == "Exists" then {exists: true}
    elif .type == "NotExists" then {exists: false}
    elif .type == "LessThan" then {lt: .value}
    elif .type == "GreaterThanOrEqual" then {gte: .value}
    else {within_last: "\(.windowSeconds)s"} end;
def quoted: sub("^\\$\\[\"(?<k>.*)\"\\]$"; .k);
def dittofeed($n; $k):
    if .type == "Trait" and .operator.type == "HasBeen" then # see held()
        {all: [t(.path | quoted) + {eq: .operator.value},
            {trait: "held\($k)"} + {({GTE: "before", LT: "within_last"}[.operator.comparator]):
                "\(.operator.windowSeconds)s"}]}
    elif .type == "Trait" then (.operator | ops) as $o |
        if .operator.type == "NotEquals"
        then {not: (t(.path | quoted) + {eq: .operator.value})}
        else t(.path | quoted) + $o end
    elif .type == "And" or .type == "Or" then .type as $how |
        [.children[] as $id | $n[] | select(.id == $id) | dittofeed($n; $k)] |
        first((.[] | .. | objects | select(has("why"))),
            {(if $how == "And" then "all" else "any" end): .})
    elif .type == "Performed" then
        if .event | endswith("*") then {trait: "last\($k)", gte: .times} # see last_of
        else {event: "\(.event) \($k)"} +
            (if .properties then {where: ([.properties[] |
                {("properties." + .path): (.operator | ops)}] | add)} else {} end) +
            (if .withinSeconds then {within: "\(.withinSeconds)s"} else {} end) +
            {count: {({">=": "gte", "=": "eq", "<": "lt"}[.timesOperator // ">="]):
                (.times // 1)}} end
    elif .type == "Includes" then t(.path) + {contains: .item}
    elif .type == "Everyone" then {jq: "true"}
    elif .type == "LastPerformed" then
        {all: [{trait: "last\($k)", exists: true}, # the one of last_of
            (.hasProperties[] | {trait: "last\($k).\(.path)"} + (.operator | ops |
                if .eq | type == "string" and test("^[0-9]+$")
                then {in: [.eq, (.eq | tonumber)]} else . end))]}
    elif .type == "RandomBucket" then say("a share by hash is a split of a journey")
    elif .type == "Manual" then say("a list kept by hand: a trait")
    else say("what mails do: their events, under the names of Segment") end;
JQ

# The properties of the last such event, a trait; of events named with a star how
# many; and when a value was first told of that is held since.
cat >>lib.jq <<'JQ'
def star($k): {starts_with: (.event | rtrimstr("*")), ends_with: " \($k)"};
def wants: [.whereProperties // [] | .[] | {("properties." + .path): (.operator | ops)}] | add // {};
def last_of($k): {key: "last\($k)", value: (
    if .event | endswith("*") | not then {last: "properties", event: "\(.event) \($k)"} +
        if .whereProperties then {where: wants} else {} end
    else {where: ({event: star($k)} + wants)} + if .type == "Performed"
        then {count: true} else {last: "properties"} end end)};
def held($k): (.path | quoted) as $p |
    {key: "told\($k)", value: {list: ". | {at: .timestamp, is: .traits.\($p)}",
        where: {"traits.\($p)": {exists: true}}}},
    {key: "held\($k)", value: {jq: "reduce (.traits.told\($k) // [])[] as $e (null;
        if $e.is != \(.operator.value | tojson) then null else . // $e.at end)"}};
JQ

# One project for both: case k is audience a<k>, of the profile p_<k> alone.
jq -L . -c 'include "lib"; . as $c | {case, expected, error: has("expected_error"),
    now: ((.now | plain) // "2026-01-01T00:00:00.000Z"),
    traits: ((.input.properties // .input.profile.properties // {}) +
        (if .input.profile then {segments: .input.profile.segments} else {} end) |
        if type == "object" then map_values(plain | zoned) else {} end),
    cond: (if .function then of_posthog else .input.condition | unomi end)}' \
	"$cases/posthog/property-match.ndjson" \
	"$cases/unomi/condition-evaluation.ndjson" >all || exit 1
grep -v '"why":' all >run
jq -n '[inputs] | to_entries | {version: 1, audiences: (map({key: "a\(.key)",
    value: {when: {all: [{trait: "case", eq: .key}, .value.cond]}}}) |
    from_entries)}' run >cdp.yaml
jq -c -n '[inputs] | to_entries[] | {type: "identify", timestamp:
        (.value.now | sub(" "; "T") | .[0:19] + "Z"),
    profile: {id: "p_\(.key)", traits: (.value.traits + {case: .key})},
    cdp: {o: "main.merge", n: (.key + 1)}}' run >in
echo '{"type":"end","cdp":{"o":"main.merge","lines":1}}' >>in
cdp-audience -q in >out 2>err || { head err; exit 1; }
jq -c 'select(.type == "identify") | [.profile.audiences | length > 0]' out |
	paste - run | jq -c -n '[inputs] | _nwise(2) | .[1] + {got: .[0][0]}' >got

# What is otherwise here, and why; whatever else differs is a fault.
cat >otherwise <<'END'
59 70	a text is no number here
307	exactly that long ago counts as that long ago here
283	a date alone is its midnight in UTC here, which is more than 6 hours ago
327	null is a value that is missing, which is not "none"
END
awk -F '\t' '{ n = split($1, v, " "); for (i = 1; i <= n; i++)
	print "posthog/match_property/" v[i] "\t" $2 }' otherwise |
	jq -R -n '[inputs | split("\t") | {key: .[0], value: .[1]}] | from_entries' >why
jq -r --slurpfile why why '. as $c | if .error then
        if .got and (.cond | has("not") | not) and .case != "x" then "FAIL"
        else "explained\tan error there; missing satisfies nothing but not" end
    elif .got == .expected then "pass"
    elif $why[0][.case] then "explained\t\($why[0][.case])" else "FAIL" end |
    "\($c.case | split("/")[0])\t\(.)\t\($c.case)"' got >table
jq -r 'select(.cond | .. | objects | has("why")) |
    "\(.case | split("/")[0])\texplained\t\(first(.cond | .. | objects |
    select(has("why"))).why)\t\(.case)"' all >>table

# Dittofeed's scenarios, whole, through the pipeline: audience k<case>_<i>,
# people and events of each case with its number in their names.
jq -L . -c 'include "lib"; select((.segments | length) > 0) |
    (.case | split("/")[2]) as $k | . as $c | {case, k: $k,
    steps: [foreach .steps[] as $s (null; $s.now // .;
        $s + {at: .})],
    segs: [.segments | to_entries[] | {name: .value.name, key: "k\($k)_\(.key)",
        cond: (.value.definition as $d | $d.entryNode |
            dittofeed($d.nodes; $k))}],
    lasts: [.segments[].definition.entryNode | if .operator.type? == "HasBeen"
        then held($k) elif .type == "LastPerformed" or (.event // "" | endswith("*"))
        then last_of($k) else empty end],
    why: (if any(.steps[]; .op == "redefine" or .op == "define_journeys")
        then "the definition changes on the way: see --backfill and --against"
        else null end)} |
    .why //= ([.segs[].cond | .. | objects | select(has("why")) | .why] |
        first)' "$cases/dittofeed/compute-properties.ndjson" >scenes || exit 1
mkdir ditto && jq -n '[inputs | select(.why == null)] |
    {version: 1, project: {name: "cases"}, clock: {ahead: "3650d"},
    traits: (map(.lasts[]) | from_entries),
    audiences: (map(.segs[]) | map({key, value: {when: .cond}}) | from_entries)}' scenes >ditto/cdp.yaml
jq -c 'select(.why == null) | .k as $k | .steps[] | select(.op == "events") |
    .events[] | .userId |= "\($k)-\(.)" | .messageId |= "\($k)-\(.)" |
    if .event then .event |= "\(. | gsub("^ +| +$"; "")) \($k)" else . end' scenes |
	jq -c -s 'sort_by(.timestamp)[]' |
	cdp-ingest -C ditto -s ds -q --until 2030-01-01T00:00:00Z |
	cdp-merge -C ditto -s ds -q | cdp-audience -C ditto -s ds -q >dout ||
	{ echo "exit $?"; exit 1; }
grep '"event":"Audience E' dout | jq -c '{key: .properties.audience_key,
    user: .profile.identifiers.user_id[0], at: .timestamp,
    in: (.event == "Audience Entered")}' >turns
jq -r --slurpfile turns turns '. as $c | if .why != null
    then "dittofeed\texplained\t\(.why)\t\(.case)" else
    [.steps[] | select(.op == "assert") | .at as $t | .users[]? | .id as $u |
        (.segments // {}) | to_entries[] | . as $e |
        ($c.segs[] | select(.name == $e.key).key) as $key |
        ([$turns[] | select(.key == $key and .user == "\($c.k)-\($u)" and
            .at <= $t)] | last | .in // false) as $is |
        {is: $is, want: ($e.value == true), t: $t, u: $u, key: $key}] |
    if length == 0 then "dittofeed\texplained\tnothing is said of a segment\t\($c.case)"
    elif all(.is == .want) then "dittofeed\tpass\t\($c.case)\t\(length)"
    else "dittofeed\tFAIL\t\($c.case)\t\([.[] | select(.is != .want)] | tojson)" end
    end' scenes >>table
grep FAIL table && exit 1
cut -f 2,3 table | grep '^explained' | sort | uniq -c | sort -rn
for of in posthog unomi dittofeed; do
	echo "$of $(grep -c "^$of	pass" table) $(grep -c "^$of	expl" table)"
done | awk '{ printf "%s%s: %d hold, %d explained", (NR > 1 ? "; " : "audience_cases: "), $1, $2, $3
	n += $2 } END { print ""; exit n < 415 }'
