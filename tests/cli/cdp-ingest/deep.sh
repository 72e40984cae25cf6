# An event may nest 64 deep, so that later stages can wrap what they keep of it.
echo 'version: 1' >cdp.yaml
nested() {
	printf '{"type":"track","userId":"ana","event":"E","messageId":"m%d"' "$1"
	printf ',"timestamp":"2025-03-03T10:00:00.000Z","properties":'
	awk -v n="$1" 'BEGIN {
		for (i = 1; i < n; i++) printf "{\"a\":"
		printf "1"
		for (i = 1; i < n; i++) printf "}"
		print "}"
	}'
}
(nested 64; nested 65) | cdp-ingest | jq -c '[.type, .messageId]'
