# The same of questions about deliveries.
cat >cdp.yaml <<'E'
version: 1
identity: {identifiers: {user_id: {from: userId}, email: {from: traits.email}}}
destinations: {email: {preset: file, settings: {dir: out}, to: '.profile.identifiers.user_id[0]', events: [X]}}
templates: {hello: {text: '"hi"'}}
E
echo '{"type":"track","event":"X","userId":"ana","messageId":"m1","timestamp":"2026-03-01T10:00:00Z"}' >in
cdp-ingest in | cdp-merge | cdp-emit >/dev/null
try() {
	echo "-- $*" >&2
	cdp-emit "$@" </dev/null
	echo "exit $?" >&2
}
try --explain usr_id:ana
try --explain user_id:anna
try --explain dlv_1
try --explain user_id:ana --deliver
try --explain user_id:ana --redrive
try --explain user_id:ana --preview user_id:ana hello
try --explain user_id:ana in
try --explain user_id:ana -s nowhere
try --explain user_id:ana --as-of noon
try --preview user_id:ana
try --preview user_id:ana helo
try --preview email:ana hello
try --as-of 2026-03-01
try --only emial
try -n
