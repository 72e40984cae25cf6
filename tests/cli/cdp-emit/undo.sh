# What went out may be taken back without consent; what did not go out is not
# taken back, and that is no fault.  It is taken back under the address that it
# went to, whatever the address is by then.  Deciding and sending remember each their
# own.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
consent: {categories: {Advertising: {destinations: [ads]}}}
destinations: {ads: {preset: file, settings: {dir: out}, to: .profile.traits.email, body: .to}}
journeys:
  j:
    enter: {event: A}
    steps:
      - {id: list, send: ads, action: add, undo: drop, for: 1d}
      - {id: off, send: ads, action: remove}
YAML
n=0
# act INSTANCE STEP ACTION CONSENT
act() {
	n=$((n + 1))
	echo '{"type":"activation","messageId":"act_'$n'","timestamp":"2026-01-01T00:00:0'$n'.000Z","journey":"j","step":"'"$2"'","instance":"'"$1"'","destination":"ads","action":"'"$3"'","profile":{"id":"p_'"$1"'","traits":{"email":"'"$1$n"'@example.com"},"consent":{"Advertising":'"$4"'}},"why":[],"cdp":{"o":"main.journey","n":'$n'}}'
}
end() {
	echo '{"type":"end","cdp":{"o":"main.journey","lines":'$n'}}'
}
show() {
	jq -r 'select(.type == "delivery")
	    | "\(.profile) \(.action): \(.status) \(.reason // "")"'
}
{
	act a list add true
	act b list add false
	act c list add true
	end
} >adds
{
	act a list drop false # consent withdrawn since: still taken back
	act b list drop false # never went out
	act a list drop false # taken back before
	act c off remove false # a step of its own asks for consent
	end
} >undos
for how in -n --deliver; do
	echo "-- at once $how"
	cat adds undos | grep -v '"end"' | cdp-emit $how --end=any | show
done
rm -rf store out
echo "-- decided, not sent"
cdp-emit adds | show
cdp-emit --deliver undos | show
echo "-- the undo alone is no fault"
grep -v off undos | cdp-emit --stats=json 2>stats | show
cdp-emit --end=any undos >one; cdp-emit --end=any undos | cmp - one
grep -v -e off -e '"end"' undos | cdp-emit --end=any >/dev/null
echo "status $?"
jq -c '{in, held, consumed, deliveries}' stats
cdp-store cat emit | jq -c 'select(.k? // "" | startswith("u:")) | .v'
echo "-- sent"
rm -rf store out
cdp-emit --deliver adds >/dev/null
cdp-emit --deliver undos | show
cat out/*.ndjson | jq -r '"\(.profile) \(.action) \(.to) \(.body)"'
