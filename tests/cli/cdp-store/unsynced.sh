# What was written without a sync is told, until it is compacted.
cp -R "$top/share/examples/loja/." .
head -n 9 events.ndjson | cdp-ingest --sync=none >/dev/null
cdp-store stats | jq -c '.unsynced == .epochs and .epochs > 0'
cdp-store verify | grep -c 'written with --sync=none$'
cdp-store compact >/dev/null
cdp-store stats | jq -c '.unsynced'
cdp-store verify | grep -c 'written with --sync=none$' || :
