#!/bin/sh
# A stage is given no memory at a request, or from one on: it dies, having
# printed a beginning of what it should, and the same command again prints the
# rest, or it did without.  It never prints something else, and never crashes.
#
# NOMEM_POINTS=9: how many requests of each stage, with either kind.
case $B in
*asan*) exit 77 ;; # it has an allocator of its own
esac
points=${NOMEM_POINTS:-9}
work=$(mktemp -d /dev/shm/cdp-nomem.XXXXXX 2>/dev/null) || work=$PWD
trap '[ "$work" = "$PWD" ] || rm -rf "$work"' EXIT
loja=${top:?}/share/examples/loja
cp -R "$loja" "$work/p" && cd "$work/p" || exit 1
tried=0 bad=0

# Stage $1 in a store of its own, with what its options are; the rest: env.
stage() {
	opts=
	case $tool in
	cdp-ingest) opts='--until end' ;;
	cdp-emit) opts=--deliver ;;
	esac
	# shellcheck disable=SC2086
	env "$@" "$tool" -s "$work/s" $opts <"$in" 2>"$work/err"
}
dump() {
	cdp-store -s "$work/s" cat
	for d in out/*/; do
		[ ! -d "$d" ] || { echo "== $d" && cat "$d"/*.ndjson; }
	done
}
fresh() {
	rm -rf "$work/s" out "$work/mark"
}
wrong() {
	echo "$tool without memory at request $n of $total (${all:-once}): $1"
	tail -n 3 "$work/err"
	bad=1
}
point() {
	fresh
	stage LD_PRELOAD="$B/shim/nomem.so" CDP_NOMEM_TOOL="$tool" \
	    CDP_NOMEM_AT="$n" CDP_NOMEM_FILE="$work/mark" ${all:+"$all=1"} \
	    >"$work/got"
	rc=$?
	[ -e "$work/mark" ] || return
	tried=$((tried + 1))
	case $rc in
	0 | 1) cmp -s "$work/got" "$work/want" || wrong "status $rc, but other output" ;;
	74)
		head -c "$(wc -c <"$work/got")" "$work/want" |
		    cmp -s - "$work/got" || wrong "no beginning of the output" ;;
	*) wrong "status $rc" ;;
	esac
	stage >"$work/got"
	cmp -s "$work/got" "$work/want" || wrong "other output afterwards"
	dump >"$work/got"
	cmp -s "$work/got" "$work/dump" || wrong "another store afterwards"
}

in=events.ndjson
for tool in cdp-ingest cdp-merge cdp-audience cdp-journey cdp-emit; do
	fresh
	stage LD_PRELOAD="$B/shim/nomem.so" CDP_NOMEM_TOOL="$tool" \
	    CDP_NOMEM_FILE="$work/count" >"$work/want"
	dump >"$work/dump"
	total=$(cat "$work/count")
	i=0
	while [ "$i" -lt "$points" ]; do
		n=$((1 + i * total / points))
		for all in '' CDP_NOMEM_ALL; do
			point
		done
		i=$((i + 1))
	done
	cp "$work/want" "$work/$tool.in"
	in=$work/$tool.in
done
[ "$tried" -gt $((points * 5)) ] || bad=1
echo "nomem: $tried requests for memory refused in 5 stages"
exit $bad
