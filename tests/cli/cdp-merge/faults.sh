# A jq trait that fails has no value; the line says so and passes.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
traits:
  bad: {jq: '.traits.name + 1', default: 0}
END
cdp-merge --end=any <<'END'
{"type":"identify","messageId":"m1","timestamp":"2025-03-03T10:00:00.000Z","userId":"u","traits":{"name":"xy"},"cdp":{"o":"main.ingest","n":1}}
{"type":"identify","messageId":"m2","timestamp":"2025-03-03T10:00:01.000Z","userId":"u","traits":{"name":2},"cdp":{"o":"main.ingest","n":2}}
END
