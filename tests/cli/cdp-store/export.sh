# The tables of a warehouse: people who become one, odd values in CSV, NULL and
# the empty text, wrong names.
cp -R "$top/share/examples/loja/." .
cat >in.ndjson <<'X'
{"type":"track","event":"Page Seen","messageId":"x1","timestamp":"2026-03-04T10:00:00Z","anonymousId":"stray"}
{"type":"identify","messageId":"x2","timestamp":"2026-03-04T10:01:00Z","userId":"xenia","anonymousId":"other","traits":{"firstName":"Xênia \"X\"","note":"a, b\nc","empty":"","n":12.50,"b":false,"tags":["a","b"]}}
{"type":"identify","messageId":"x3","timestamp":"2026-03-04T10:02:00Z","userId":"xenia","anonymousId":"stray"}
{"type":"identify","messageId":"x4","timestamp":"2026-03-04T10:03:00Z","userId":"yuri","traits":{"b":true}}
{"type":"identify","messageId":"x5","timestamp":"2026-03-04T10:04:00Z","userId":"yuri","traits":{"b":null}}
X
cdp-ingest in.ndjson | cdp-merge >/dev/null
for t in user_traits user_identifiers id_graph_updates profile_merges; do
	echo "== $t"
	cdp-store export --format=csv $t | tr -d '\r'
	cdp-store export $t
done
cdp-store export --dir=out
cdp-store export --format=csv --dir=out user_traits profile_merges
find out -type f | sort
cdp-store export user_traits | cmp - out/user_traits.ndjson
cdp-store export --format=csv user_traits | cmp - out/user_traits.csv
cdp-store export
echo $?
cdp-store export user_trait
cdp-store export out
echo $?
cdp-store export --format=xml user_traits
echo $?
cdp-store -s none export user_traits
echo $?
cdp-store cat --dir=out
echo $?
