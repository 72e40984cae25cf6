# A plan from what was seen: it loads, what it was made from fits it, and the
# order of the events does not matter.
cat >in <<'END'
{"type":"track","event":"Order Completed","messageId":"1","userId":"u","timestamp":"2025-03-03T10:00:00Z","properties":{"order_id":"o1","total":5,"at":"2025-03-03","items":[{"sku":"a","n":1},{"sku":"b"}],"no":true}}
{"type":"track","event":"Order Completed","messageId":"2","userId":"u","timestamp":"2025-03-03T10:00:01Z","properties":{"order_id":"o2","total":5.5,"at":"2025-03-04","items":[],"coupon":null}}
{"type":"track","event":"Order Completed","messageId":"3","userId":"u","timestamp":"2025-03-03T10:00:02Z","properties":{"order_id":3,"total":7e0,"at":"2025-03-05","coupon":"X","address":{"city":"Recife","geo":{"lat":1}}}}
{"type":"track","event":"4: \"odd\"","messageId":"4","userId":"u","timestamp":"2025-03-03T10:00:03Z"}
{"type":"identify","messageId":"5","userId":"u","timestamp":"2025-03-03T10:00:04Z","traits":{"email":"ana@example.com","true":"x"}}
{"type":"page","messageId":"6","userId":"u","timestamp":"2025-03-03T10:00:05Z","properties":{"url":"https://loja.example/"}}
{"type":"track","messageId":"7","userId":"u","timestamp":"2025-03-03T10:00:05Z"}
END
for i in 1 2 3 4 5 6 7 8 9 10; do
	for c in BRL EUR; do
		echo '{"type":"track","event":"Paid","messageId":"'$c$i'","userId":"u","timestamp":"2025-03-03T11:00:00Z","properties":{"currency":"'$c'","id":"'$c$i'"}}'
	done
done >>in
cdp-ingest --infer in
sort -r in | cdp-ingest -q --infer >plan.yaml
cdp-ingest -q --infer in | cmp - plan.yaml && echo "the same in another order"
{ echo 'version: 1'; sed 's/violation: allow/violation: block/' plan.yaml; } >cdp.yaml
cdp-ingest --check --max-rejects 1 in

# Names that are data do not become one: 201 in an object are too many.
awk 'BEGIN {
	for (i = 1; i <= 201; i++) {
		many = many (i > 1 ? "," : "") "\"sku" i "\":1"
		if (i == 200)
			few = many
	}
	e = "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\"," \
	    "\"timestamp\":\"2025-03-03T10:00:00Z\",\"properties\":{"
	print e "\"many\":{" many "},\"few\":{" few "}}}"
}' | cdp-ingest --infer | sed '/sku[0-9]*:/d; s/sku1,.*/sku1, ...]/'
