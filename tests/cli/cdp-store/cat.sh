# States by key, then inputs in their order; the hash of an event differs from
# store to store and is not shown.
cp -R "$top/share/examples/loja/." .
head -n 2 events.ndjson | cdp-ingest --until end | cdp-merge >/dev/null
cdp-store cat ingest
cdp-store cat merge | jq -c '[.k, .q, .in, [.out[]? | keys]]'
cdp-store cat | jq -r .log | uniq -c | tr -s ' '
