#!/bin/sh
# --progress prints lines for logs, SIGUSR1 prints one at any time, and
# neither reaches standard output.
printf 'version: 1\nproject: {name: t}\nclock: {lateness: 0s}\n' >cdp.yaml
e='{"type":"track","event":"A","messageId":"m","userId":"u","timestamp":"2025-03-03T10:00:00Z"}'
echo "$e" >in
cdp-ingest -n in >want 2>err || exit 1
[ -s err ] && { echo "progress though not asked"; cat err; exit 1; }
{ echo "$e"; sleep 0.1; } | cdp-ingest -n --progress=10ms >out 2>err
cmp want out || exit 1
grep -q '^cdp-ingest  93 B  1 rec  [0-9]* rec/s$' err || { cat err; exit 1; }

mkfifo pipe
rm out err
cdp-ingest -n <pipe >out 2>err &
pid=$!
exec 3>pipe
echo "$e" >&3
# Waiting for more, it prints what it has.
appears() {
	tries=0
	until [ -s "$1" ] || [ $tries -ge 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
}
appears out
kill -USR1 $pid
appears err
exec 3>&-
wait $pid || exit 1
cmp want out || exit 1
[ "$(grep -c '^cdp-ingest  93 B  1 rec' err)" -eq 1 ] || { cat err; exit 1; }
echo "progress: on standard error when asked"
