# A clock line stands before the first event after each tick, once for a gap,
# and at the end at the greatest timestamp, or where --until says.
printf 'version: 1\nproject: {name: t}\nclock: {lateness: 1m, tick: 1m}\n' >cdp.yaml
e() {
	printf '{"type":"track","event":"A","messageId":"%s","userId":"u","timestamp":"2025-03-03T%sZ"}\n' "$1" "$2"
}
{
	e m1 10:00:00
	e m2 10:00:30
	e m3 10:01:00
	e m4 10:01:00.001
	e m5 12:30:00
} >in
show() {
	jq -r 'if .type == "clock" then "clock \(.now)" else "\(.type) \(.messageId // "")" end'
}
for until in '' --until=2025-03-04 --until=2025-03-01 --until=end; do
	echo "run $until"
	cdp-ingest -n -s "s$until" $until in | show
done
# Nothing came, but time went on.
echo 'run of nothing'
cdp-ingest -s empty --until 2025-03-04T00:00:00Z </dev/null | show
cdp-ingest -s empty </dev/null | show
