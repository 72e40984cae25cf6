# mode allow: what breaks its rule passes and says so.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
plan:
  mode: {unplanned_event: allow, unplanned_property: allow, violation: allow}
  events:
    Order Completed:
      required: [order_id]
      properties: {order_id: {type: string}, total: {type: number}}
  common: {required: [context]}
END
cdp-ingest <<'END'
{"type":"track","event":"Order Completed","messageId":"m1","userId":"u","timestamp":"2025-03-03T10:00:00Z","properties":{"total":"5","x":1},"context":{}}
{"type":"track","event":"Other","messageId":"m2","userId":"u","timestamp":"2025-03-03T10:00:01Z","properties":{"a":1}}
END
