# Files are held to the project, what it expects included: no store, places in
# the line, no value without --show-values, and a status.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
plan:
  mode: {violation: block, identify: {violation: allow}}
  events:
    Order Completed: {required: [total], properties: {total: {type: number}, email: {format: email}}}
  identify: {properties: {age: {minimum: 0}}}
  common: {required: [context]}
  expect:
    - {id: mostly-valid, metric: valid_ratio, min: 0.99}
    - {id: known-users, where: {userId: {exists: true}}, metric: ratio, min: 0.9, severity: warn}
    - {id: orders, event: Order Completed, metric: count, min: 3, max: 100}
    - {id: fresh, metric: max_age, max: 26h}
    - {id: once, metric: duplicate_ratio, max: 0}
    - {id: refunds, event: Order Refunded, metric: valid_ratio, min: 0.5}
END
cat >in.ndjson <<'END'
{"type":"track","event":"Order Completed","messageId":"m1","userId":"u","timestamp":"2025-03-03T10:00:00Z","properties":{"total":"5","email":"ana at home"},"context":{}}
 {"type":"track","event":"Order Completed","messageId":"m1","userId":"u","timestamp":"2025-03-03T10:00:00Z","properties":{"email":"ana@example.com"}}
[{"type":"track","event":"Order Completed","userId":"u","timestamp":"2025-03-03T10:00:00Z","properties":{"total":"7"},"context":{}},{"type":"track","event":"X","userId":17,"timestamp":"2025-03-03T10:00:00Z"}]
{"type":"track","event":"X","userId":"u","timestamp":"yesterday"}
{"type":"track","event":"X","userId":"u","timestamp":"2025-03-03T10:00:00Z"
{"type":"identify","userId":"u","timestamp":"2025-03-03T12:00:00Z","traits":{"age":-5},"context":{}}
END
at='--until 2025-03-03T14:30:00Z'
# shellcheck disable=SC2086
{
cdp-ingest --check $at in.ndjson
echo "exit $?"
cdp-ingest --check $at --show-values --report=text - <in.ndjson
for form in json github junit; do
	cdp-ingest --check -q $at --report=$form:out in.ndjson
	echo "exit $?"
	cat out
done
}
ls

# What is wrong ten times and more is counted; ten of a hundred may be.
i=0
while [ $i -lt 100 ]; do
	i=$((i + 1))
	echo '{"type":"track","event":"E","anonymousId":"a","timestamp":"2025-03-03T10:00:00Z"}' |
		sed "s/\"a\"/$([ $i -gt 12 ] && echo '"a"' || echo $i)/"
done >many
echo 'version: 1' >cdp.yaml
cdp-ingest --check --max-rejects 11% many
echo "exit $?"
cdp-ingest --check --max-rejects 12% --report=text many
echo "exit $?"

# What a program says is not shown, either: it says what it stumbled over.
cat >cdp.yaml <<'END'
version: 1
sources: {crm: {format: ndjson, map: '{type: "track", event: "E", userId: (.id | tonumber)}'}}
transforms: [{jq: 'error("no " + .userId)'}]
END
echo '{"id":"ana@example.com"}' | cdp-ingest --check --source crm -
echo '{"type":"track","event":"E","userId":"ana","timestamp":"2025-03-03T10:00:00Z"}' | cdp-ingest --check -
echo '{"type":"track","event":"E","userId":"ana","timestamp":"2025-03-03T10:00:00Z"}' | cdp-ingest --check --show-values -

# Without files the project alone is checked, and reported the same way.
echo 'plan: {expect: [{id: a, metric: ratio, min: 99}, {metric: rate}, {id: a, metric: count, max: 1h, severity: warning}]}' >cdp.yaml
cdp-ingest --check --report=github <many
echo "exit $?"
cdp-ingest --report=json many
cdp-ingest --check --report=xml many
