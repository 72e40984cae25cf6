# Traits, groups, consent, jq and time: asked again when the profile differs
# (a profile line), and at the instant a trait's date says.
cat >cdp.yaml <<'END'
version: 1
groups: {household: {from: groupId}}
audiences:
  rich: {when: {trait: points, gt: 100}}
  family: {when: {trait: household.orders_7d, gte: 2}}
  ads: {when: {consent: Advertising}}
  trial: {when: {trait: trial_ends, within_next: 1d}}
  gold: {when: {jq: '.audiences.rich and (.traits.tier == "gold")'}}
  odd: {when: {jq: '.traits.points'}}
END
cat >in <<'END'
{"type":"identify","timestamp":"2026-03-01T09:00:00.000Z","profile":{"id":"p_a","traits":{"points":100,"tier":"gold","trial_ends":"2026-03-03T12:00:00Z"}},"cdp":{"o":"main.merge","n":1}}
{"type":"profile","timestamp":"2026-03-01T09:10:00.000Z","profile":{"id":"p_a","traits":{"points":100.5,"tier":"gold","trial_ends":"2026-03-03T12:00:00Z"},"groups":{"household":{"id":"h","traits":{"orders_7d":2}}},"consent":{"Advertising":true}},"cdp":{"o":"main.merge","n":2}}
{"type":"clock","now":"2026-03-04T00:00:00.000Z","cdp":{"o":"main.merge","n":3}}
{"type":"end","cdp":{"o":"main.merge","lines":3}}
END
cdp-audience in
