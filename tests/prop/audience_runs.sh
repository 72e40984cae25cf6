# One run or many, the same bytes: lines of a few people with late events,
# merges, changing traits and clock lines, cut at every place by turns, so
# that every state is read again in the middle of what it is waiting for.
cat >cdp.yaml <<'END'
version: 1
project: {name: runs}
audiences:
  busy: {when: {event: A, within: 30s, count: {gte: 2}}}
  calm: {when: {not: {event: [A, B], within: 20s}}}
  once: {when: {event: B, within: 60s, count: 1}}
  past: {when: {event: C, between: [10s, 25s]}}
  rich: {when: {trait: n, gt: 6}}
  soon: {when: {trait: at, within_next: 15s}}
  both: {when: {all: [{audience: busy}, {not: {audience: rich}}]}}
  tail: {when: {jq: '.event.event == "C" or (.audiences.both and .traits.n > 3)'}}
END
jq -c -n '
	def at: 1700000000 + . | todate | .[0:19] + ".000Z";
	def rnd: . * 1103515245 + 12345 | . % 2147483648;
	def pick($k): (. / 65536 | floor) % $k;
	reduce range(500) as $i ({s: 7, t: 0, n: 0, out: [], gone: {}};
	    .s |= rnd | (.s | pick(10)) as $what |
	    .s |= rnd | (.s | pick(4)) as $step | .t += $step |
	    .s |= rnd | "p_\(.s | pick(5))" as $p |
	    .s |= rnd | (.s | pick(9)) as $x |
	    (.gone[$p] // $p) as $p | .t as $t |
	    {id: $p, traits: ({n: $x} + if $x < 3
	        then {at: ($t + 10 * $x | at)} else {} end)} as $prof |
	    {o: "main.merge", n: ($i + 1)} as $cdp |
	    .out += [if $what < 6 then
	        {type: "track", event: "ABC"[$what % 3:$what % 3 + 1],
	         timestamp: ($t - (if $x == 5 then 12 else 0 end) | at),
	         profile: $prof, cdp: $cdp}
	    elif $what < 7 then
	        {type: "profile", timestamp: ($t | at), profile: $prof,
	         cdp: $cdp}
	    elif $what == 7 and $i > 300 and $p != "p_0" and
	        ([.gone[]] | index($p) | not) then
	        {type: "merge", timestamp: ($t | at), from: $p, into: "p_0",
	         cdp: $cdp}
	    else {type: "clock", now: ($t | at), cdp: $cdp} end] |
	    if .out[-1].type == "merge" then .gone[$p] = "p_0" else . end) |
	.out[]' >in
end='{"type":"end","cdp":{"o":"main.merge","lines":0}}'
echo "$end" | cat in - >whole
cdp-audience -s one whole >want 2>err || { cat err; exit 1; }
grep -v '"type":"end"' want >w
cdp-audience -s one --stats=json whole 2>stats | cmp - want || exit 1 # a replay
for k in 17 40; do
	split -l $k in part.
	for f in part.*; do
		echo "$end" | cat "$f" - | cdp-audience -s many.$k 2>err ||
			{ cat err; exit 1; }
	done | grep -v '"type":"end"' >g
	rm -f part.*
	cmp w g || { diff w g | head -n 20; exit 1; }
done
# Sizes are read from all states, also of those whom this run did not touch.
(head -n 1 in; echo "$end") | cdp-audience -s many.17 --stats=json 2>some >w1 ||
	exit 1
jq -c .audiences stats >all
jq -c .audiences some | cmp - all || exit 1
[ "$(grep -c '"type":"merge"' in)" -ge 2 ] || exit 1
n=$(grep -c '"event":"Audience E' w)
[ "$n" -ge 200 ] || { echo "only $n transitions"; exit 1; }

# Nobody enters twice or leaves what he is not in; who takes over a profile
# takes over what it was in.
grep -E '"event":"Audience E|"type":"merge"' w | jq -e -n '
	reduce inputs as $e ({ok: true, in: {}};
	    if $e.type == "merge" then
	        .in[$e.into] = (.in[$e.from] // {}) + .in[$e.into] |
	        .in[$e.from] = {}
	    else ($e.event == "Audience Entered") as $in |
	        ($e.properties.audience_key) as $k |
	        .ok = (.ok and
	            .in[$e.profile.id][$k] == if $in then null else true end) |
	        if $in then .in[$e.profile.id][$k] = true
	        else del(.in[$e.profile.id][$k]) end
	    end) | (reduce .in[] as $in ({}; reduce ($in | keys[]) as $k (.;
	        .[$k] += 1))) as $size |
	.ok and ($all[0] | map_values(select(. > 0))) == $size' \
	--slurpfile all all >/dev/null || { echo "entered twice"; exit 1; }
echo "audience_runs: $n transitions, the same in 1, 13 and 30 runs"
