# The help fits a terminal.
cdp-audience --help
cdp-audience -h | awk 'length > 80'
cdp-audience --help | awk 'length > 80'
cat >cdp.yaml <<'END'
version: 1
audiences:
  b: {when: {audience: a}}
  a: {when: {event: X}}
END
cdp-audience --list audiences
