# Audiences of real events, as of the last of them, against the sizes that
# independent scripts have counted.  Not expressible as conditions: A4 (two
# distinct order ids), A7 and A12 (sums of revenue) and A10 (three distinct
# sessions); they are traits, and cdp-merge's matter.
data=$top/../shared/data
[ -r "$data/ga360_sample.ndjson.zst" ] || exit 77

any='[Page Viewed, Product Viewed, Product Clicked, Product Added,
      Product Removed, Promotion Clicked, Checkout Step Viewed,
      Order Completed, Onsite Click]'
cat >cdp.yaml <<END
version: 1
project: {name: oracle}
audiences:
  A1:
    when:
      all:
        - {event: Product Viewed, count: {gte: 3}}
        - {not: {event: Order Completed}}
  A2: {when: {all: [{event: Product Added}, {not: {audience: A3}}]}}
  A3: {when: {event: Order Completed}}
  A5: {when: {event: $any, within: 7d}}
  A6: {when: {not: {event: $any, within: 30d}}}
  A8:
    when:
      all:
        - {event: Product Added, within: 24h}
        - {not: {event: Order Completed, within: 24h}}
  A9: {when: {event: $any, where: {context.location.country: Brazil}}}
  A11: {when: {event: Product Viewed, within: 7d, count: {gte: 5}}}
  A13:
    when:
      all: [{audience: A3}, {not: {event: Order Completed, within: 30d}}]
END
# What cdp-ingest and cdp-merge would make of events with one id each.
zstd -dc "$data/ga360_sample.ndjson.zst" | jq -c -n '
	foreach (inputs, null) as $e ({n: 0, t: null};
	    .n += 1 | if $e then .t = $e.timestamp else . end;
	    {o: "main.merge", n: .n} as $cdp |
	    if $e then {type: $e.type, event: $e.event,
	        timestamp: $e.timestamp,
	        context: {location: $e.context.location},
	        profile: {id: "p_\($e.anonymousId)"}, cdp: $cdp}
	    else {type: "clock", now: .t, cdp: $cdp},
	        {type: "end", cdp: $cdp} end)' >in
cdp-audience --stats=json in >out 2>stats || { cat stats; exit 1; }
jq -r '.audiences | to_entries[] | "\(.key) \(.value)"' stats | sort >got
sed -nE 's/^(A[0-9]+) .*	([0-9]+)$/\1 \2/p' \
	"$data/oracle/audiences_ga360_sample.tsv" |
	grep -vE '^A(4|7|10|12) ' | sort >want
diff want got || exit 1

# The lines of entering and leaving add up to the sizes.
grep '"event":"Audience E' out | jq -r -n '
	reduce (inputs.properties | .[.audience_key] as $in |
	    [.audience_key, if $in then 1 else -1 end]) as [$k, $d]
	    ({}; .[$k] += $d) | to_entries[] | "\(.key) \(.value)"' |
	sort >told
diff want told || exit 1
echo "audience_oracle: $(wc -l <got) audiences of $(wc -l <in) lines, equal"
