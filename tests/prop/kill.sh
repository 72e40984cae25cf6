#!/bin/sh
# Kill each stage of the pipeline before each of its calls to the kernel that
# change something, and within each of its writes; run the same command again:
# output, logs and deliveries must be those of an undisturbed run.
#
# KILL_STEP=1 tries every call; the default is every fifth (with sanitizers
# every 18th), and "make crash" tries all, and more than to kill.
case $B in
*asan*) step=${KILL_STEP:-18} ;;
*) step=${KILL_STEP:-5} ;;
esac
# In memory where that is possible: a kill needs no disk, and waiting for one
# is most of the time.
work=$(mktemp -d /dev/shm/cdp-kill.XXXXXX 2>/dev/null) || work=$PWD
trap '[ "$work" = "$PWD" ] || rm -rf "$work"' EXIT
loja=${top:?}/share/examples/loja
pipe='' tools=''
for t in ingest merge audience journey emit; do
	[ -x "$B/cdp-$t" ] || continue
	tools="$tools $t"
	case $t in
	ingest) pipe="cdp-ingest --until end 2>>log" ;;
	emit) pipe="$pipe | cdp-emit --deliver 2>>log" ;;
	*) pipe="$pipe | cdp-$t 2>>log" ;;
	esac
done
case $tools in *ingest*merge*) ;; *) exit 77 ;; esac

# The pipeline in directory $1, a copy of the project; got, log, store, out.
run() {
	(cd "$1" && cat events.ndjson | eval "$pipe" >got)
}

fresh() {
	rm -rf "$1" && mkdir "$1" && cp -R "$loja"/. "$1" &&
	    rm -rf "$1/out" "$1/store"
}

# What an undisturbed run leaves, beside its standard output.
state() (
	cd "$1" && cdp-store cat
	for d in out/*/; do # where one file ends depends on the epochs
		[ ! -d "$d" ] || { echo "== $d" && cat "$d"/*.ndjson; }
	done
	[ ! -d out ] || find out -name 'tmp.*'
)

# All calls of tool $1, killed as $2 says, in a directory of its own.
matrix() {
	d=$work/$1.$2 n=$((${#1} % 5 + 1)) tried=0
	while [ $n -lt 400 ]; do
		fresh "$d"
		rm -f "$d.mark"
		(
			export CDP_KILL_TOOL="cdp-$1" CDP_KILL_AT=$n
			export CDP_KILL_WHEN="$2" CDP_KILL_MARK="$d.mark"
			export LD_PRELOAD="$B/shim/killnth.so" CDP_TRICKLE=1
			export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
			run "$d"
		)
		[ -e "$d.mark" ] || break
		tried=$((tried + 1))
		run "$d"
		state "$d" >"$d.state"
		if ! cmp "$work/want/got" "$d/got" ||
		    ! cmp "$work/want.state" "$d.state"; then
			echo "cdp-$1 killed ($2) at call $n:"
			tail -n 5 "$d/log"
			diff "$work/want.state" "$d.state" | head -n 10
			echo bad >>"$work/bad"
			return
		fi
		n=$((n + step))
	done
	[ $tried -gt 0 ] || echo "cdp-$1: nothing tried" >>"$work/bad"
	echo $tried >>"$work/tried"
}

fresh "$work/want"
run "$work/want"
state "$work/want" >"$work/want.state"
tail -n 1 "$work/want/got" | grep -q '"type":"end"' || {
	cat "$work/want/log"
	exit 1
}
lane() {
	for t in $tools; do
		matrix "$t" "$1"
	done
}
lane before & a=$!
lane torn & b=$!
wait $a $b
if [ -e "$work/bad" ]; then
	cat "$work/bad"
	exit 1
fi
echo "kill: $(awk '{ n += $1 } END { print n }' "$work/tried") points in" \
    "$(echo "$tools" | wc -w) stages"
