# Erasure killed before every call that changes something.
KILL_STEP=1 sh "${top:?}/tests/prop/erase.sh"
