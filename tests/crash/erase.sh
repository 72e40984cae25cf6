#!/bin/sh
# Erasure, stopped or failing at every call, and done again: it is finished,
# and nothing of the person is left.
#
# ERASE_STEP=5 tries every 5th call.
KILL_STEP=${ERASE_STEP:-1} \
KILL_ACTS='before after torn torn1 short EINTR EIO ENOSPC full fsync' \
	exec sh "${top:?}/tests/prop/erase.sh"
