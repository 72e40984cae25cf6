# How many are in each audience, and who, from the store: what time has changed
# and who was merged away included; and no such audience.
cat >cdp.yaml <<'END'
version: 1
audiences:
  buyers: {when: {event: Order Completed, within: 1d}}
  rich: {when: {trait: points, gt: 100}}
  nobody: {when: {event: Never}}
END
cat >in <<'END'
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T09:00:00.000Z","profile":{"id":"p_c","traits":{"points":500}},"cdp":{"o":"main.merge","n":1}}
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T10:00:00.000Z","profile":{"id":"p_b","traits":{"points":500}},"cdp":{"o":"main.merge","n":2}}
{"type":"track","event":"Order Completed","timestamp":"2026-03-01T11:00:00.000Z","profile":{"id":"p_a","traits":{}},"cdp":{"o":"main.merge","n":3}}
{"type":"merge","timestamp":"2026-03-01T12:00:00.000Z","messageId":"mrg_1","from":"p_b","into":"p_a","by":"m","cdp":{"o":"main.merge","n":4}}
{"type":"clock","now":"2026-03-02T10:00:00.000Z","cdp":{"o":"main.merge","n":5}}
{"type":"end","cdp":{"o":"main.merge","lines":5}}
END
cdp-audience --size 2>&1; echo "exit $?"
cdp-audience in >out
cdp-audience --size
cdp-audience --members buyers
cdp-audience --members rich
cdp-audience --members nobody; echo "exit $?"
cdp-audience --members buyer; echo "exit $?"
cdp-audience --size in; echo "exit $?"
