# The same input prints the same bytes; an input that overlaps goes on where
# the first ended; what comes after its time is marked late.
printf 'version: 1\nproject: {name: t}\nclock: {lateness: 1m, tick: 1m}\n' >cdp.yaml
e() {
	printf '{"type":"track","event":"A","messageId":"%s","userId":"u","timestamp":"2025-03-03T%sZ"}\n' "$1" "$2"
}
{
	e m1 10:00:30
	e m2 10:02:00
} >day1
{
	e m2 10:02:00
	e m3 10:01:00
	e m4 10:02:00
	e m5 10:03:30
} >day2
cdp-ingest day1 | tee one
cdp-ingest --stats day2 | tee two
cdp-ingest day1 | cmp - one
cdp-ingest day2 | cmp - two
