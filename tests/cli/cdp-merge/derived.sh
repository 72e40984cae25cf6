# Sessions end at their last event plus the gap, whichever run that falls in;
# a case follows from other traits, and jq from the case.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
traits:
  spent: {sum: properties.total, event: Buy, default: 0}
  pages: {count: true, event: View, session: 30m, default: 0}
  last_page: {last: properties.p, event: View, session: 30m}
  greet: {jq: '"hello, " + .traits.tier'}
  tier:
    case:
      - {if: {trait: spent, gte: 100}, then: gold}
      - {if: {any: [{trait: spent, gt: 0}, {trait: vip, eq: true}]}, then: silver}
    default: none
END
run() {
	cdp-ingest "$@" | cdp-merge |
		jq -c 'if .type == "end" or .type == "clock" then empty
		    else [.type, .timestamp, .profile.traits] end'
}
view() {
	printf '{"type":"track","event":"View","messageId":"%s","timestamp":"2026-01-01T%s:00Z","userId":"a","properties":{"p":"%s"}}\n' "$1" "$2" "$1"
}
{
	view a 10:00
	printf '%s\n' '{"type":"identify","messageId":"i","timestamp":"2026-01-01T10:05:00Z","userId":"a","traits":{"vip":true}}'
	view b 10:20
} | run
{
	printf '%s\n' '{"type":"track","event":"Buy","messageId":"o","timestamp":"2026-01-01T10:30:00Z","userId":"a","properties":{"total":120}}'
	view c 11:20
} | run --until end
sed -i 's/vip, eq: true/vip, within_last: 7d/; s/within: 1h/session: 1h/' cdp.yaml
cdp-store check
sed -i 's/vip, within_last: 7d/greet, exists: true/; s/event: View, session: 30m, default/event: View, session: 30m, within: 1h, default/' cdp.yaml
cdp-store check
