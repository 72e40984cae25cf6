# min_stay: who enters stays at least so long, though the condition is over;
# leave_after: at most so long, and once more only when it did not hold in
# between.  In one run, and in two.
cat >cdp.yaml <<'END'
version: 1
audiences:
  stay: {when: {event: A, within: 10m}, min_stay: 1h}
  leave: {when: {event: A, within: 2h}, leave_after: 30m}
  rich: {when: {trait: points, gt: 100}, min_stay: 1h, leave_after: 3h}
END
line() {
	n=$((n + 1))
	printf '{"type":"track","event":"%s","timestamp":"2026-03-01T%s:00.000Z","profile":{"id":"p_a","traits":{"points":%d}},"cdp":{"o":"main.merge","n":%d}}\n' "$2" "$1" "$3" $n
}
{
	line 09:00 A 500
	line 09:20 B 5
	line 09:55 A 5
	line 10:03 B 500
} >one
{
	line 11:00 A 500
	line 13:30 A 500
	line 14:00 B 5
	line 14:01 B 500
	printf '{"type":"clock","now":"2026-03-02T00:00:00.000Z","cdp":{"o":"main.merge","n":%d}}\n' $((n + 1))
} >two
end='{"type":"end","cdp":{"o":"main.merge","lines":1}}'
changes() {
	jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp, .event, .properties.audience_key]'
}
(cat one two; echo "$end") | cdp-audience -s whole | changes
(cat one; echo "$end") | cdp-audience -s parts >1
(cat two; echo "$end") | cdp-audience -s parts >2
(cat one two; echo "$end") | cdp-audience -s whole >all
cat 1 2 | grep -v '"end"' >both
grep -v '"end"' all | cmp - both && echo same
printf 'version: 1\naudiences: {x: {when: {event: A}, min_stay: 2h, leave_after: 1h}}\n' >cdp.yaml
cdp-audience --check
