# Segment's query language by brute force: each audience at every instant as
# ql.py finds it anew from all events.  QL_RUNS projects from QL_SEED on.
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
case $B in
*asan*) runs=15 ;;
*) runs=60 ;;
esac
python3 "$top/tests/prop/ql.py" "${QL_SEED:-1}" "${QL_RUNS:-$runs}"
