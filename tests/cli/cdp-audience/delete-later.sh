# A delete that is the first of a run takes the timer, too: nothing is told or
# kept afterwards.
cat >cdp.yaml <<'YAML'
version: 1
audiences:
  seen: {when: {event: V, within: 1h}}
YAML
cat >in <<'LINES'
{"type":"track","event":"V","timestamp":"2026-03-01T09:00:00.000Z","profile":{"id":"p_a"},"cdp":{"o":"main.merge","n":1}}
{"type":"delete","timestamp":"2026-03-01T09:05:00.000Z","profile":{"id":"p_a"},"cdp":{"o":"main.merge","n":2}}
{"type":"clock","now":"2026-03-01T12:00:00.000Z","cdp":{"o":"main.merge","n":3}}
LINES
end='{"type":"end","cdp":{"o":"main.merge","lines":0}}'
(sed 1q in; echo "$end") | cdp-audience >/dev/null
(sed 1d in; echo "$end") | cdp-audience | jq -r .type
cdp-store cat audience | jq -c 'select(.k) | .k'
