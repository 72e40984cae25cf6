# The same of questions about journeys; and a store that somebody names is
# there.
cat >cdp.yaml <<'E'
version: 1
journeys:
  welcome:
    enter: {event: Signed Up}
    steps: [{id: wait, delay: 1d}, {id: end, end: done}]
E
echo '{"type":"track","event":"Signed Up","userId":"ana","messageId":"m1","timestamp":"2026-03-01T10:00:00Z"}' >in
cdp-ingest in | cdp-merge | cdp-journey >/dev/null
try() {
	echo "-- $*" >&2
	cdp-journey "$@" </dev/null
	echo "exit $?" >&2
}
try --graph=dot --funnel
try --test --against .
try --graph=png
try --graph=dot welcom
try --funnel other
try --funnel welcome@zz
try --graph=dot -s nowhere
try --funnel -s nowhere
try --explain user-id:ana
try --explain user_id:ana welcome
try --against nowhere
try --test
try --test nofile
