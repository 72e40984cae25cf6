#!/bin/sh
# The abandoned cart from end to end: the story in events.ndjson through the
# five filters, then what was sent to whom, when and why, for a person to
# read.  Works on a copy; leaves nothing behind.
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cp -R "$here"/. "$work" && cd "$work" || exit 1

echo '$ cdp-ingest --until end events.ndjson | cdp-merge | cdp-audience | cdp-journey | cdp-emit --deliver'
cdp-ingest --rejects rejects.ndjson --until end events.ndjson | cdp-merge |
    cdp-audience | cdp-journey | cdp-emit --deliver >deliveries.ndjson
status=$?
[ $status -le 1 ] || exit $status

# Who has which id; the clock of São Paulo is three hours behind UTC.
cdp-store cat merge | jq -s '[.[] | select(.v.traits?.firstName?)
    | {key: .k, value: .v.traits.firstName[2]}] | from_entries' >names.json
lines='
def local: sub("\\.[0-9]+Z$"; "Z") | fromdate - 10800 | strftime("%d/%m %H:%M");
def pad($n): . + (" " * ([$n - length, 0] | max));
def times: gsub("(?<t>[0-9-]{10}T[0-9:.]{12}Z)"; .t | local);
def head: "  \(.timestamp | local)  \(.channel | pad(5)) \($names[.profile] // "?" | pad(7))";
def what:
    if .action == "add" then "\(.to): on the retargeting list"
    elif .action == "remove" then "\(.to): off the retargeting list"
    else "\(.to): \(.message.subject // .message.text)" end;
'
show() {
	jq -rs --argjson names "$(cat names.json)" \
	    "$lines"'sort_by(.timestamp)[] | select(.type == "delivery")
	    | '"$1" deliveries.ndjson
}
echo
echo "Sent, and why"
show 'select(.status == "sent") | "\(head) \(what)",
    "                             \(.why[0] | times); \(.why[1:] | .[-2:] | map(times) | join("; "))"'
echo
echo "Held back"
show 'select(.status == "held") | "\(head) \(.step): \(.reason): \(.detail)"'
echo
echo "Rejected at the door"
jq -r '"  line \(.line): \(.code): \(.message)"' rejects.ndjson
echo
echo "How the journeys ended"
cdp-store cat journey | jq -r 'select(.k | startswith("j:")? // false)
    | "  \(.k[2:]): " + ([.v.outcomes | to_entries[] | "\(.value) \(.key)"] | join(", "))'
echo
echo "What the shop promises"
cdp-journey --test | sed 's/^/  /'
echo
echo "The first e-mail, as it stands in out/email:"
cat out/email/*.ndjson | head -n 1 | jq -r .message.text | sed 's/^/  /'
