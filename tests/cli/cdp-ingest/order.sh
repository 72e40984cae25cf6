# Within the lateness events come out in the order (timestamp, message id);
# what is older than the clock passes at once and is marked.
printf 'version: 1\nproject: {name: t}\nclock: {lateness: 10m, tick: 5m}\n' >cdp.yaml
e() {
	printf '{"type":"track","event":"%s","messageId":"%s","userId":"u","timestamp":"2025-03-03T%sZ"}\n' "$1" "$2" "$3"
}
{
	e A m5 10:03:00
	e B m4 10:01:00
	e D m2 10:04:00
	e C m1 10:04:00
	e E m6 10:14:30
	e late m7 09:59:30
	e F m8 10:10:00
	e G m9 10:09:59.999
} | cdp-ingest --stats=json
