# p_b becomes p_a: what both did counts together; p_a enters nothing that p_b
# was in already (seen), enters what only both together reach (two), and leaves
# what p_b was in and the two together are not (shy).
cat >cdp.yaml <<'END'
version: 1
audiences:
  seen: {when: {event: V, within: 1h}}
  two: {when: {event: V, count: {gte: 2}}}
  shy: {when: {all: [{event: W}, {not: {event: V, count: {gte: 2}}}]}}
END
cat >in <<'END'
{"type":"track","event":"V","timestamp":"2026-03-01T09:00:00.000Z","profile":{"id":"p_b"},"cdp":{"o":"main.merge","n":1}}
{"type":"track","event":"W","timestamp":"2026-03-01T09:01:00.000Z","profile":{"id":"p_b"},"cdp":{"o":"main.merge","n":2}}
{"type":"merge","timestamp":"2026-03-01T09:05:00.000Z","from":"p_b","into":"p_a","by":"m","cdp":{"o":"main.merge","n":3}}
{"type":"track","event":"V","timestamp":"2026-03-01T09:05:00.000Z","profile":{"id":"p_a","merged":["p_b"]},"cdp":{"o":"main.merge","n":4}}
{"type":"clock","now":"2026-03-01T12:00:00.000Z","cdp":{"o":"main.merge","n":5}}
{"type":"end","cdp":{"o":"main.merge","lines":5}}
END
cdp-audience --stats=json in 2>stats
jq -c .audiences stats
# The same without the merge line: the profile's own list tells.
grep -v '"type":"merge"' in >in2
cdp-audience -s other in2 | grep '"event":"Audience'
