# What a person gets wrong is told with its place and what to do: options that
# exclude each other, names that are nearly right, times that are to come, an
# input that has nothing.
mkdir empty broken
cat >cdp.yaml <<'E'
version: 1
identity: {identifiers: {user_id: {from: userId}, email: {from: traits.email}}}
audiences:
  buyers: {when: {event: Order Completed}}
E
printf 'version: 1\naudiences:\n  a: {wen: {event: A}}\n' >broken/cdp.yaml
echo '{"type":"track","event":"Order Completed","userId":"ana","messageId":"m1","timestamp":"2026-03-01T10:00:00Z"}' >in
cdp-ingest in | cdp-merge | cdp-audience >/dev/null
try() {
	echo "-- $*" >&2
	cdp-audience "$@" </dev/null
	echo "exit $?" >&2
}
try --size --members buyers
try --size --against .
try --explain user_id:ana --backfill
try --as-of 2026-03-01
try -n --backfill
try --members buyer
try --members buyers --as-of yesterday
try --members buyers --as-of 2027-01-01
try --explain usr_id:ana
try --explain cpf:123
try --explain user_id:anna
try --explain user_id:ana buyer
try --size in
try --size -s nowhere
try --against nowhere
try --against empty
try --against broken
try --against . nofile
try --against . in
try --against .
try --backfill
try --backfill in
try --backfill --end=any
try --backfill --end=any -s nowhere
[ ! -e nowhere ] || echo 'a store was made'
