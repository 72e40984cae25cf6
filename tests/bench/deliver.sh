#!/bin/sh
# Time what cdp-emit does with activations: decide and render them into a file,
# queue them, and send them one by one, to the test server on another core, over
# kept connections, with the ledger on disk.
#
#   BENCH_DELIVER     how many activations (100000)
#   BENCH_QUEUE       how many wait for a receiver that is down: memory
#                     ("10000 100000 1000000")
top=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-$top/build}
PATH=$B:$PATH
n=${BENCH_DELIVER:-100000}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
unset CDP_PROJECT CDP_STORE
export LC_ALL=C TZ=UTC PATH
cd "$work" || exit 1
. "$top/tests/http/lib.inc"
server -q
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
cat >cdp.yaml <<YAML
version: 1
project: {name: bench}
destinations:
  file:
    preset: file
    settings: {dir: out}
    to: .profile.traits.email
  web:
    to: .profile.traits.email
    allow_private: true
    remembers: always
    parallel: 64
    request: {url: '"http://127.0.0.1:$port/x"', body: '{to, i: .kept.i}'}
  batch:
    to: .profile.traits.email
    allow_private: true
    remembers: always
    batch: {max: 100}
    request: {url: '"http://127.0.0.1:$port/x"', body: 'map({to, i: .kept.i})'}
templates:
  hi: {subject: '"Olá \(.kept.i)"', text: hi.txt}
YAML
echo 'Olá {{ .profile.traits.email }}, são {{ .kept.i }}.' >hi.txt
activations web 1 "$n" >web
sed 's/"destination":"web",/"destination":"file","template":"hi",/' web >file
sed 's/"destination":"web"/"destination":"batch"/' web >batch
# timed WHAT COMMAND...: by the clock, and by the processor, which other work on
# the machine does not slow.
timed() {
	what=$1
	shift
	got=$("$B/bench/bench_run" /dev/null /dev/null "$@" 2>err)
	rc=$?
	[ $rc -le 1 ] || { cat err; return; }
	echo "$got" | awk -v what="$what" -v n="$n" '{
		printf "  %-32s %8.0f a second %8.0f a second of CPU %6.1f MiB peak\n",
		    what, n / ($1 > 0 ? $1 : 0.001), n / ($3 > 0 ? $3 : 0.001),
		    $2 / 1024 }'
}
echo
echo "delivery: $n activations"
timed 'decided and rendered into a file' cdp-emit -s a --deliver file
rm -rf out
timed 'sent, a request each' cdp-emit -s b --deliver web
[ "$(wc -l <log)" -eq "$n" ] || echo "  but $(wc -l <log) arrived"
# Each sync covers up to 64 attempts: what is left is what the disk costs.
timed 'the same, never synced' cdp-emit -s e --sync=none --deliver web
timed 'sent, 100 in a request' cdp-emit -s c --deliver batch
stop_server

# What a queue costs in memory, while nobody is there to send it to: the
# greatest there was of the process' own, and of files that it has mapped, which
# the system takes back when it needs them.
memory() { # PID: own and mapped, in KiB
	sed -n 's/^Rss\(Anon\|File\):[^0-9]*\([0-9]*\).*/\2/p' "/proc/$1/status" 2>/dev/null |
		tr '\n' ' '
}
work_of() {
	cut -d ' ' -f 14,15 "/proc/$1/stat" 2>/dev/null
}
mkfifo pipe
down() { # HOW MANY
	rm -rf d
	cdp-emit -s d --end=any --deliver --wait 0 <pipe >/dev/null 2>err &
	emit=$!
	exec 9>pipe
	activations web 1 "$1" | grep -v '"type":"end"' >&9 &
	feed=$!
	was=
	while kill -0 $feed 2>/dev/null || [ "$was" != "$(work_of $emit)" ]; do
		was=$(work_of $emit)
		memory $emit
		echo
		sleep 0.2
	done | awk -v n="$1" '
		$1 > own { own = $1 }
		$2 > mapped { mapped = $2 }
		END { printf "  %9d waiting, the receiver down: %6.1f MiB, and %.1f of mapped files",
		    n, own / 1024, mapped / 1024 }'
	exec 9>&-
	wait $emit
	echo ", $(du -sm d | cut -f 1) MB on disk"
}
for q in ${BENCH_QUEUE:-10000 100000 1000000}; do
	down "$q"
done
