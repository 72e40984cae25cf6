# Only the last line of an input is its end: others are dropped; without one
# the tool keeps what came, prints no end line, and exits 69.
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
c() {
	printf '{"type":"clock","now":"2025-03-03T10:00:0%d.000Z","cdp":{"o":"main.audience","n":%d}}\n' "$1" "$1"
}
end='{"type":"end","cdp":{"o":"main.audience","lines":1}}'
{ c 1; echo "$end"; } >whole
{ c 2; echo "$end"; c 3; } >cut
{ c 4; c 5 | head -c 30; } >torn
try() {
	echo "== $*"
	"$@"
	echo "exit $?"
}
cat whole whole | try cdp-journey
cat whole cut | try cdp-journey
cat cut whole | try cdp-journey
try cdp-journey cut whole
try cdp-journey torn
try cdp-journey --end=any cut
try cdp-journey --end=any torn
try cdp-journey </dev/null
# Raw events are not for a stage.
echo '{"type":"track","event":"A","userId":"u"}' | try cdp-journey
# What is broken in the middle is a reject, and the rest goes on.
{ c 6; echo '{"type":'; c 7; echo "$end"; } | try cdp-journey --rejects bad --stats=json
cat bad
