# Who entered before an edit is put on the list and taken off it as the version
# says under which he entered, though the project knows that step no more: what
# takes back needs no consent, and goes where the delivery went.  An action that
# is called remove and takes nothing back asks like any other.
mkdir v1 v2
cat >v1/cdp.yaml <<'YAML'
version: 1
project: {name: t}
clock: {lateness: 0s, tick: 1h}
consent: {categories: {Advertising: {destinations: [ads]}}}
destinations: {ads: {preset: file, settings: {dir: out}, to: .profile.traits.email, body: .to}}
journeys:
  j:
    enter: {event: A}
    exit: [{id: bought, event: B, outcome: won}]
    steps:
      - {id: wait, delay: 2h}
      - {id: list, send: ads, action: enroll, undo: drop}
      - {id: stay, delay: 5d}
      - {id: off, send: ads, action: remove}
YAML
sed -e '/id: list/d' -e '/id: off/d' v1/cdp.yaml >v2/cdp.yaml
# event TIME NAME PERSON CONSENT EMAIL
event() {
	echo '{"type":"track","event":"'"$2"'","messageId":"'"$1$3"'","timestamp":"2026-01-0'"$1"':00:00Z","profile":{"id":"p_'"$3"'","traits":{"email":"'"$5"'@example.com"},"consent":{"Advertising":'"$4"'}},"cdp":{"o":"main.merge","n":'$((n += 1))'}}'
}
tick() {
	echo '{"type":"clock","now":"2026-01-0'"$1"':00:00Z","cdp":{"o":"main.merge","n":'$((n += 1))'}}'
}
n=0
{
	event 1T00 A sent true old
	tick 1T03
	event 1T04 A waits true old
	event 1T04 A stays true old
} >before
{
	tick 1T07
	event 1T08 B sent false new  # no consent since, and moved
	event 1T08 B waits false new
	event 1T09 C stays false old
	tick 8T00 # "off" asks for consent
} >after
for v in 1 2; do
	case $v in 1) in=before ;; *) in=after ;; esac
	cdp-journey -C v$v -s store -q --end=any $in |
		tee act$v | cdp-emit -C v$v -s store -q --end=any |
		jq -r 'select(.type == "delivery")
		    | "\(.profile) \(.action): \(.status) \(.reason // "") \(.to // "")"'
done
cat act1 act2 | jq -c 'select(.type == "activation") | [.step, .action, .undo]'
