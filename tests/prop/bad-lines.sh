#!/bin/sh
# No line, however bad, hurts its neighbours: every file of JSONTestSuite
# between two good events, all in one run.
# shellcheck disable=SC2154
dir=$top/../shared/cases/json-parsing/test_parsing
[ -d "$dir" ] || { echo "no ../shared"; exit 77; }
[ -x "$B/cdp-ingest" ] || exit 77
echo 'version: 1' >cdp.yaml
n=0
good() {
	n=$((n + 1))
	printf '{"type":"track","messageId":"good-%d","userId":"u",' $n
	printf '"event":"E","timestamp":"2025-03-03T10:00:00.000Z"}\n'
}
for f in "$dir"/*.json; do
	good
	cat "$f"
	echo
done >in
good >>in
cdp-ingest --rejects rejects.ndjson in >out
[ $? -eq 1 ] || { echo "status is not 1"; exit 1; }
got=$(grep -c '"messageId":"good-' out)
[ "$got" -eq "$n" ] || { echo "$got of $n good events came through"; exit 1; }
jq -es 'length > 300' rejects.ndjson >/dev/null ||
	{ echo "the rejects are not JSON, or too few"; exit 1; }
[ "$(grep -vc '"messageId":"good-\|"type":"clock"\|"type":"end"' out)" -eq 0 ] ||
	{ echo "a bad line came through"; exit 1; }
echo "$n good events among $(wc -l <rejects.ndjson) bad lines"
