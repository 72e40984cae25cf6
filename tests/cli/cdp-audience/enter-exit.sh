# Entering at the event, leaving at the very instant the window closes: before
# the person's next line, and for the others at the clock line.
cat >cdp.yaml <<'END'
version: 1
audiences:
  buyers: {when: {all: [{event: Order Completed}, {not: {audience: fresh}}]}}
  fresh: {name: Bought today, when: {event: Order Completed, within: 24h}}
END
cat >in <<'END'
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T09:00:00.000Z","profile":{"id":"p_a","traits":{"n":1}},"cdp":{"o":"main.merge","n":1}}
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T10:00:00.000Z","profile":{"id":"p_b"},"cdp":{"o":"main.merge","n":2}}
{"type":"track","event":"Product Viewed","timestamp":"2026-03-01T11:00:00.000Z","profile":{"id":"p_c"},"cdp":{"o":"main.merge","n":3}}
{"type":"page","timestamp":"2026-03-02T09:00:00.000Z","profile":{"id":"p_a","traits":{"n":2}},"cdp":{"o":"main.merge","n":4}}
{"type":"clock","now":"2026-03-02T09:59:59.999Z","cdp":{"o":"main.merge","n":5}}
{"type":"clock","now":"2026-03-02T10:01:00.000Z","cdp":{"o":"main.merge","n":6}}
{"some":"thing else","cdp":{"o":"main.merge","n":7}}
{"type":"end","cdp":{"o":"main.merge","lines":7}}
END
cdp-audience --stats=json in 2>stats
jq -c .audiences stats
