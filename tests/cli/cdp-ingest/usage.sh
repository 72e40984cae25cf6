# What cannot be understood is refused with what would be.
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
try() {
	echo "cdp-ingest $*"
	cdp-ingest "$@" </dev/null 2>&1
	echo "exit $?"
}
try --rejcts x
try --explain
try --deliver
try --until noon
try --max-rejects -1
try --list people
try --list events
try --define =x
try -C nowhere
try none.ndjson
try --version
try --check
