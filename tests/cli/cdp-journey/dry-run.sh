# What the example would send, as a table; there is no store afterwards.
cp -R "$top/share/examples/loja/." .
cdp-ingest -n --until end --rejects /dev/null --max-rejects 9 events.ndjson | cdp-merge -n |
	cdp-audience -n | cdp-journey -n | jq -s 'map(select(.type == "activation")) | length'
ls store 2>/dev/null
printf '{"type":"end","cdp":{"o":"main.audience","lines":0}}\n' | cdp-journey -n
