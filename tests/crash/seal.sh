#!/bin/sh
# Segments that are full every few epochs, so that each filter seals some and
# builds their indexes: faults and power cuts, and the indexes taken away, so
# that the run after it has to build them all.
#
# SEAL_STEP=1 tries every call; the default is every ninth.
. "${top:?}/tests/crash/common"
step=${SEAL_STEP:-9}
bad=0
build_small || exit 1
PATH=$work/small/build:$PATH
B=$work/small/build
export PATH B

part() { # NAME STEPS TEST
	told=$(env "$2" sh "$crash/$3.sh" 2>&1) || bad=1
	echo "$told" | sed "s/^$3: /$1: /"
}
part sealing MATRIX_STEP="$step" matrix
part "sealing, power" POWER_STEP="$step" power

want
n=$(find "$work/want/store" -name '*.idx' | wc -l)
[ "$n" -ge 10 ] || {
	echo "only $n segments are sealed"
	exit 1
}
cp -R "$work/want" "$work/bare"
find "$work/bare/store" -name '*.idx' -exec rm {} +
FRESH=$work/bare
MATRIX_TOOLS='cdp-ingest cdp-merge cdp-audience cdp-journey cdp-emit'
export FRESH MATRIX_TOOLS
part "index building" MATRIX_STEP="$step" matrix
exit $bad
