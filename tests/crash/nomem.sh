#!/bin/sh
# No memory at a request, or from one on: see the test, of which this is more.
NOMEM_POINTS=${NOMEM_POINTS:-120} exec sh "${top:?}/tests/prop/nomem.sh"
