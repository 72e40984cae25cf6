#!/bin/sh
# Freeze a store of the build in PATH as tests/data/stores/$1, for every later
# release to read (tests/prop/old_stores.sh): once for each version of
# cdp-store(5), and never again.
#
# Each log has a compacted segment, that of cdp-merge with a dictionary, and an
# active one with some epochs; somebody was suppressed, somebody deleted, and
# somebody erased.
here=$(cd "$(dirname "$0")" && pwd)
d=$here/${1:?which version?}
mkdir "$d" && cd "$d" || exit 1
export LC_ALL=C CDP_STORE=store
for what in project events; do
	awk -v seed=2 -v lines=440 -v what=$what -f "$here/../../crash/gen.awk" \
	    >$what
done
mv project cdp.yaml
awk 'BEGIN { for (i = 1; i <= 600; i++)
	printf "{\"type\":\"identify\",\"userId\":\"x%d\",\"messageId\":\"x%d\"," \
	    "\"timestamp\":\"2026-02-28T00:%02d:%02d.000Z\",\"traits\":{" \
	    "\"plan\":\"x\",\"email\":\"x%d@example.com\"}}\n",
	    i, i, i / 60, i % 60, i }' >events.ndjson
head -n 400 events >>events.ndjson
tail -n 40 events >more.ndjson
rm events

pipe() {
	cdp-ingest -q "$@" | cdp-merge -q | cdp-audience -q | cdp-journey -q |
		cdp-emit -q
}
head -n 930 events.ndjson | pipe >part
cdp-store erase user_id:u0 >part
cdp-store compact >part
for n in 950 970 1000; do
	head -n $n events.ndjson | pipe >part
done
pipe events.ndjson >out
cdp-store cat >cat
rm part store/*/LOCK store/*/REWRITE
zstd -q -19 --rm events.ndjson out cat
