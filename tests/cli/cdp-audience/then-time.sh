# What came behind an event adds up to an instant; a day after that instant it
# is over, though nothing happens.
cat >cdp.yaml <<'END'
version: 1
audiences:
  soon:
    when:
      event: Page
      where: {then: {event: Buy, last: properties.at, within_last: 1d}}
  most:
    when:
      event: Page
      where: {then: {event: Buy, max: properties.at, as: string, within_last: 1d}}
END
me='"type":"track","userId":"ana","timestamp":"2026-03'
cat >in <<END
{$me-01T09:00:00.000Z","messageId":"1","event":"Page"}
{$me-01T10:00:00.000Z","messageId":"2","event":"Buy","properties":{"at":"2026-03-01T07:00:00Z"}}
{$me-01T11:00:00.000Z","messageId":"3","event":"Buy","properties":{"at":"2026-03-01T06:00:00Z"}}
{$me-04T11:00:00.000Z","messageId":"4","event":"Other"}
END
cdp-ingest in | cdp-merge | cdp-audience | jq -c 'select(.event // "" | startswith("Audience ")) | [.timestamp, .event, .properties.audience_key]'
