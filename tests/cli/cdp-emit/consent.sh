# Segment's truth table of consent and "integrations", all rows, from the event
# to the gate; and what a profile keeps of consent.
# project MAPPING...: four destinations; each MAPPING is a category and its own.
project() {
	rm -rf store
	printf 'version: 1\nproject: {name: t}\nidentity: {identifiers: {user_id: {from: userId}, email: {from: traits.email}}}\n' >cdp.yaml
	printf 'consent:\n  unknown: allow\n  categories:\n    Other: {destinations: []}\n' >>cdp.yaml
	printf '    %s\n' "$@" >>cdp.yaml
	printf 'destinations:\n' >>cdp.yaml
	for d in facebook google-ads amplitude s3; do
		printf '  %s: {preset: file, settings: {dir: out/%s}}\n' $d $d
	done >>cdp.yaml
	printf 'journeys:\n  j:\n    enter: {event: X}\n    steps: [{id: f, send: facebook}, {id: g, send: google-ads}, {id: a, send: amplitude}, {id: s, send: s3}]\n' >>cdp.yaml
	: >in; : >wanted
}
# row NAME CONSENT INTEGRATIONS WANTED: of somebody of whom nothing was known,
# and who gets it by the table.
row() {
	echo "$1:${4:+ $4}" >>wanted
	echo '{"type":"track","event":"X","messageId":"m'"$1"'","userId":"'"$1"'","timestamp":"2026-01-01T00:00:00.000Z"'"${2:+,\"context\":$2}${3:+,\"integrations\":$3}"'}' >>in
}
show() {
	cdp-ingest in | cdp-merge | cdp-journey | cdp-emit 2>err |
		jq -r 'select(.type == "delivery") | [.profile, .destination, .status, .reason // empty]
			| join(" ")' |
		awk 'FNR == NR { name[$2] = $1; next } !($1 in seen) { order[++n] = $1; seen[$1] }
			$3 == "ready" { got[$1] = got[$1] " " $2 }
			$3 != "ready" { why[$1] = why[$1] " " $2 "(" $4 ")" }
			END { for (i = 1; i <= n; i++) print name[order[i]] ":" got[order[i]] ";" why[order[i]] }' names - | sort -n >got
	sort -n wanted | paste -d '|' - got | awk -F '|' '{ split($2, g, ";"); print $2 (g[1] == $1 ? "" : "  WANTED " $1) }'
}
# Who is who: the profile of each row.
names() {
	cdp-ingest in | cdp-merge -s names.store | jq -r 'select(.userId) | "\(.userId) \(.profile.id)"' >names
	rm -rf names.store
}
ad='{"ad":true,"analytics":false}'
prefs() {
	echo '{"consent":{"categoryPreferences":'"$1"'}}'
}
apart='analytics: {destinations: [amplitude]}'
shared='analytics: {destinations: [facebook, amplitude]}'
some='{"facebook":true,"amplitude":false}'

echo "== no category has a destination"
project
row 5 "$(prefs "$ad")" '' 'facebook google-ads amplitude s3'
row 5.1 "$(prefs "$ad")" '{"facebook":true,"amplitude":false}' 'facebook google-ads s3'
names; show
echo "== each its own"
project 'ad: {destinations: [facebook, google-ads]}' "$apart"
row 1 '' '' 'facebook google-ads amplitude s3'
row 1.1 '{"consent":{}}' '' 'facebook google-ads amplitude s3'
row 2 "$(prefs '{}')" '' 's3'
row 3 '{}' "$some" 'facebook google-ads s3'
row 4 "$(prefs '{}')" "$some" 's3'
row 6 "$(prefs "$ad")" '' 'facebook google-ads s3'
row 7 "$(prefs "$ad")" "$some" 'facebook google-ads s3'
row 8 "$(prefs "$ad")" '{"facebook":false,"amplitude":false}' 'google-ads s3'
row 12 "$(prefs "$ad")" '{"All":false,"google-ads":{"x":1}}' 'google-ads'
row 13 '' '{"All":false}' ''
row 14 "$(prefs '{"ad":true,"unheard_of":false}')" '' 'facebook google-ads s3'
names; show
echo "== both want facebook"
project 'ad: {destinations: [facebook, google-ads]}' "$shared"
row 9 "$(prefs "$ad")" "$some" 'google-ads s3'
row 10 "$(prefs '{"ad":true,"analytics":true}')" "$some" 'facebook google-ads s3'
row 11 "$(prefs '{"ad":false,"analytics":true}')" "$some" 's3'
names; show

echo "== on the profile"
project 'ad: {destinations: [facebook]}' "$apart"
# said TIME USER EMAIL CONTEXT: what is known afterwards
said() {
	echo '{"type":"identify","messageId":"i'"$1"'","timestamp":"2026-01-01T00:00:'"$1"'.000Z"'"${2:+,\"userId\":\"$2\"}"',"anonymousId":"d'"$1"'","traits":{"email":"'"$3"'"},"context":'"$4"'}' >>in
}
said 01 a a@x "$(prefs '{"ad":true,"analytics":true}')"
said 02 a a@x '{}'                                  # nothing said
said 03 a a@x '{"consent":{}}'
said 04 a a@x "$(prefs '{"ad":true}')"              # the others are a no
said 05 a a@x "$(prefs '{}')"                       # all are
said 06 a a@x "$(prefs '{"ad":true,"analytics":true}')" # another device: the latest
said 07 '' b@x "$(prefs '{"analytics":false,"Other":true}')"
said 08 a b@x '{}'                                  # they are one
echo '{"type":"track","event":"X","messageId":"x","userId":"a","timestamp":"2026-01-01T00:00:08.500Z"}' >>in
said 09 a a@x "$(prefs '{"ad":true,"analytics":true}')" # said anew
cdp-ingest in | cdp-merge | tee merged | jq -r 'select(.type == "identify") | "\(.timestamp[17:19]) \(.profile.consent | tojson)"'
cdp-journey <merged | cdp-emit | jq -r 'select(.type == "delivery") | "\(.destination) \(.status) \(.detail // "")"'
