# A journey that leaves the project and comes back goes on where it was: what
# was due meanwhile is done then, with the profile as last seen, and what it had
# added is taken back; so it is when "migrate" sends everybody to an end.
mkdir p
project() { # JOURNEYS
	printf 'version: 1\ndestinations:\n  ads: {preset: file, settings: {dir: ads}, to: %s}\njourneys:\n%s\n' "'.profile.identifiers.user_id[0]'" "$1" >p/cdp.yaml
}
run() {
	cdp-ingest -q -C p "$@" | cdp-merge -q -C p | cdp-journey -q -C p | cdp-emit -q -C p |
		jq -c '[.timestamp, .action, .to, .why[-1]]'
}
e() { echo "{\"type\":\"track\",\"event\":\"$2\",\"messageId\":\"$1$2$3\",\"userId\":\"$1\",\"timestamp\":\"2026-01-$3T00:00:00Z\"}"; }
away='  k: {enter: {event: Q}, steps: [{id: end, end: done}]}'
there='  j: {enter: {event: X}, steps: [{id: put, send: ads, action: add, undo: remove}, {id: wait, delay: 10d}, {id: put2, send: ads, action: add}, {id: end, end: done}]}'
{ e ana X 01; e rui X 02; } >in
echo '== in it'
project "$there"
run in
echo '== it is gone, and time goes on'
project "$away"
e rui Other 05 >>in
run --until 2026-01-20T00:00:00Z in
echo '== it is back, beside the other'
project "$away
$there"
run --until 2026-01-25T00:00:00Z in
e ana Other 26 >>in
run in | wc -l
cdp-journey -C p --funnel j | jq -c '[.entered, .running, .outcomes]'
echo '== moved to an end'
rm -r store
project "$there"
head -n 2 in >two
run two | wc -l
project '  j: {enter: {event: none}, migrate: {wait: end}, steps: [{id: end, end: closed}]}'
run --until 2026-01-20T00:00:00Z two
echo '== one is gone, then the other, then both are back'
rm -r store
other='  j2: {enter: {event: Y}, steps: [{id: put, send: ads, action: add, undo: remove}, {id: wait, delay: 10d}, {id: end, end: done}]}'
{ e ana X 01; e rui Y 02; } >in
project "$away
$there
$other"
run in | wc -l
project "$away
$other"
e ana Other 03 >>in
run in | wc -l
project "$away"
run --until 2026-01-20T00:00:00Z in | wc -l
project "$away
$there
$other"
run --until 2026-01-25T00:00:00Z in
