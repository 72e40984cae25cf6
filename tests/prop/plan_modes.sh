# What a plan does in each mode, by a table of its own: plan_modes.py.
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
python3 "$top/tests/prop/plan_modes.py"
