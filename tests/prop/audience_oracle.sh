# Audiences of real events, through the real pipeline, as of the last event,
# against the sizes that independent scripts have counted.  A12 is no audience
# but the revenue of all.
data=$top/../shared/data
[ -r "$data/ga360_sample.ndjson.zst" ] || { echo "no ../shared/data"; exit 77; }

any='[Page Viewed, Product Viewed, Product Clicked, Product Added,
      Product Removed, Promotion Clicked, Checkout Step Viewed,
      Order Completed, Onsite Click]'
cat >cdp.yaml <<END
version: 1
project: {name: oracle}
traits:
  orders: {unique_count: properties.order_id, event: Order Completed}
  revenue: {sum: properties.total, event: Order Completed}
  sessions: {unique_count: context.sessionId}
audiences:
  A1:
    when:
      all:
        - {event: Product Viewed, count: {gte: 3}}
        - {not: {event: Order Completed}}
  A2: {when: {all: [{event: Product Added}, {not: {audience: A3}}]}}
  A3: {when: {event: Order Completed}}
  A4: {when: {trait: orders, gte: 2}}
  A5: {when: {event: $any, within: 7d}}
  A6: {when: {not: {event: $any, within: 30d}}}
  A7: {when: {trait: revenue, gte: 200}}
  A8:
    when:
      all:
        - {event: Product Added, within: 24h}
        - {not: {event: Order Completed, within: 24h}}
  A9: {when: {event: $any, where: {context.location.country: Brazil}}}
  A10: {when: {trait: sessions, gte: 3}}
  A11: {when: {event: Product Viewed, within: 7d, count: {gte: 5}}}
  A13:
    when:
      all: [{audience: A3}, {not: {event: Order Completed, within: 30d}}]
END
zstd -dc "$data/ga360_sample.ndjson.zst" >in
cdp-ingest -s store in | cdp-merge -s store |
	cdp-audience -s store --stats=json >out 2>stats ||
	{ cat stats; exit 1; }
jq -r '.audiences | to_entries[] | "\(.key) \(.value)"' stats | sort >got
sed -nE 's/^(A[0-9]+) .*	([0-9]+)$/\1 \2/p' \
	"$data/oracle/audiences_ga360_sample.tsv" |
	grep -v '^A12 ' | sort >want
diff want got || exit 1

# The lines of entering and leaving add up to the sizes.
grep '"event":"Audience E' out | jq -r -n '
	reduce (inputs.properties | .[.audience_key] as $in |
	    [.audience_key, if $in then 1 else -1 end]) as [$k, $d]
	    ({}; .[$k] += $d) | to_entries[] | "\(.key) \(.value)"' |
	sort >told
diff want told || exit 1
echo "audience_oracle: $(wc -l <got) audiences of $(wc -l <in) events, equal"
