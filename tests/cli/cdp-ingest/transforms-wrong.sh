# A transform that cannot work is refused where it is written.
cat >cdp.yaml <<'Y'
version: 1
project: {name: t}
secrets: [KEYS]
transforms:
  - {event: A}
  - {drop: a, hash: b}
  - {drop: messageId}
  - {rename: {userId: id}}
  - {rename: {properties.a: b.c}}
  - {mask: {traits.phone: last}}
  - {hash: {path: x}}
  - {hash: {paths: x, key: KEY}}
  - {where: {properties.a: {above: 1}}, drop: context}
  - {jq: '.a |'}
  - {dorp: context}
Y
cdp-ingest --check
echo "exit $?"
