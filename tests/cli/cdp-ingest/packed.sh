# What zstd and gzip packed is known by its first bytes, whatever its name; a
# file that breaks off gives what came, and says so.
printf 'version: 1\nproject: {name: t}\nclock: {lateness: 0s}\n' >cdp.yaml
for i in 1 2 3; do
	printf '{"type":"track","event":"E","userId":"u%d","messageId":"m%d","timestamp":"2026-01-01T00:0%d:00Z"}\n' $i $i $i
done >events
head -n 1 events | gzip -n >packed
tail -n 2 events | gzip -n >>packed
echo "gzip, two members:"
cdp-ingest -s a packed | cut -c -60
echo "zstd, on standard input, as a stage of the pipe packed it:"
zstd -q -c <events | cdp-ingest -s b | zstd -q -c | cdp-merge -s b | tail -n 1
echo "broken off:"
size=$(wc -c <packed)
head -c $((size - 9)) packed >part
cdp-ingest -s c part 2>&1 | cut -c -60
cdp-ingest -s c part >/dev/null 2>&1
echo "exit $?"
echo "and whole again:"
cdp-ingest -s c packed | cut -c -60
echo "damaged:"
{ cat packed; echo rubbish; } >bad
cdp-ingest -s d bad 2>&1 | tail -n 1
cdp-ingest -s d bad >/dev/null 2>&1
echo "exit $?"
echo "a file made to fill a disk:"
head -c 300m /dev/zero | zstd -q -c >zeros
cdp-ingest -s e zeros
echo "exit $?"
