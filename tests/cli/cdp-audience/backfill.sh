# A new audience, filled from the archive, is as if it had been there from the
# start: state by state, and in what comes next; numbers go on.  Nobody is held
# in memory for it, and what was made beside it is gone at the end.
mkdir new old
cat >old/cdp.yaml <<'E'
version: 1
groups: {household: {}}
audiences:
  buyers: {when: {event: Order Completed, within: 1d}}
  gone: {when: {event: Page}}
E
cat >new/cdp.yaml <<'E'
version: 1
groups: {household: {}}
entities: {products: {}}
audiences:
  dear: {when: {jq: '(.event.properties.sku // "" | lookup("products"; .).dear) == true'}}
  loyal: {when: {event: Order Completed, count: {gte: 2}}}
  buyers: {when: {event: Order Completed, within: 1d}}
  ours: {when: {in_group: household, any: {event: Order Completed, within: 2d}}}
E
echo '{"type":"object","collection":"products","id":"p1","timestamp":"2026-03-01T10:00:00Z","properties":{"dear":true}}' >all
jq -nc 'range(60) | {type: (if . % 7 == 6 then "group" else "track" end), event: (if . % 3 == 0 then "Order Completed" else "Page" end), groupId: "g\(. % 2)", userId: "u\(. * 7 % 11)", messageId: "m\(.)", timestamp: (1772360000 + . * 7000 | todate), properties: {sku: "p\(. % 4)"}} | if .type == "group" then del(.event) else del(.groupId) end' >>all
head -n 41 all >past; tail -n +42 all >next
run() { cdp-ingest -C "$1" -s "$2" -q "$3" | cdp-merge -C "$1" -s "$2" -q | cdp-audience -C "$1" -s "$2" -q; }
run new start past >/dev/null
run old late past >/dev/null
head -n 20 past >half
cdp-ingest -C new -s late -q half | cdp-merge -C new -s late -q | cdp-audience -C new -s late --backfill; echo "exit $?"
cdp-ingest -C new -s late -q past | cdp-merge -C new -s late -q | cdp-audience -C new -s late --backfill --memory 0; echo "exit $?"
ls late
for s in start late; do
	cdp-audience -C new -s $s --size >size.$s
	for k in dear loyal buyers ours; do cdp-audience -C new -s $s --members $k; done >members.$s
	cdp-store -C new -s $s cat audience | jq -c 'select(.k or .v)' >state.$s
	run new $s next | jq -c 'del(.cdp)' >next.$s
	cdp-audience -C new -s $s --size >after.$s
done
cat size.start
wc -l <state.start
wc -l <next.start
for f in size members state next after; do cmp $f.start $f.late; done
cdp-store -C new -s late verify >/dev/null; echo "exit $?"
