# Who leaves a household takes nothing along; who stays is told.  The last one
# out forgets it, and a new household of that name begins with nothing.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
groups:
  household:
    leave: {event: Household Left}
    traits: {orders: {count: true, event: Order}}
END
e() { # type user minute rest
	printf '{"type":"%s","messageId":"m%s","timestamp":"2026-01-01T10:%s:00Z","userId":"%s"%s}\n' "$1" "$3" "$3" "$2" "$4"
}
run() {
	cdp-ingest | cdp-merge | jq -c 'select(.profile) | [.type, .event, .timestamp[14:16], .profile.identifiers.user_id[0], .profile.groups.household]'
}
{
	e group ana 01 ',"groupId":"casa"'
	e group rui 02 ',"groupId":"casa"'
	e track ana 03 ',"event":"Order"'
	e track rui 04 ',"event":"Household Left","context":{"groupId":"another"}'
} | run
{
	e track ana 05 ',"event":"Household Left"'
	e track ana 06 ',"event":"Order"'
	e track rui 07 ',"event":"Order"'
} | run
{
	e track rui 08 ',"event":"Household Left","context":{"groupId":"casa"}'
	e group ana 09 ',"groupId":"casa"'
} | run
