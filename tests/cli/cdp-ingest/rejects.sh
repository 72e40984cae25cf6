# Ten of a kind are shown, the rest counted; --max-rejects decides the status.
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
{
	seq 12 | sed 's/.*/{"type":"track","event":"A","n":&}/'
	echo 'not json'
	echo '{"type":"track","event":"A","messageId":"m","userId":"u","timestamp":"2025-03-03T10:00:00Z"}'
} >in
cdp-ingest in
echo "exit $?"
for max in 12 13 92% 93%; do
	cdp-ingest -q --max-rejects $max in >/dev/null
	echo "$max: exit $?"
done
cdp-ingest -q -v in >/dev/null
