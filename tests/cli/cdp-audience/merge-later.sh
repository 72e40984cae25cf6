# The merge line is the first of a run: the timers of both are still known.
cat >cdp.yaml <<'YAML'
version: 1
audiences:
  seen: {when: {event: V, within: 1h}}
YAML
cat >in <<'LINES'
{"type":"track","event":"V","timestamp":"2026-03-01T09:00:00.000Z","profile":{"id":"p_a"},"cdp":{"o":"main.merge","n":1}}
{"type":"track","event":"V","timestamp":"2026-03-01T09:02:00.000Z","profile":{"id":"p_b"},"cdp":{"o":"main.merge","n":2}}
{"type":"merge","timestamp":"2026-03-01T09:05:00.000Z","from":"p_b","into":"p_a","by":"m","cdp":{"o":"main.merge","n":3}}
{"type":"clock","now":"2026-03-01T12:00:00.000Z","cdp":{"o":"main.merge","n":4}}
LINES
end='{"type":"end","cdp":{"o":"main.merge","lines":0}}'
echo "$end" | cat in - | cdp-audience -s one | grep -v '"end"' >want
(sed 2q in; echo "$end") | cdp-audience -s two | grep -v '"end"' >got
(sed 1,2d in; echo "$end") | cdp-audience -s two | grep -v '"end"' >>got
cmp want got
jq -r 'select(.event == "Audience Exited") | .timestamp' got
