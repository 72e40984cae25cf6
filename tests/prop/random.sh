#!/bin/sh
# A few generated projects and streams, and the properties that found the most
# (tests/crash/prop.sh has all of them, for as many seeds as one likes).
case $B in
*asan*) seeds=5 ;;
*) seeds="3 5" ;;
esac
# shellcheck disable=SC2086 # a list
PROP_ONLY="chunks again kill prefix permuted compacted erased model ticks" \
    exec sh "${top:?}/tests/crash/prop.sh" $seeds
