# A plan as Segment's APIs give it: whole schemas and flat ones, versions, a
# mode for each type of call, and the violations as events.
cat >plan.json <<'END'
{"data":{"trackingPlan":{"id":"tp_1","name":"Loja","type":"LIVE"},"rules":[
{"type":"TRACK","key":"Order Completed","version":2,"jsonSchema":{
  "properties":{"order_id":{"type":"integer"},"total":{"type":"number"}},"required":["total"]}},
{"type":"TRACK","key":"Order Completed","version":1,"jsonSchema":{
  "$schema":"http://json-schema.org/draft-07/schema#","type":"object",
  "properties":{"context":{},"traits":{"type":"object"},"properties":{"type":"object",
    "properties":{"order_id":{"type":"string","id":"/properties/properties/properties/order_id","description":""},
      "total":{"type":"number"}},"required":["order_id"]}},
  "required":["properties"],"labels":{"area":"checkout"}}},
{"type":"IDENTIFY","version":1,"jsonSchema":{"properties":{"traits":{"type":"object",
  "properties":{"email":{"type":"string","format":"email"}}}}}},
{"type":"COMMON","version":1,"jsonSchema":{"required":["context"]}}]}}
END
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
plan:
  file: plan.json
  mode:
    unplanned_event: block
    unplanned_property: omit
    violation: allow
    common: block
    identify: {violation: omit, unplanned_property: allow}
END
cat >in <<'END'
{"type":"track","event":"Order Completed","messageId":"m1","userId":"u","timestamp":"2025-03-03T10:00:00Z","properties":{"order_id":5,"total":5,"coupon":"X"},"context":{}}
{"type":"track","event":"Order Completed","messageId":"m2","userId":"u","timestamp":"2025-03-03T10:00:01Z","properties":{"order_id":17,"total":"5"},"context":{"protocols":{"event_version":2}}}
{"type":"track","event":"Order Completed","messageId":"m3","userId":"u","timestamp":"2025-03-03T10:00:02Z","properties":{"order_id":17,"total":5},"context":{"protocols":{"event_version":7}}}
{"type":"identify","messageId":"m4","userId":"u","timestamp":"2025-03-03T10:00:03Z","traits":{"email":"at home","age":5},"context":{}}
{"type":"identify","messageId":"m5","userId":"u","timestamp":"2025-03-03T10:00:04Z","traits":{"email":"a@b.example"}}
{"type":"track","event":"order completed","messageId":"m6","userId":"u","timestamp":"2025-03-03T10:00:05Z","context":{}}
END
cdp-ingest --violations v.ndjson in | grep -v '"clock"'
cat v.ndjson

# The Config API, the one before it.
cat >plan.json <<'END'
{"name":"workspaces/w/tracking-plans/rs_1","display_name":"Old","rules":{
"events":[{"name":"Order Completed","description":"","rules":{"type":"object","properties":{"properties":{"required":["total"]}}}}],
"global":{"required":["messageId"]},"identify":{},"group":null}}
END
cdp-ingest -s old in | jq -c '.context.protocols // empty'

# As it answered who made one, with lists that are no longer filled.
cat >plan.json <<'END'
{"tracking_plan":{"display_name":"Old","rules":{"identify_traits":[],"group_traits":[],
"global":{"$schema":"http://json-schema.org/draft-04/schema#","required":["channel"]}}}}
END
cdp-ingest -s made in | jq -c '.context.protocols.violations // empty'
sed -i 's/"group_traits":\[\]/"group_traits":[{"name":"plan"}]/; s/"global"/"grobal"/' plan.json
cdp-ingest --check

# Faults have their place in the file.
cat >plan.json <<'END'
[{"type":"TRACK","key":"A","jsonSchema":{"properties":{"a":{"typ":"string"}}}},
 {"type":"TRCK","key":"B","jsonSchema":{}},
 {"type":"TRACK","key":"C","jsonSchema":{"properties":{"a":{"format":"emial"}}}},
 {"type":"TRACK","key":"C","jsonSchema":{}}]
END
cdp-ingest --check
echo '{"rules":[{"type":' >plan.json
cdp-ingest --check
printf '%s\n' 'version: 1' 'plan: {identify: {properties: {a: {type: [string, null]}}}}' >cdp.yaml
cdp-ingest --check
