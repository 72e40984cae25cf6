# A step or trait whose kind is misspelt: the word is named, and the nearest.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
traits:
  a: {cuont: true, event: A}
  b: {event: A, within: 7d}
journeys:
  j:
    enter: {event: A}
    steps:
      - {id: s, sendx: mail, template: t}
      - {id: t, sett: {a: 1}}
      - {id: u}
YAML
cdp-store check
