# Audiences by a second hand: who enters and leaves what and when, and who is
# in since when, as audience_model.py finds it of all events at every second.
# AUDIENCE_RUNS projects from AUDIENCE_SEED on.
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
case $B in
*asan*) runs=5 ;;
*) runs=20 ;;
esac
python3 -B "$top/tests/prop/audience.py" "${AUDIENCE_SEED:-1}" "${AUDIENCE_RUNS:-$runs}"
