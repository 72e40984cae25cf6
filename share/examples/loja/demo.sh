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

# São Paulo is three hours behind UTC.
lines='
def local: sub("\\.[0-9]+Z$"; "Z") | fromdate - 10800 | strftime("%d/%m %H:%M");
def pad($n): . + (" " * ([$n - length, 0] | max));
def first_line: split("\n")[0];
def what: if .action == "send" then .message.subject // .message.text | first_line
    else {"add": "added to the retargeting list", "remove": "taken off the retargeting list"}[.action] end;
'
echo
echo "Sent"
jq -r "$lines"'select(.status == "sent")
    | "  \(.timestamp | local)  \(.channel | pad(6)) \(.to | pad(20)) \(what)",
      "                       why: \(.why | join("; "))"' deliveries.ndjson
echo
echo "Held back"
jq -r "$lines"'select(.status == "held")
    | "  \(.timestamp | local)  \(.channel | pad(6)) \(.to // .profile | pad(20)) \(.reason): \(.message // .detail // "" | tostring)"' deliveries.ndjson
echo
echo "Rejected at the door"
jq -r '"  line \(.line): \(.code): \(.message)"' rejects.ndjson
echo
echo "The first e-mail, as it stands in out/email:"
cat out/email/*.ndjson | head -n 1 | jq -r .message.text | sed 's/^/  /'
