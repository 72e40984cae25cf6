# The shop's own list of customers, beside what they did: one pipe, another
# source.
cp -R "$top"/share/examples/loja/. .
cdp-ingest --rejects /dev/null events.ndjson | cdp-merge >/dev/null
cdp-ingest --source crm crm.csv | cdp-merge |
    jq -c 'select(.type == "identify") | .profile | [.id, .identifiers,
	(.traits | {firstName, email, loyalty_tier, points, orders_90d})]'
