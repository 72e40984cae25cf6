# Edges as alias calls, no limit: the parts of the graph, as an independent
# program has counted them, and its three largest.  Two graphs, of every 16th
# edge; with GRAPHS_WHOLE four, thinned as far as the program did and whole, as
# people at the end: one profile of 47,538 identifiers is not written at each
# of its 222,887 events.
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
if [ -n "$GRAPHS_WHOLE" ]; then
	echo '  reversible: false' >>cdp.yaml
	graphs="RO crocodile media HU" every="16 8 4 2 1"
	parts() {
		cdp-merge -n -q --profiles --end=any in |
			jq -cn '[inputs | .external_ids | length] | [length, add, (sort | reverse[0:3])]'
	}
else
	graphs="HU RO" every=16
	parts() {
		rm -rf store
		cdp-merge -s store --sync=none --end=any in | jq -cn '
			reduce inputs as $l ({}; if $l.type == "merge" then del(.[$l.from])
				elif $l.profile.id then .[$l.profile.id] = ($l.profile.identifiers.user_id | length)
				else . end) | [.[]] | [length, add, (sort | reverse[0:3])]'
	}
fi
n=0
for g in $graphs; do
	for mod in $every; do
		zstd -dcq "$data/graphs/${g}_edges.csv.zst" | awk -F, -v mod="$mod" 'NR > 1 && (NR - 2) % mod == 0 {
			n++
			printf "{\"type\":\"alias\",\"messageId\":\"m%d\",\"userId\":\"n%s\",\"previousId\":\"n%s\"," \
			    "\"timestamp\":\"2025-03-01T00:00:00.000Z\",\"cdp\":{\"o\":\"main.ingest\",\"n\":%d}}\n",
			    n, $1, $2 + 0, n }' >in
		parts >got
		awk -v g="${g}_edges.csv" -v mod="$mod" '$1 == g && $3 == mod {
			match($0, /\[[^]]*\]/); l = substr($0, RSTART, RLENGTH); gsub(" ", "", l)
			print "[" $9 "," $7 "," l "]" }' "$data/oracle/graphs_components.txt" >want
		diff want got || exit 1
		n=$((n + 1))
	done
done
echo "graphs: $n as an oracle has them, the last $(cat got)"
