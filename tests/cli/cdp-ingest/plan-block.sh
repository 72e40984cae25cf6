# mode block: an event that is not planned or breaks its rule is rejected.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
plan:
  mode: {unplanned_event: block, unplanned_property: allow, violation: block}
  events:
    Order Completed:
      required: [order_id, total]
      properties: {order_id: {type: string}, total: {type: number, minimum: 0}}
  identify: {properties: {points: {type: integer}}}
  common: {required: [messageId, context]}
END
cat >in <<'END'
{"type":"track","event":"Order Completed","messageId":"m1","userId":"u","timestamp":"2025-03-03T10:00:00Z","properties":{"order_id":"o1","total":5,"coupon":"X"},"context":{}}
{"type":"track","event":"Order Completed","messageId":"m2","userId":"u","timestamp":"2025-03-03T10:00:01Z","properties":{"order_id":17,"total":-5}}
{"type":"track","event":"Order Completed","messageId":"m3","userId":"u","timestamp":"2025-03-03T10:00:02Z"}
{"type":"track","event":"order completed","messageId":"m4","userId":"u","timestamp":"2025-03-03T10:00:03Z"}
{"type":"identify","messageId":"m5","userId":"u","timestamp":"2025-03-03T10:00:04Z","traits":{"points":1.5}}
{"type":"identify","messageId":"m6","userId":"u","timestamp":"2025-03-03T10:00:05Z","traits":{"points":15},"context":{}}
{"type":"page","userId":"u","timestamp":"2025-03-03T10:00:06Z"}
{"type":"page","userId":"u","timestamp":"2025-03-03T10:00:07Z","context":{}}
END
cdp-ingest --rejects bad.ndjson --stats=json in
echo "exit $?"
cat bad.ndjson
