# mode omit: what is not planned, or wrong, is left out and named.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
plan:
  mode: {unplanned_event: allow, unplanned_property: omit, violation: omit}
  events:
    Order Completed:
      required: [order_id, total]
      properties: {order_id: {type: string}, total: {type: number, minimum: 0}}
  identify: {properties: {points: {type: integer}}}
END
cdp-ingest --stats <<'END'
{"type":"track","event":"Order Completed","messageId":"m1","userId":"u","timestamp":"2025-03-03T10:00:00Z","properties":{"order_id":"o1","total":5}}
{"type":"track","event":"Order Completed","messageId":"m2","userId":"u","timestamp":"2025-03-03T10:00:01Z","properties":{"order_id":17,"coupon":"X","total":5},"context":{"protocols":{"event_version":2,"omitted":[]},"ip":"1.2.3.4"}}
{"type":"track","event":"Other","messageId":"m3","userId":"u","timestamp":"2025-03-03T10:00:02Z","properties":{"a":1}}
{"type":"identify","messageId":"m4","userId":"u","timestamp":"2025-03-03T10:00:03Z","traits":{"points":"many","email":"a@b.example"}}
END
