# An entry, an event of a hold and an exit that ask for values made of events.
cat >cdp.yaml <<'END'
version: 1
journeys:
  big:
    enter: {event: Order Completed, within: 30d, sum: properties.total, gte: 100}
    exit: [{id: quiet, event: A, session: 1h, unique_count: properties.p, gte: 2}]
    steps:
      - {id: w, hold: {events: [{event: B, sum: properties.n, gt: 3, goto: fin}], timeout: 1d, goto: fin}}
      - {id: fin, send: out, action: add}
destinations: {out: {preset: file, settings: {dir: o}}}
END
cat >in <<'END'
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T09:00:00.000Z","properties":{"total":60},"profile":{"id":"p_a","traits":{}},"cdp":{"o":"main.merge","n":1}}
{"type":"track","event":"Order Completed","timestamp":"2026-03-02T09:00:00.000Z","properties":{"total":60},"profile":{"id":"p_a","traits":{}},"cdp":{"o":"main.merge","n":2}}
{"type":"track","event":"B","timestamp":"2026-03-02T10:00:00.000Z","properties":{"n":2},"profile":{"id":"p_a","traits":{}},"cdp":{"o":"main.merge","n":3}}
{"type":"track","event":"B","timestamp":"2026-03-02T11:00:00.000Z","properties":{"n":2},"profile":{"id":"p_a","traits":{}},"cdp":{"o":"main.merge","n":4}}
{"type":"end","cdp":{"o":"main.merge","lines":4}}
END
cdp-journey -n -q in | jq -c 'select(.type == "activation") | [.timestamp, .step, .why]'
