# An event gets its profile; a merge line stands before the event that caused
# it; an event of nobody, and what is not ours, pass as they are.
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
cdp-merge --end=any <<'END'
{"type":"page","messageId":"m1","timestamp":"2025-03-03T10:00:00.000Z","anonymousId":"a1","name":"Home","cdp":{"o":"main.ingest","n":1}}
{"type":"identify","messageId":"m2","timestamp":"2025-03-03T10:01:00.000Z","userId":"ana","traits":{"email":"Ana@Example.com","n":9007199254740993},"cdp":{"o":"main.ingest","n":2}}
{"type":"identify","messageId":"m3","timestamp":"2025-03-03T10:02:00.000Z","userId":"ana","anonymousId":"a1","traits":{"n":null,"city":"São Paulo"},"cdp":{"o":"main.ingest","n":3}}
{"type":"track","event":"A","messageId":"m4","timestamp":"2025-03-03T10:03:00.000Z","anonymousId":"a1","profile":{"id":"p_false"},"cdp":{"o":"main.ingest","n":4}}
{"type":"track","event":"A","messageId":"m5","timestamp":"2025-03-03T10:03:00.000Z","anonymousId":"null","cdp":{"o":"main.ingest","n":5}}
{"type":"object","collection":"products","id":"p1","cdp":{"o":"main.ingest","n":6}}
{"what":"is this","cdp":{"o":"main.ingest","n":7}}
{"type":"clock","now":"2025-03-03T10:05:00.000Z","cdp":{"o":"main.ingest","n":8}}
END
