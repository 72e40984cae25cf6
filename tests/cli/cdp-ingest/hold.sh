# --hold keeps what is younger than the lateness for the next run of the same
# source, in the store; an erased person is not kept there.
printf 'version: 1\nproject: {name: t}\nclock: {lateness: 10m}\n' >cdp.yaml
e() {
	printf '{"type":"track","event":"%s","messageId":"%s","userId":"%s","timestamp":"2025-03-03T%s:00Z"}\n' "$@"
}
show() {
	cdp-merge | jq -r 'select(.type != "end") |
	    "\(.cdp.n) \(.type) \(.event // "") \(.userId // .now)"'
}
{ e A m1 ana 10:00; e B m2 ana 10:12; e C m3 bia 10:11; e D m4 ana 10:09; } >one
{ e E m5 cora 10:10; e F m6 cora 10:21; } >two
cdp-ingest --hold --stats=json one 2>stats | show
jq -c '[.in, .out, .held]' stats
echo "-- the same again"
cdp-ingest --hold --stats=json one 2>stats | show
jq -c '[.in, .out, .held]' stats
echo "-- of another source"
e G m7 dora 10:30 | cdp-ingest --hold --source crm | show
echo "-- one who is erased"
cdp-store erase user_id:ana >/dev/null
zstd -qdc store/ingest/*.seg | grep -c '"ana"'
zstd -qdc store/ingest/*.seg | grep -c '"bia"'
echo "-- the next run"
cdp-ingest --hold --stats=json two 2>stats | show
jq -c '[.in, .out, .held]' stats
echo "-- a last one, and a dry run of it"
cdp-ingest -n </dev/null | jq -r 'select(.event) | .event'
cdp-ingest --stats=json </dev/null 2>stats | show
jq -c '[.in, .out, .held]' stats
cdp-ingest --source crm </dev/null | show
