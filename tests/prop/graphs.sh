# Edges as alias calls, no limit: the parts of the graph, as an independent
# program has counted them, and its three largest.
data=$top/../shared/data
[ -r "$data/oracle/graphs_components.txt" ] || { echo "no ../shared/data"; exit 77; }
cat >cdp.yaml <<'END'
version: 1
project: {name: graphs}
identity:
  identifiers:
    user_id: {from: [userId, previousId], limit: none}
  caps: {merges: none, identifiers: none}
END
for g in HU RO; do
	zstd -dcq "$data/graphs/${g}_edges.csv.zst" | awk -F, '(NR - 2) % 16 == 0 {
		n++
		printf "{\"type\":\"alias\",\"messageId\":\"m%d\",\"userId\":\"n%s\",\"previousId\":\"n%s\"," \
		    "\"timestamp\":\"2025-03-01T00:00:00.000Z\",\"cdp\":{\"o\":\"main.ingest\",\"n\":%d}}\n",
		    n, $1, $2 + 0, n }' >in
	cdp-merge -s "$g" --sync=none --end=any in | jq -cn '
		reduce inputs as $l ({}; if $l.type == "merge" then del(.[$l.from])
			elif $l.profile.id then .[$l.profile.id] = ($l.profile.identifiers.user_id | length)
			else . end) | [.[]] | [length, add, (sort | reverse[0:3])]' >got
	awk -v g="${g}_edges.csv" '$1 == g && $3 == 16 {
		match($0, /\[[^]]*\]/); l = substr($0, RSTART, RLENGTH); gsub(" ", "", l)
		print "[" $9 "," $7 "," l "]" }' "$data/oracle/graphs_components.txt" >want
	diff want got || exit 1
done
echo "graphs: $(cat got | tr -d '\n') and one more as an oracle has them"
