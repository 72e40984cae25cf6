#!/bin/sh
# Erasure, stopped or failing at its calls, and done again: it is finished,
# and nothing of the person is left.
#
# ERASE_STEP=1 tries every call; the default is every third.
KILL_STEP=${ERASE_STEP:-3} \
KILL_ACTS='before after torn torn1 short EINTR EIO ENOSPC full fsync' \
	exec sh "${top:?}/tests/prop/erase.sh"
