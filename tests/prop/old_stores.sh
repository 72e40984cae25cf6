#!/bin/sh
# Stores that earlier versions wrote (tests/data/stores, by its freeze.sh): this
# one says the same of them, prints the same for the same events, goes on,
# compacts and moves them, and what was so says the same again (P15).
work=$PWD
people() { # what is kept of people, and nothing of inputs
	for log in merge audience journey; do
		cdp-store cat $log | jq -c 'select(.k)'
	done
}
pipe() {
	cdp-ingest -q "$@" | cdp-merge -q | cdp-audience -q | cdp-journey -q |
		cdp-emit -q
}
fail() {
	echo "store of version $v: $*"
	exit 1
}
n=0
for d in "${top:?}"/tests/data/stores/*/; do
	v=$(basename "$d") n=$((n + 1))
	rm -rf "$work/$v" && cp -R "$d" "$work/$v" && cd "$work/$v" || exit 1
	chmod -R go= store
	export CDP_STORE=store
	zstd -dq ./*.zst
	cdp-store verify >/dev/null || fail "verify"
	cp -R store bare && find bare -name '*.idx' -exec rm {} +
	cdp-store cat | cmp cat - || fail "cat"
	cdp-store stats >/dev/null && cdp-store history user_id:u1 >/dev/null ||
		fail "stats, history"
	pipe events.ndjson | cmp out - || fail "the same events"
	cdp-store cat | cmp cat - || fail "what the same events have left"
	(CDP_STORE=bare && pipe events.ndjson >part)
	for idx in bare/*/*.idx; do
		cmp "$idx" "store/${idx#bare/}" || fail "indexes"
	done
	cat events.ndjson more.ndjson >all.ndjson
	pipe all.ndjson >all.out
	tail -n 1 all.out | grep -q '"type":"end"' || fail "more events"
	sed '/"type":"end"/d' out | sort >lines
	sort all.out | comm -23 lines - | grep . && fail "lines are gone"
	people >was
	cdp-store compact >/dev/null || fail "compact"
	people | cmp was - || fail "compacted"
	pipe all.ndjson | cmp all.out - || fail "compacted, the same events"
	cdp-store export --format=dump >dump &&
		cdp-store -s moved import dump >/dev/null || fail "export, import"
	CDP_STORE=moved
	people | cmp was - || fail "moved"
done
echo "old stores: $n, all read (P15)"
