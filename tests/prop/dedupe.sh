# Duplicates and conflicts by brute force, in DEDUPE_RUNS stores from
# DEDUPE_SEED on: dedupe.py.
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
python3 "$top/tests/prop/dedupe.py" "${DEDUPE_SEED:-1}" "${DEDUPE_RUNS:-5}"
