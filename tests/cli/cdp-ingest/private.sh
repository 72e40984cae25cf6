# Suppressed at its place in time, let go, deleted up to an instant; and the
# same again.  A command without a time stands where it came.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
identity:
  identifiers:
    user_id: {from: userId}
    email: {from: traits.email, normalize: email}
    anonymous_id: {from: anonymousId}
YAML
cat >in <<'END'
{"type":"track","event":"A","messageId":"1","userId":"u1","timestamp":"2026-01-01T00:00:00Z"}
{"type":"suppress","userId":"u1"}
{"type":"track","event":"A","messageId":"2","userId":"u1","timestamp":"2026-01-01T00:00:00Z"}
{"type":"track","event":"A","messageId":"3","userId":"u1","timestamp":"2026-01-01T00:01:00Z"}
{"type":"unsuppress","userId":"u1"}
{"type":"track","event":"A","messageId":"4","userId":"u1","timestamp":"2026-01-01T01:02:00Z"}
{"type":"suppress","userId":"u1"}
{"type":"delete","email":["A@B.c","x@y.z"],"timestamp":"2026-01-01T02:00:00Z"}
{"type":"identify","messageId":"5","anonymousId":"q","traits":{"email":"a@b.c"},"timestamp":"2026-01-01T02:09:00Z"}
{"type":"delete","name":"Ana","timestamp":"2026-01-01T02:00:00Z"}
END
cdp-ingest --rejects bad.ndjson in >one
jq -c '[.type,.messageId,.timestamp,.cdp.n]' one
cat bad.ndjson
cdp-ingest --rejects bad.ndjson in | cmp - one
# What came late, and another run's first command.
printf '%s\n' '{"type":"unsuppress","userId":"u1"}' \
	'{"type":"identify","messageId":"6","userId":"u2","traits":{"email":"a@b.c"},"timestamp":"2026-01-01T01:59:00Z"}' \
	'{"type":"identify","messageId":"7","userId":"u1","timestamp":"2026-01-01T02:10:00Z"}' |
	cdp-ingest --stats | jq -c '[.type,.messageId,.timestamp,.cdp.n]'
cdp-store cat ingest | jq -c 'select(.k|tostring|test("^s:"))|del(.k)' | sort
