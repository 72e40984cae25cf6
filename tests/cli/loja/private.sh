# Bruno is suppressed: nothing is sent to him.  Gabi is deleted: what was added
# is taken back, nothing else happens, and no stage keeps anything.
cp -R "$top/share/examples/loja/." .
t='"timestamp":"2026-03-0'
cat >in <<END
{"type":"identify","messageId":"1","userId":"bruno","traits":{"firstName":"Bruno","email":"bruno@example.com"},"context":{"consent":{"categoryPreferences":{"Advertising":true,"Marketing":true}}},${t}2T12:00:00Z"}
{"type":"identify","messageId":"2","userId":"gabi","traits":{"firstName":"Gabi","email":"gabi@example.com"},"context":{"consent":{"categoryPreferences":{"Advertising":true,"Marketing":true}}},${t}2T12:00:00Z"}
{"type":"track","messageId":"3","userId":"bruno","event":"Product Added","properties":{"cart_id":"b","product_id":"t1","name":"Tênis","price":9,"currency":"BRL"},${t}2T12:01:00Z"}
{"type":"track","messageId":"4","userId":"gabi","event":"Product Added","properties":{"cart_id":"g","product_id":"t1","name":"Tênis","price":9,"currency":"BRL"},${t}2T12:01:00Z"}
{"type":"suppress","messageId":"5","userId":"bruno",${t}2T12:02:00Z"}
{"type":"delete","messageId":"6","userId":"gabi",${t}4T12:00:00Z"}
END
cdp-ingest --until end in | cdp-merge | cdp-audience | cdp-journey | cdp-emit >one
jq -c 'select(.type=="delivery")|[.timestamp,.profile,.step,.action,.status,.reason]' one
cdp-ingest --until end in | cdp-merge | cdp-audience | cdp-journey | cdp-emit |
	cmp - one
cdp-store cat | jq -c 'select(.k and (tojson|test("gabi";"i")))'
