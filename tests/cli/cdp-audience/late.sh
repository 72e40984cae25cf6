# A late event is counted at its own time; time does not turn back for it.
cat >cdp.yaml <<'END'
version: 1
audiences:
  twice: {when: {event: A, within: 1h, count: {gte: 2}}}
END
cat >in <<'END'
{"type":"track","event":"A","timestamp":"2026-03-01T09:00:00.000Z","profile":{"id":"p_a"},"cdp":{"o":"main.merge","n":1}}
{"type":"clock","now":"2026-03-01T09:45:00.000Z","cdp":{"o":"main.merge","n":2}}
{"type":"track","event":"A","timestamp":"2026-03-01T08:44:00.000Z","late":true,"profile":{"id":"p_a"},"cdp":{"o":"main.merge","n":3}}
{"type":"track","event":"A","timestamp":"2026-03-01T08:50:00.000Z","late":true,"profile":{"id":"p_a"},"cdp":{"o":"main.merge","n":4}}
{"type":"clock","now":"2026-03-01T12:00:00.000Z","cdp":{"o":"main.merge","n":5}}
{"type":"end","cdp":{"o":"main.merge","lines":5}}
END
cdp-audience in
