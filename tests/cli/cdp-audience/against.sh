# Who would enter or leave under another version of the project; a merge on the
# way, and an audience that one of the two has not.
mkdir new old
cat >old/cdp.yaml <<'E'
version: 1
audiences:
  buyers: {when: {event: Order Completed}}
  rich: {when: {trait: points, gt: 100}}
  gone: {when: {event: Page}}
E
sed 's/Completed/Completed, count: {gte: 2}/; s/100/50/; /gone/d' old/cdp.yaml >new/cdp.yaml
cat >in <<'E'
{"type":"track","event":"Order Completed","anonymousId":"a1","messageId":"m1","timestamp":"2026-03-01T10:00:00.000Z"}
{"type":"track","event":"Order Completed","userId":"bia","messageId":"m2","timestamp":"2026-03-01T10:10:00.000Z"}
{"type":"identify","userId":"ana","traits":{"points":80},"messageId":"m3","timestamp":"2026-03-01T11:00:00.000Z"}
{"type":"identify","userId":"ana","anonymousId":"a1","messageId":"m4","timestamp":"2026-03-01T12:00:00.000Z"}
{"type":"track","event":"Order Completed","userId":"ana","messageId":"m5","timestamp":"2026-03-01T13:00:00.000Z"}
E
cdp-ingest -C new in | cdp-audience -C new --against old; echo "exit $?"
cdp-ingest -C new in | cdp-audience -C new --against new; echo "exit $?"
ls
