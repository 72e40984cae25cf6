# A source that cannot work is refused where it is written.
cat >cdp.yaml <<'Y'
version: 1
project: {name: t}
sources:
  a: {format: cvs}
  b: {format: csv}
  c: {format: ndjson, separator: ";", map: .}
  d: {format: csv, separator: ";;", map: .}
  e: {table: tracks}
  f: {format: csv, table: track}
  g: {format: csv, map: '{type: "track"'}
  h: {fromat: csv, map: .}
Y
cdp-ingest --check
echo "exit $?"
