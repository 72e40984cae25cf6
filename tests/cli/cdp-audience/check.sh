# What is wrong with audiences is said with its place, all in one run.
cat >cdp.yaml <<'END'
version: 1
consent: {categories: {Advertising: {destinations: []}}}
audiences:
  a: {when: {audience: b}}
  b: {when: {not: {jq: '.audiences.c'}}}
  c: {when: {any: [{audience: a}, {event: X}]}}
  d: {when: {audience: vips}}
  vip: {when: {trait: points}}
  e: {when: {consent: Advertizing}}
  f: {when: {kept: x, eq: 1}}
  g: {when: {sequence: [{not: {event: X}}, {event: Y}]}}
  h: {name: nothing}
  "i i": {when: {event: X}}
END
cdp-audience --check
