# Traits by brute force: each at every instant as traits.py computes it anew
# from all events.  TRAITS_RUNS projects from TRAITS_SEED on.
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
python3 "$top/tests/prop/traits.py" "${TRAITS_SEED:-1}" "${TRAITS_RUNS:-20}"
