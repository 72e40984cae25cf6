# Messages of a topic as kcat prints them; where to begin again is kept in the
# epoch that has them, and told when what they caused has been received.
cat >cdp.yaml <<'Y'
version: 1
project: {name: t}
clock: {lateness: 5m, tick: 1d}
sources:
  stream: {through: kcat}
  mapped: {through: kcat, format: ndjson, map: '{type: "track", event: .e, userId: .u, timestamp: .t}'}
Y
message() { # PARTITION OFFSET MINUTE
	printf 'events\t%d\t%d\t{"type":"track","event":"E%d","userId":"u","messageId":"%d-%d","timestamp":"2026-01-01T10:%02d:00Z"}\n' "$1" "$2" "$2" "$1" "$2" "$3"
}
kcat() { # FROM TO: messages of two partitions, the first one in order
	for i in $(seq "$1" "$2"); do
		message 0 "$i" "$i"
		message 1 $((100 + i)) $((i % 4 + i))
	done
}
position() {
	cdp-store -s "$1" position ingest | jq -c .at
}
echo "nobody has received what came:"
kcat 0 9 | cdp-ingest -s a --source stream >one
position a
echo "received:"
cdp-merge -s a <one >/dev/null
position a
echo "the same again, and more:"
kcat 5 12 | cdp-ingest -s a --source stream --stats=json 2>stats |
    cdp-merge -s a | jq -r 'select(.event) | .event' | tr '\n' ' '
jq -c '{in,duplicates,rejected}' stats
position a
echo "while some wait to be put in order:"
mkfifo pipe
cdp-ingest -s b --source stream <pipe | cdp-merge -s b >/dev/null &
exec 3>pipe
kcat 0 12 >&3
for _ in $(seq 100); do
	position b >now 2>/dev/null
	grep -q 107 now && break
	sleep 0.05
done
cat now
exec 3>&-
wait
position b
echo "as JSON, with what is no message:"
printf '%s\n' \
    '{"topic":"t","partition":3,"offset":7,"tstype":"create","ts":1,"broker":0,"key":null,"payload":"{\"e\":\"A\",\"u\":\"x\",\"t\":\"2026-01-01T10:00:00Z\"}"}' \
    '{"topic":"t","partition":3,"offset":8,"payload":null}' \
    '{"topic":"t","partition":3,"offset":9,"payload":"oops"}' \
    '{"topic":"t","partition":3}' 't	x	1	{}' 'no tabs' |
    cdp-ingest -s c --source mapped --stats=json 2>stats |
    jq -r 'select(.event) | .event'
grep -v '^{' stats
jq -c '{in,out,rejected,unmapped}' <<Y
$(tail -n 1 stats)
Y
