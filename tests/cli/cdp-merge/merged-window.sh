# Two people become one at the very instant of the last event of each: what the
# one who goes was waiting for, the one who stays waits for.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
traits: {n: {count: true, event: C, within: 2h}}
YAML
cat >in.ndjson <<'END'
{"type":"page","userId":"u","messageId":"1","timestamp":"2026-01-01T00:01:00.000Z"}
{"type":"track","event":"C","anonymousId":"d","messageId":"2","timestamp":"2026-01-01T00:01:00.000Z"}
{"type":"identify","userId":"u","anonymousId":"d","messageId":"3","timestamp":"2026-01-01T00:01:00.000Z"}
{"type":"page","userId":"u","messageId":"4","timestamp":"2026-01-01T03:00:00.000Z"}
END
cdp-ingest in.ndjson | cdp-merge | jq -c 'select(.profile) |
    [.type, .messageId, .timestamp, .profile.traits.n]'
