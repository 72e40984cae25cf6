# T13 to T16 of the reference: what Segment's documentation says of payloads of
# audiences, of re-entry, of sending back and of exit rules.  T13 as identify is
# in tests/cli/cdp-emit/sync-presets.sh.
cat >cdp.yaml <<'END'
version: 1
project: {name: vectors}
destinations:
  out: {preset: file, settings: {dir: out}}
audiences:
  first_time_shopper: {when: {event: Order Completed, within: 1d}}
journeys:
  t14:
    enter: {event: application_started, per: properties.application_id}
    steps:
      - {id: wait, hold: {events: [{event: application_completed, goto: done}], timeout: 2d, goto: left}}
      - {id: done, send: out, action: completed, then: bye}
      - {id: left, send: out, action: abandoned}
      - {id: bye, end: done}
  t15:
    enter: {event: Cart_Modified, keep: {first: properties}}
    steps:
      - {id: wait, hold: 2h, restart_on: {event: Cart_Modified}, keep: {last: properties}}
      - {id: nudge, send: out}
  t16:
    enter: {event: trial_started, keep: {plan: properties.plan}}
    exit: [{id: left, event: trial_cancelled, send: out, action: goodbye}]
    steps:
      - {id: wait, delay: 7d}
      - {id: tip, send: out}
END
e() { n=$((n + 1)); printf '{"type":"track","userId":"u123","messageId":"m%s","timestamp":"2025-03-01T%s:00.000Z","event":"%s","properties":%s}\n' $n "$1" "$2" "${3:-{\}}"; }
n=0
{
	e 10:00 'Order Completed'
	e 10:00 application_started '{"application_id":1}'
	e 10:05 application_started '{"application_id":2}'
	e 11:00 application_completed '{"application_id":2}'
	for i in 1 2 3 4 5; do e 12:$i'0' Cart_Modified "{\"n\":$i}"; done
	e 13:00 trial_started '{"plan":"pro"}'
	e 14:00 trial_cancelled '{"why":"price"}'
} | cdp-ingest -n --until end 2>/dev/null | cdp-merge -n 2>/dev/null | cdp-audience -n 2>/dev/null >members
cdp-journey -n -q members >out
echo "T13, track:"
jq -c 'select(.messageId // "" | startswith("aud_")) | {type, event, properties}' members
show() { jq -c "select(.type == \"activation\" and .journey == \"$1\") | [.timestamp, .action, $2]" out; }
echo "T14:"
show t14 .event.properties.application_id
echo "T15:"
show t15 .kept.first.n,.kept.last.n
echo "T16:"
show t16 .kept.plan,.event.event,.event.properties.why,.why[-1]
