# Every fault of a journey is told at once, each with its place.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: faults}
destinations:
  email: {preset: file, settings: {dir: out}}
templates:
  hello: {text: '"hello"'}
audiences:
  vip: {when: {event: Order Completed}}
journeys:
  names:
    enter: {audience: vop}
    exit:
      - {id: bought, event: Order Completed, outcom: converted}
    steps:
      - {id: a, send: emial, template: helo}
      - {id: b, hold: 30m, then: stpe}
      - {id: step, end: done}
  values:
    enter: {event: go, again: sometimes, per: properties.id, keep: {a.b: x}}
    holdout: 120%
    steps:
      - {id: a, hold: soon}
      - {id: a, delay: 1h, then: e, goto: e}
      - {id: s, split: [{percent: 60, goto: e}, {percent: 50, goto: e}]}
      - {id: f, send: email, for: 2h}
      - {id: u, send: email, action: add, undo: add}
      - {delay: 1h}
      - {id: n}
      - {id: e, end: done}
  conditions:
    enter: {trait: tier, eq: gold, per: properties.id, keep: {x: properties}}
    steps:
      - {id: h, hold: 1h, restart_on: {trait: tier, eq: gold}}
      - {id: k, hold: 1h, keep: {x: properties}}
      - {id: e, end: done}
  later:
    enter: {event: go}
    priority: 3
    migrate: {t: e, gone: ee}
    steps:
      - {id: t, until: "9:00"}
      - {id: u, until: "Mon-Fry 09:00"}
      - {id: v, until: "24:00"}
      - {id: j, until: .profile.traits.birthday |}
      - {id: s, set: {a.b: 1, c: "x y"}}
      - {id: e, end: done}
  shape:
    enter: {event: go}
    steps:
      - {id: here, until: 1h}
      - {id: round, if: {trait: x, exists: true}, goto: here}
      - {id: away, goto: over}
      - {id: lost, send: email}
      - {id: over, end: done}
  nothing:
    exit: [{id: x}, {id: t, event: e, template: none}, {id: s1, event: e, send: emial, template: none}]
YAML
cdp-journey --check
