# Whose events are all taken back is in what he is in without them; and who is
# told apart is not put in once more where all have been for as long as that
# may be.
cat >cdp.yaml <<'END'
version: 1
identity: {identifiers: {user_id: {from: userId, limit: 5}, anonymous_id: {from: anonymousId}}}
audiences:
  one: {when: {event: A, count: 1}}
  brief: {when: {not: {event: B}}, leave_after: 30m}
END
event() {
	printf '{"type":"%s","messageId":"m%s","timestamp":"2025-03-01T%s:00:00.000Z",%s}\n' \
	    "$1" "$2" "$2" "$3"
}
{
	event track 01 '"event":"A","anonymousId":"k"'
	event track 02 '"event":"A","anonymousId":"q","userId":"ana"'
	event track 03 '"event":"A","anonymousId":"q","userId":"bob"'
	event unmerge 04 '"anonymous_id":"k"'
	event unmerge 05 '"anonymous_id":"q"'
	event track 06 '"event":"B","userId":"bob"'
} | cdp-ingest -n | cdp-merge -n | cdp-audience -n | jq -c 'select(.event // "" |
    startswith("Audience ")) | [.timestamp[11:16], .profile.id[0:5],
    (.profile.identifiers | tostring), .event[9:], .properties.audience_key]'
