# A last line without a newline counts if it is whole, and is named if not.
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
e='{"type":"track","event":"A","messageId":"%s","userId":"u","timestamp":"2025-03-03T10:00:00Z"}'
# shellcheck disable=SC2059
printf "$e\r\n\n  \n$e" m1 m2 | cdp-ingest
echo "exit $?"
# shellcheck disable=SC2059
printf "$e\n$e" m1 m2 | head -c 150 | cdp-ingest --rejects bad.ndjson
echo "exit $?"
cat bad.ndjson
{
	printf '{"type":"track","x":"'
	head -c 3000000 /dev/zero | tr '\0' x
	printf '"}\n'
	# shellcheck disable=SC2059
	printf "$e" m3
} | cdp-ingest
echo "exit $?"
