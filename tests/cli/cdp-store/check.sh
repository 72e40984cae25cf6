# A sound project in one line; one with faults, each with its place.
cdp-store -C "$top/share/examples/loja" check
mkdir bad && cat >bad/cdp.yaml <<'X'
version: 1
project: {name: bad}
traits:
  total: {sum: properties.total, evnt: Order Completed}
  tier: {jq: 'if .traits.total > then 1'}
X
cdp-store -C bad check
echo $?
