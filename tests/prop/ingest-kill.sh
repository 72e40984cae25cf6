#!/bin/sh
# Killed anywhere, with events waiting, late ones and clock lines on their way:
# what was printed is a prefix, and the same command prints it all.
printf 'version: 1\nproject: {name: t}\nclock: {lateness: 1m, tick: 1m}\n' >cdp.yaml
awk 'BEGIN {
	srand(5)
	for (i = 0; i < 60; i++) {
		s = i * 20 - (rand() < 0.3 ? int(rand() * 300) : 0)
		s = s < 0 ? 0 : s
		printf "{\"type\":\"track\",\"event\":\"A\",\"messageId\":\"m%d\"," \
		    "\"userId\":\"u\",\"timestamp\":\"2025-03-03T10:%02d:%02dZ\"}\n",
		    int(rand() * 50), s / 60, s % 60
	}
}' >in
cdp-ingest -s whole in >want || exit 1
grep -q '"late":true' want || exit 1
for lines in 3 17 31 45 60; do
	mkfifo pipe
	cdp-ingest -s "s$lines" <pipe >part 2>/dev/null &
	pid=$!
	exec 3>pipe
	head -n $lines in >&3
	sleep 0.1
	kill -9 $pid
	exec 3>&-
	wait $pid 2>/dev/null
	rm pipe
	head -c "$(wc -c <part)" want | cmp part - || exit 1
	cdp-ingest -s "s$lines" in | cmp - want || exit 1
done
echo "ingest-kill: the same bytes"
