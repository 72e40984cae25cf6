#!/bin/sh
# The tools are built for reading what strangers wrote; and no call to the kernel
# goes by a name that the tests of faults do not stand in for.
bad=0
complain() {
	echo "$1"
	bad=1
}
for c in "$B"/cdp-*; do
	[ -x "$c" ] || continue
	readelf -dlW "$c" >said
	for w in BIND_NOW 'Flags:.* PIE' GNU_RELRO; do
		grep -q "$w" said || complain "${c##*/}: no $w"
	done
	readelf -W --dyn-syms "$c" >said
	grep -q __stack_chk_fail said || complain "${c##*/}: no stack protector"
	grep -E '__(p?read|p?write|recv|recvfrom|poll)(64)?_chk|__open(at)?(64)?_2' said &&
	    complain "${c##*/}: a call by another name"
done
exit $bad
