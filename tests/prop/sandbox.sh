#!/bin/sh
# The pipeline of the example never opens a socket, starts no program and
# looks into no process: by strace's account, from outside.  What a filter
# gave up is seen while it runs, and the bytes are those of a run that gives
# up nothing.
cp -R "$top/share/examples/loja" loja && cd loja || exit 1
bad=0
stages='cdp-ingest cdp-merge cdp-audience cdp-journey cdp-emit'
run() { # STORE MODE [BEFORE...]: each stage through a file
	rm -rf "$1"
	store=$1 mode=$2
	shift 2
	from=events.ndjson
	for s in $stages; do
		opts=
		[ $s = cdp-ingest ] && opts='--rejects /dev/null --until end'
		# shellcheck disable=SC2086
		"$@" $s -s "$store" --sandbox="$mode" $opts <$from >$store.$s
		case $? in 0 | 1) ;; *) echo "$s: status $?"; bad=1 ;; esac
		from=$store.$s
	done
}

run off off
run try try
cmp off.cdp-emit try.cdp-emit || bad=1
for s in $stages; do
	log=${s#cdp-}
	cdp-store -s off cat "$log" >off.dump
	cdp-store -s try cat "$log" >try.dump
	cmp off.dump try.dump || bad=1
done
case $(cdp-merge -V -v) in
*landlock*seccomp*)
	run require require
	cmp off.cdp-emit require.cdp-emit || bad=1
	;;
*)
	cdp-merge -s none --sandbox=require </dev/null 2>/dev/null
	[ $? -eq 74 ] || { echo "require does not fail"; bad=1; }
	;;
esac

# What can speak to the world is linked to who delivers alone.
for t in "$B"/cdp-*; do
	case $t in */cdp-emit) continue ;; esac
	! grep -aq libcurl "$t" || { echo "$t is linked to libcurl"; bad=1; }
done

# While it waits for input: 2 is a filter of calls.
case $B:${LD_PRELOAD:-} in
*/asan: | *:?*) ;;
*)
	mkfifo in
	for s in $stages; do
		$s -s held <in >/dev/null 2>&1 &
		pid=$!
		exec 3>in
		n=0
		until grep -q '^Seccomp:.*2$' /proc/$pid/status; do
			n=$((n + 1))
			[ $n -lt 100 ] || { echo "$s is not confined"; bad=1; break; }
			sleep 0.02
		done
		exec 3>&-
		wait $pid
	done
	;;
esac

if command -v strace >/dev/null && strace -o probe true 2>/dev/null; then
	calls=socket,socketpair,connect,bind,sendto,execve,execveat,ptrace
	run traced off strace -f -qq -o trace -A -e trace="$calls"
	cmp off.cdp-emit traced.cdp-emit || bad=1
	# Its own start is the one program that each may start.
	[ "$(grep -c 'execve(' trace)" -eq 5 ] || bad=1
	if grep -v 'execve(".*/cdp-[a-z]*"' trace | grep '('; then
		echo "a stage did what it must not"
		bad=1
	fi
	echo "sandbox: five stages, no socket by strace's account"
else
	echo "sandbox: five stages confined; no strace to look at them"
fi
exit $bad
