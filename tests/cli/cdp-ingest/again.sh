# What is the same again: an id within the window, a line without an id, a row
# that says what it said; what is not: --dup=keep, a row that came back.
printf 'version: 1\nproject: {name: t}\ningest: {dedupe: 2d}\n' >cdp.yaml
e() {
	printf '{"type":"track","event":"%s","messageId":"%s","userId":"u","timestamp":"2025-03-%sT10:00:00Z"}\n' "$@"
}
names() {
	jq -r 'select(.event) | "\(.cdp.n) \(.event) \(.timestamp)"'
}
echo "-- a window of two days"
e A m1 01 >one
{ e A m1 03; e A m1 04; e A m1 06; e A m1 07; e B m1 07; } >two
cdp-ingest one | names
cdp-ingest two | names
cdp-ingest -q --stats=json one two 2>stats | names
jq -c '[.in, .out, .duplicates, .rejected, .replayed, .by_code]' stats

echo "-- the first wins, in another run, too; when it was sent does not matter"
e A m2 08 >one
{ e B m2 08; e A m2 08 | sed 's/}$/,"sentAt":"2025-03-08T11:00:00Z","context":{"a":1}}/'; } >two
cdp-ingest one | names
cdp-ingest --rejects bad two | names
jq -c '[.code, .field, .record.event]' bad

echo "-- lines without an id"
for i in 1 2 3; do
	echo '{"type":"track","event":"C","userId":"u","timestamp":"2025-03-09T10:00:00Z"}'
done >in
cdp-ingest -s keep --dup=keep in >one
cdp-ingest -s keep --dup=keep in | cmp - one
jq -r 'select(.event) | .messageId' one
cdp-ingest -s drop --dup=drop in | jq -r 'select(.event) | .messageId'
cdp-ingest --dup=some

echo "-- rows without id and time"
r() {
	printf '{"type":"object","collection":"%s","id":%s,"properties":{"price":%s}}\n' "$@"
}
prices() {
	jq -r 'select(.type == "object") | "\(.cdp.n) \(.collection) \(.id) \(.properties.price)"'
}
r p 1 10 >a
r p 1 20 >b
cat a a b b a a >aba
{ r q 1 10; r p '"1"' 10; } >others
cdp-ingest -s rows a | prices
cdp-ingest -s rows a | prices
cdp-ingest -s rows b | prices
cdp-ingest -s rows --stats=json a others 2>stats | prices
jq -c '[.in, .out, .duplicates, .replayed]' stats
cdp-ingest -s rows2 --stats=json aba 2>stats | prices
jq -c '[.in, .out, .duplicates, .replayed]' stats
cdp-ingest -n -s rows2 b a a | prices
cdp-store -s rows2 check >/dev/null && cdp-store -s rows2 export --format=dump >dump &&
	cdp-store -s rows3 import dump && cdp-ingest -s rows3 a b | prices

echo "-- an id costs 24 bytes, and 2 of the index's filter and sums"
seq 4000 | sed 's/.*/{"type":"page","messageId":"m&","userId":"u","timestamp":"2025-03-01T10:00:00Z"}/' |
	cdp-ingest -s ids >/dev/null
cdp-store -s ids compact ingest >/dev/null 2>&1
for idx in ids/ingest/*.idx; do
	[ $(($(wc -c <"$idx") / 4000)) -le 26 ] || wc -c "$idx"
done
