# The cases of RudderStack's transformer (its last under MIT) for the receivers
# that we have presets of.
cases=$top/../shared/cases/rudder-destinations
[ -d "$cases" ] || { echo "the cases are not here" >&2; exit 77; }
case $B in *asan*) exit 77 ;; esac
. "$top/tests/cli/cdp-emit/cases.inc"
for f in "$cases"/*.ndjson; do
	n=${f##*/}
	jq -c --arg file "${n%.ndjson}" -f "$top/tests/cli/cdp-emit/rudder.jq" "$f"
done >all
ask '{subject: .kept.s, html: .kept.h}' ''
table "$top/tests/cli/cdp-emit/rudder.reasons"
