#!/bin/sh
# Two people are erased, one of them deleted in the stream before: no byte of
# the store knows them, raw or unpacked; an old file brings nobody back, and
# everybody else stays as he was.  Killed anywhere, the next run finishes it.
#
# KILL_STEP=1 tries every call, the default is every 31st; KILL_ACTS="torn EIO"
# other acts of tests/shim/killnth.c.
here=$PWD
work=$(mktemp -d /dev/shm/cdp-erase.XXXXXX 2>/dev/null) || work=$PWD
trap '[ "$work" = "$here" ] || rm -rf "$work"' EXIT
cp -R "${top:?}/share/examples/loja/." "$work" && cd "$work" || exit 1
[ -z "${CDP_STORE-}" ] || exit 1

pipe() {
	cdp-ingest --until end "$1" 2>/dev/null | cdp-merge | cdp-audience |
		cdp-journey | cdp-emit --deliver
}
keys() { # of both, in all their spellings
	printf '%s\n' ana@example.com 11987654321 98765-4321 '"ana"' \
		:ana fone-ana '"Ana"' 'Ana,' fabio Fábio 31988887777
	cat ids
}
left() { # of them in the store
	sh "$top/tests/crash/unpacked" store/*/*.seg >plain
	find store -type f -exec cat {} + | cat - plain |
		grep -aFf words >found
	grep -a 'cannot unpack' plain >>found
	[ -s found ]
}
others() { # what they keep, and what was sent to them
	cdp-store cat | grep -vFf ids | grep '"k":"p_' | grep -v '"log":"ingest"'
	grep -vFf ids "$1"
}

pipe events.ndjson >first
for id in email:ana@example.com user_id:fabio; do
	cdp-store get "$id" | grep '"log":"merge"' | grep -o 'p_[0-9a-f]\{20\}'
done >ids
[ "$(wc -l <ids)" -ge 2 ] || exit 1
cat >del.ndjson <<'END'
{"type":"delete","userId":"ana","timestamp":"2026-06-01T00:00:00Z"}
END
cat events.ndjson del.ndjson >all.ndjson
pipe all.ndjson >second
others second >others.was
cp -R store begin
keys >words
left || exit 1 # there is something to be found

# Killed, and finished by the same command.
erase() {
	echo email:Fabio@EXAMPLE.com | cdp-store erase --key-file - 2>>log
}
erase >proof || exit 1
tail -n 1 proof | grep -q '^{"erased":\["[0-9a-f]\{64\}",' || exit 1
cdp-store cat >want
tried=0
case $B in
*asan*) step=${KILL_STEP:-97} ;;
*) step=${KILL_STEP:-31} ;;
esac
for act in ${KILL_ACTS:-before}; do
	n=1
	while :; do
		rm -rf store mark
		cp -R begin store
		(
			export CDP_KILL_TOOL=cdp-store CDP_KILL_AT=$n
			export CDP_KILL_WHEN="$act" CDP_KILL_MARK="$PWD/mark"
			export LD_PRELOAD="$B/shim/killnth.so"
			export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
			erase >/dev/null
		)
		[ -e mark ] || break
		tried=$((tried + 1))
		erase >/dev/null
		rc=$?
		if [ $rc -ne 0 ] || ! cdp-store cat | cmp - want || left; then
			echo "erase, $act at call $n: $rc"
			tail -n 3 log
			exit 1
		fi
		n=$((n + step))
	done
done 2>/dev/null
[ $tried -ge 2 ] || exit 1

left && exit 1
cdp-store verify >/dev/null || exit 1
pipe all.ndjson >third
others third >others.is
sed '/"type":"end"/d' others.was >was
sed '/"type":"end"/d' others.is | cmp - was || exit 1
left && exit 1
cdp-store get user_id:ana 2>/dev/null && exit 1
# Who comes back later is somebody new.
echo '{"type":"identify","userId":"ana","timestamp":"2027-01-01T00:00:00Z"}' |
	cdp-ingest 2>/dev/null | cdp-merge | grep -q '"user_id":\["ana"\]' || exit 1
echo "erasure: $tried tried, $tried survived, 0 lost, 0 doubled"
