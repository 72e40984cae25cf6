# Three runs, a profile's states over them, and as it was in between; after a
# compaction the last state is left, and the filters print the same again.
# Files between the filters: where an epoch ends would depend on time.
cp -R "$top/share/examples/loja/." .
cat >events <<'X'
{"type":"identify","messageId":"h1","timestamp":"2026-03-02T12:00:00Z","userId":"u_ana","anonymousId":"a1","traits":{"email":"ana@example.com"}}
{"type":"identify","messageId":"h2","timestamp":"2026-03-02T15:00:00Z","userId":"u_rui"}
{"type":"identify","messageId":"h3","timestamp":"2026-03-03T12:00:00Z","userId":"u_ana","anonymousId":"a2"}
{"type":"identify","messageId":"h4","timestamp":"2026-03-04T12:00:00Z","userId":"u_ana","anonymousId":"a3"}
X
run() {
	cdp-ingest "$@" part 2>/dev/null >i
	cdp-merge <i >m
	cdp-audience <m >a
	cdp-journey <a >j
	cdp-emit <j
}
for n in 2 3 4; do
	head -n $n events >part
	run >out
done
cdp-store history email:ana@example.com |
	jq -c 'select(.log == "merge") | [.e, .t, (.v.ids | length)]'
for t in 2026-03-02 2026-03-02T15:00:00Z 2026-03-03T23:00:00Z 2027-12-31; do
	cdp-store get --as-of $t email:ana@example.com |
		jq -c 'select(.log == "merge") | (.v.ids | length)'
done
cdp-store history nobody
echo $?
cdp-store log merge | jq -c '[.e, .first, .t, .q, .inputs, .records]'
cdp-store stats merge | jq -c '[.segments, .compacted, .inputs, .dead > 0]'
cdp-store cat >before
cdp-store compact merge |
	sed 's/[0-9][0-9]* bytes/N bytes/; s/were [0-9]*/were N/'
cdp-store compact >/dev/null
cdp-store cat | cmp - before
run | cmp - out
cdp-store log merge | jq -c '[.e, .first, .t, .q, .inputs, .records]'
cdp-store stats merge | jq -c '[.segments, .compacted, .inputs, .dead]'
cdp-store history email:ana@example.com | jq -c 'select(.log == "merge") | [.e, .first]'
cdp-store verify >/dev/null && echo sound
cdp-store position | head -n 2
