# What each filter makes of its input, written a second time, slowly: no state
# but the events themselves, everything counted anew at every instant.  For the
# projects of "gen.awk -v what=model".
#
#   jq -n --slurpfile p cdp.yaml --slurpfile in INPUT 'include "model"; ...'
def ms: (.[0:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber);
def dur: {s: 1000, m: 60000, h: 3600000, d: 86400000}[.[-1:]] *
    (.[:-1] | tonumber);
# What is only told to people is not modelled.
def data: map(select(.type | . != "end" and . != "violation"));
def uniq: unique; # by value

# ---- cdp-ingest: each event once, in order of time, and what time it is ----
def ingest($p; $in):
    ($p.clock.tick | dur) as $tick |
    ($in | map(. + {t: (.timestamp | ms)}) | unique_by(.messageId) |
	sort_by([.t, .messageId])) as $ev |
    reduce $ev[] as $e ({out: [], clock: -1};
	(((($e.t - 1) / $tick) | floor) * $tick) as $b |
	if $b > .clock then .out += [{clock: $b}] | .clock = $b else . end |
	.out += [$e.messageId]) |
    .out + [{clock: ("9999-12-31T23:59:59.999Z" | ms)}];
def ingested($out): $out | data |
    map(if .type == "clock" then {clock: (.now | ms)} else .messageId end);

# ---- cdp-merge: who it is, named by the event that founded them ----
def ids: [
    (select(.userId).userId | "user_id:" + .),
    (select(.traits.email).traits.email | "email:" + .),
    (select(.anonymousId).anonymousId | "anonymous_id:" + .)];
# Values of the events that trait $d looks at, at time $now.
def seen($d; $hist; $now): [$hist[] | select(.event == $d.event and
    ($d.within == null or $now < .t + ($d.within | dur)))];
def computed($p; $hist; $now):
    $p.traits | map_values(. as $d | seen($d; $hist; $now) |
	if $d.count then length
	elif $d.sum then map(.properties.v) | add
	elif $d.max then map(.properties.v) | max
	elif $d.unique_count then map(.properties.c) | uniq | length
	else (last // {properties: {}}).properties.c end) |
    with_entries(select(.value != null and .value != 0));
# What f makes of each event and its person, and who was merged into whom.
def resolved($in; f):
    reduce ($in | data[] | select(.type != "clock")) as $e
	({who: {}, people: {}, out: []};
	($e + {t: ($e.timestamp | ms)}) as $e | ($e | ids) as $ids |
	[.who[$ids[]] | select(.)] as $known |
	(.people as $all | $known | unique |
	    sort_by($all[.].born)) as $known |
	($known[0] // $e.messageId) as $id |
	.people as $all |
	reduce $known[1:][] as $from (.;
	    .out += [{from: $from, into: $id}] |
	    .people[$id].ids += $all[$from].ids |
	    .people[$id].hist += $all[$from].hist |
	    del(.people[$from])) |
	.people[$id] //= {born: [$e.t, $e.messageId], ids: [], hist: []} |
	.people[$id].ids = (.people[$id].ids + $ids | unique) |
	.people[$id].hist = (.people[$id].hist + [$e] |
	    sort_by([.t, .messageId])) |
	reduce .people[$id].ids[] as $i (.; .who[$i] = $id) |
	.people[$id] as $me |
	.out += [{e: $e, id: $id, me: $me} | f]) |
    .out;
def merge($p; $in):
    resolved($in; {m: .e.messageId, id, ids: .me.ids,
	plan: ([.me.hist[] | select(.type == "identify").traits.plan |
	    select(.)] | last),
	traits: computed($p; .me.hist; .e.t)});
def merged($p; $out):
    reduce ($out | data[] | select(.type != "clock" and .type != "profile"))
	as $e ({name: {}, out: []};
	if $e.type == "merge" then
	    .out += [{from: .name[$e.from], into: .name[$e.into]}]
	else
	    .name[$e.profile.id] //= $e.messageId |
	    .out += [{m: $e.messageId, id: .name[$e.profile.id],
		ids: ([$e.profile.identifiers | to_entries[] |
		    .key + ":" + .value[]] | sort),
		plan: $e.profile.traits.plan,
		traits: ($e.profile.traits | with_entries(select(
		    $p.traits[.key] and .value != 0)))}]
	end) | .out;

# ---- of each person, what happened, in order of time ----
def people($in):
    [$in | data[] | select(.profile and .type != "profile" and
	    .type != "merge" and (.messageId | startswith("aud_") | not)) |
	. + {t: (.timestamp | ms)}] | group_by(.profile.id);

# ---- cdp-audience: whether a condition holds, from all that happened ----
def holds($p; $hist; $now):
    if .all then [.all[] | holds($p; $hist; $now)] | all
    elif .any then [.any[] | holds($p; $hist; $now)] | any
    elif .not then .not | holds($p; $hist; $now) | not
    elif .trait then . as $c | (computed($p; $hist; $now)[$c.trait]) as $v |
	$v != null and $v >= $c.gte
    else . as $c | [$hist[] | select(.event == $c.event and
	    (($c.where // null) == null or
		(.properties.v // -1) > $c.where["properties.v"].gt) and
	    ($c.within == null or $now < .t + ($c.within | dur)))] |
	length >= ($c.count.gte // 1)
    end;
def windows: [.. | objects | .within // empty | dur] | unique;
def audience($p; $in):
    [people($in)[] | . as $ev | $p.audiences | to_entries[] | . as $a |
	($a.value.when | windows + ($p.traits | windows) | unique) as $w |
	([$ev[].t] + [$ev[].t + $w[]] | unique) as $times |
	# Before what happens at an instant, what time alone does by then.
	reduce ($times[] | (., .) as $t | $t) as $t
	    ({was: false, n: 0, last: null, out: []};
	    (if .last == $t then [$ev[] | select(.t <= $t)]
	     else [$ev[] | select(.t < $t)] end) as $hist |
	    .last = $t |
	    if ($hist | length) == 0 then . else
		($a.value.when | holds($p; $hist; $t)) as $is |
		if $is != .was then
		    .was = $is | .out += [[$a.key, $t, $is, $ev[0].profile.id]]
		else . end
	    end) | .out[]] | sort;
# In which ones they are, right after each event, also when they are merged.
def members($p; $in):
    [resolved($in; . as $x | [.e.messageId, [$p.audiences | to_entries[] |
	select(.value.when | holds($p; $x.me.hist; $x.e.t)).key]])[] |
	arrays];
def belong($out): [$out | data[] | select(.profile and .type != "profile" and
	(.messageId | startswith("aud_") | not)) |
    [.messageId, (.profile.audiences | keys)]];
def changed($out):
    [$out | data[] | select(.type == "track" and
	    (.event | startswith("Audience "))) |
	[.properties.audience_key, (.timestamp | ms),
	    .event == "Audience Entered", .profile.id]] | sort;

# ---- cdp-journey: one journey, one instance a person ----
def run($until; $j): # timers that are due by then
    if .at == null or .due > $until then .
    elif .at == "h" then .out += [["s", .due]] | .at = "w" |
	.due += ($j.steps[2].delay | dur) | run($until; $j)
    else .out += [["s2", .due]] | .at = null | run($until; $j) end;
def journey($p; $in):
    $p.journeys.j as $j | ($j.steps[0].hold | dur) as $hold |
    [people($in)[] | . as $ev |
	reduce $ev[] as $e ({at: null, out: []};
	    run($e.t; $j) |
	    if .at and $e.event == $j.exit[0].event and
		$e.properties.v > $j.exit[0].where["properties.v"].gt
	    then .at = null
	    elif .at == "h" and $e.event == $j.steps[0].restart_on.event
	    then .due = $e.t + $hold
	    elif .at == null and $e.event == $j.enter.event
	    then .at = "h" | .due = $e.t + $hold else . end) |
	run(1e18; $j) | .out[] | . + [$ev[0].profile.id]] | sort;
# The same where people are merged and events are late: line by line, with
# nothing in mind but where each stands, since when, and what they have lived.
def nobody: {at: null, now: -1, gone: -1, past: false};
def keeps: .at != null or .past or .gone != -1;
def pass($id; $until; $j): # timers that are due by then
    if .p[$id].at == null or .p[$id].due > $until then .
    else .p[$id].due as $due | .p[$id].now |= ([., $due] | max) |
	if .p[$id].at == "h" then .out += [["s", $due, $id]] |
	    .p[$id].at = "w" | .p[$id].due += ($j.steps[2].delay | dur)
	else .out += [["s2", $due, $id]] | .p[$id].at = null |
	    .p[$id].past = true end | pass($id; $until; $j) end;
def live($e; $t; $j): # one event of somebody
    ($j.steps[0].hold | dur) as $hold |
    ($e.event == $j.exit[0].event and
	$e.properties.v > $j.exit[0].where["properties.v"].gt) as $exit |
    if .at != null and $exit and $t >= .entered then .at = null | .past = true
    elif .at == "h" and $e.event == $j.steps[0].restart_on.event and
	$t >= .due - $hold then .due = $t + $hold
    else . end |
    if $exit then .gone |= ([., $t] | max) else . end |
    if .at == null and $e.event == $j.enter.event then
	if .gone > $t then .past = true
	else .at = "h" | .entered = $t | .due = $t + $hold end
    else . end;
def unite($a; $b): # of two that run, the one that entered first
    ([$a, $b] | map(select(.at != null)) | min_by(.entered) // $b) +
    {now: ([$a.now, $b.now] | max), gone: ([$a.gone, $b.gone] | max),
	past: ($a.past or $b.past or ($a.at != null and $b.at != null))};
def travel($p; $in):
    $p.journeys.j as $j |
    reduce ($in | data[]) as $e ({p: {}, clock: -1, out: []};
	if $e.type == "clock" then ($e.now | ms) as $t |
	    reduce (.p | keys[]) as $id (.; pass($id; $t; $j)) |
	    .clock |= ([., $t] | max)
	elif $e.type == "merge" then ($e.timestamp | ms) as $t |
	    reduce ($e.from, $e.into) as $id (.; .p[$id] //= nobody |
		pass($id; $t; $j)) |
	    if .p[$e.from] | keeps then
		.p[$e.into] = unite(.p[$e.from]; .p[$e.into]) |
		.p[$e.from] = nobody
	    else . end
	elif $e.profile then ($e.timestamp | ms) as $t | $e.profile.id as $id |
	    .p[$id] //= nobody | (.p[$id] | keeps) as $kept | pass($id; $t; $j) |
	    ([.clock, $t, (.p[$id] | if keeps then .now else -1 end)] | max)
		as $now |
	    .p[$id] |= (if $e.type == "profile" then . else live($e; $t; $j) end) |
	    if $kept or (.p[$id] | keeps) then
		.p[$id].now = $now | pass($id; $now; $j)
	    else . end
	else . end) | .out | sort;
def activated($out): [$out | data[] | select(.type == "activation") |
    [.step, (.timestamp | ms), .profile.id]] | sort;

# ---- cdp-emit: each activation, to whom it can go ----
def emit($in): [$in | data[] | select(.type == "activation") |
    [.messageId, if .profile.traits.email then "ready" else "held" end]];
def delivered($out): [$out | data[] | [.activation, .status]];
