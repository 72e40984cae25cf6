# What the CRM says of the tier counts before what the site says, in whatever
# order they come; of what is not listed the newest, behind all that is.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
traits:
  tier: {last: traits.tier, prefer: [crm, web]}
END
i() { # minute source tier
	printf '{"type":"identify","messageId":"m%d","timestamp":"2026-01-01T10:%02d:00Z","userId":"u"%s,"traits":{"tier":"%s"}}\n' \
		"$1" "$1" "${2:+,\"sourceId\":\"$2\"}" "$3"
}
run() {
	cdp-ingest | cdp-merge | jq -r 'select(.profile) | "\(.messageId) \(.sourceId) says \(.traits.tier): \(.profile.traits.tier)"'
}
{
	i 1 '' bronze
	i 2 app silver
	i 3 web gold
	i 4 app tin
} | run
{
	i 5 crm platinum
	i 6 web wood
	i 7 '' stone
	i 8 crm steel
} | run
sed -i 's/prefer:/within: 7d, &/' cdp.yaml
cdp-store check
sed -i 's/within: 7d, //; s/last: traits/first: traits/' cdp.yaml
cdp-store check
