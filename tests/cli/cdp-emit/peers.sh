# The cases of Segment's own destinations for the receivers that we have presets of.
cases=$top/../shared/cases/segment-destinations
[ -d "$cases" ] || { echo "the cases are not here" >&2; exit 77; }
case $B in *asan*) exit 77 ;; esac # it compiles some hundred programs
. "$top/tests/cli/cdp-emit/cases.inc"
for f in braze braze-cohorts customerio facebook-conversions-api facebook-custom-audiences google-enhanced-conversions hubspot intercom \
	iterable iterable-audiences iterable-lists klaviyo salesforce segment segment-profiles sendgrid sendgrid-audiences slack \
	tiktok-audiences tiktok-conversions tiktok-conversions-sandbox twilio twilio-messaging twilio-studio \
	webhook webhook-audiences webhook-extensible; do
	jq -c -f "$top/tests/cli/cdp-emit/peers.jq" "$cases/$f.ndjson"
done >all
ask '{text: .kept.text}' ', address: any'
table "$top/tests/cli/cdp-emit/peers.reasons"
