# Journeys by a second hand: what is sent, when and to whom, what is counted and
# what --explain tells, as journey_model.py finds it with the manual alone.
# JOURNEY_RUNS projects from JOURNEY_SEED on.
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
case $B in
*asan*) runs=15 ;;
*) runs=40 ;;
esac
python3 -B "$top/tests/prop/journey.py" "${JOURNEY_SEED:-1}" "${JOURNEY_RUNS:-$runs}"
