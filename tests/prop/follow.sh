#!/bin/sh
# A log that is written to, rotated, and read by cdp-ingest --follow, which is
# killed again and again: every event is counted, and each once.
cat >cdp.yaml <<'Y'
version: 1
project: {name: t}
clock: {lateness: 0s, tick: 1d}
traits:
  n: {count: true, event: E}
Y
n=0
write() { # how many events
	for _ in $(seq "$1"); do
		n=$((n + 1))
		printf '{"type":"track","event":"E","userId":"u","messageId":"m%d","timestamp":"2026-01-01T00:%02d:%02dZ"}\n' \
		    $n $((n / 60)) $((n % 60))
	done >>log
}
rotate() {
	mv log "log.$1"
	: >log
}
mkfifo pipe
start() {
	cdp-merge -q <pipe >/dev/null 2>&1 &
	cdp-ingest --follow log >pipe 2>>err &
	reader=$!
}
counted() {
	cdp-store get user_id:u 2>/dev/null | jq '[.v.computed[][0]][0]' 2>/dev/null
}
write 3
for i in 1 2 3 4 5 6; do
	start
	write 5
	[ $i -ne 2 ] || rotate 2
	write 2
	sleep 0.$((i % 3 + 1))
	write 2
	[ $i -ne 4 ] || rotate 4
	kill -9 $reader 2>/dev/null
	wait
	write 3
	[ $((i % 3)) -ne 0 ] || rotate "down$i"
	write 1
done 2>/dev/null
start
for _ in $(seq 100); do
	sleep 0.1
	[ "$(counted)" != $n ] || break
done
got=$(counted)
# Emptied in place, which only who is looking sees.
cp log log.copy
: >log
sleep 0.5
write 2
for _ in $(seq 50); do
	sleep 0.1
	[ "$(counted)" != $n ] || break
done
kill -9 $reader
wait 2>/dev/null
[ "$(counted)" = $n ] || {
	echo "of $n events $(counted) were counted ($got before the last two)"
	cat err
	exit 1
}
[ ! -s err ] || { cat err; exit 1; }

# Left in a file that a second one has followed, of which only the epochs know
# that were not received (nobody says what was): that one has gone on, too.
rm -f log*; n=0
alone() { # the last event that is to be seen
	cdp-ingest -q -s alone --follow log >>seen &
	reader=$!
	for _ in $(seq 50); do
		sleep 0.1
		! grep -q "\"m$1\"" seen || break
	done
}
write 5
mv log moved && (sleep 0.5 && mv moved log) & # as if it was rotated just now
alone 5
rotate 1
write 5
for _ in $(seq 50); do
	sleep 0.1
	! grep -q '"m10"' seen || break
done
kill -9 $reader
write 5
rotate 2
write 5
alone 20
kill -9 $reader
wait 2>/dev/null
jq -r '.messageId // empty' seen | sort -u | wc -l | grep -qx 20 || {
	echo "of 20 events alone: $(jq -r '.messageId // empty' seen | sort -uV | tr '\n' ' ')"
	exit 1
}
echo "follow: events through 7 kills and 7 rotations, all of them"
