# One wrong clock does not move everybody's.
printf 'version: 1\nproject: {name: t}\nclock: {lateness: 1m, ahead: 7d}\n' >cdp.yaml
e() {
	printf '{"type":"page","messageId":"%s","userId":"u","timestamp":"%s"%s}\n' "$@"
}
# N events a minute from DAY on, their ids behind X.
some() {
	seq "$1" | while read -r i; do
		printf '{"type":"page","messageId":"%s%02d","userId":"u","timestamp":"%sT10:%02d:00Z"}\n' "$3" "$i" "$2" "$i"
	done
}
# What is marked, what has a name, and the last clock line.
show() {
	jq -rs '(.[] | select(.ahead or .late or (.messageId // "a1" |
	    test("[0-9]$") | not)) | "\(.messageId) \(.timestamp) \(.ahead) \(.late)"),
	    "time: " + ([.[] | .now // empty] | last)'
}

echo "-- received long before"
r=',"receivedAt":"2025-03-03T10:00:05Z"'
{
	e wrong 2031-01-01T00:00:00Z "$r"
	e right 2025-03-09T10:00:00Z "$r"
	e skewed 2031-01-01T00:00:00Z "$r,\"sentAt\":\"2031-01-01T00:00:01Z\""
	e liar 2025-03-03T10:00:06Z "$r,\"ahead\":true"
} | cdp-ingest -s a | show

echo "-- ahead of its neighbours"
{
	some 9 2025-03-03 a
	e wrong 2031-01-01T00:00:00Z ''
	e wrong_too 2037-01-01T00:00:00Z ''
	some 40 2025-03-04 b
} >in
cdp-ingest -s b --stats=json in 2>stats | show
jq -c '[.in, .out, .ahead, .late]' stats
cdp-ingest -s b in >one
cdp-ingest -s b in | cmp - one
echo "-- and the next run is not late"
some 2 2025-03-05 c | cdp-ingest -s b | show

echo "-- time that moves"
{
	some 9 2025-03-03 a
	some 40 2026-03-04 b
} | cdp-ingest -s c --stats=json 2>stats | show
jq -c '[.in, .out, .ahead, .late]' stats

echo "-- nobody says"
{
	some 9 2025-03-03 a
	e last 2031-01-01T00:00:00Z ''
} >in
cdp-ingest -s d in | show
some 2 2025-03-05 c | cdp-ingest -s d | show
cdp-ingest -s e --until 2031-01-01 in | show
{
	cdp-ingest -s f --hold in
	some 40 2025-03-04 b | cdp-ingest -s f
} | show

echo "-- the first one of all"
{
	e first 2038-01-19T03:14:07Z ''
	some 40 2025-03-04 b
} >in
cdp-ingest -s g --stats=json in 2>stats | show
jq -c '[.in, .out, .ahead, .late]' stats
cdp-ingest -s g in >one
cdp-ingest -s g in | cmp - one
echo "-- of a few"
{
	e first 2038-01-19T03:14:07Z ''
	some 9 2025-03-04 b
} | cdp-ingest -s h | show
echo "-- in two runs"
e first 2038-01-19T03:14:07Z '' | cdp-ingest -s i --hold >/dev/null
some 40 2025-03-04 b | cdp-ingest -s i | show
echo "-- a clock that stood still"
{
	some 3 2025-03-04 b
	e early 1970-01-01T00:00:00Z ''
	some 9 2025-03-05 c
} | cdp-ingest -s j | show
echo "-- the newest first"
seq 59 -1 10 | while read -r i; do
	e "n$i" "20$i-03-04T10:00:00Z" ''
done | cdp-ingest -s k --stats=json 2>stats | tail -n 1 | jq -c .cdp.lines
jq -c '[.in, .out, .ahead]' stats
