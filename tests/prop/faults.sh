#!/bin/sh
# A part of "make crash" that is small enough for every day: some faults of
# each stage, and some disks that a power cut leaves.
case $B in
*asan*) matrix=300 power=300 ;;
*) matrix=150 power=120 ;;
esac
MATRIX_STEP=$matrix sh "$top/tests/crash/matrix.sh" || exit 1
POWER_STEP=$power sh "$top/tests/crash/power.sh" || exit 1
