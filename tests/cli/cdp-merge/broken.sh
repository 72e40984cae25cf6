# A jq trait that does not compile is the project's fault, not the line's.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
traits:
  bad: {jq: '.traits.name | nosuch'}
END
cdp-merge --end=any <<'END'
{"type":"identify","messageId":"m1","timestamp":"2025-03-03T10:00:00.000Z","userId":"u","cdp":{"o":"main.ingest","n":1}}
END
