# What changed, in each form: once a change, nothing for an event that changes
# nothing, and the same again when the input comes again.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
groups: {household: {where: {traits.kind: household}}}
traits:
  orders: {count: true, event: Order, within: 1h}
END
cat >events <<'END'
{"type":"identify","anonymousId":"x","messageId":"0","timestamp":"2026-01-01T09:00:00Z","traits":{"name":"Ana","vip":true}}
{"type":"identify","userId":"a","messageId":"1","timestamp":"2026-01-01T09:01:00Z","traits":{"name":"Ana Q"}}
{"type":"track","event":"Order","userId":"a","messageId":"2","timestamp":"2026-01-01T10:00:00Z"}
{"type":"track","event":"View","userId":"a","messageId":"3","timestamp":"2026-01-01T10:00:00Z"}
{"type":"track","event":"Order","userId":"a","anonymousId":"x","messageId":"4","timestamp":"2026-01-01T10:20:00Z"}
{"type":"group","userId":"a","groupId":"g1","messageId":"5","timestamp":"2026-01-01T10:30:00Z","traits":{"kind":"household"}}
{"type":"identify","userId":"a","messageId":"6","timestamp":"2026-01-01T11:10:00Z","traits":{"vip":null}}
END
for form in profile identify track; do
	echo "$form"
	export CDP_STORE=$form
	cdp-ingest --until end events | cdp-merge --changes=$form >out
	cdp-ingest --until end events | cdp-merge --changes=$form | cmp - out
	jq -c 'if .type == "merge" then [.type, .timestamp[11:16]]
	    elif .type == "end" then empty
	    else [.type, .timestamp[11:16], .userId, .anonymousId, .changed // .traits // .properties] end' out
done
echo people
cdp-ingest events | cdp-merge --profiles -s profile |
	jq -c '[.traits, (.external_ids[] | .type, .id, .created_at), .links, .metadata]'
cdp-merge --profiles --changes </dev/null
