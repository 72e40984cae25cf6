# What is no event yet: tables of text, rows of a warehouse, other JSON.
cat >cdp.yaml <<'Y'
version: 1
project: {name: t}
clock: {lateness: 0s, tick: 1d}
sources:
  web: {format: segment}
  crm:
    format: csv
    map: >
      {type: "identify", userId: .customer_id, timestamp: .updated_at,
       traits: {email, tier, points: (.points | tonumber? // null)}}
  semicolons: {format: csv, separator: ";", map: '{type: "track", event: .e, userId: .u, timestamp: .t}'}
  tabs: {format: tsv, map: '{type: "track", event: .e, userId: .u, timestamp: .t}'}
  orders: {format: csv, table: tracks}
  users: {format: ndjson, table: users}
  accounts: {format: ndjson, table: accounts}
  catalog: {format: ndjson, map: '{type: "object", collection: "products", id: .sku, properties: .}'}
  feed: {format: ndjson, map: '.rows[] | select(.u) | {type: "track", event: "Row", userId: .u, timestamp: "2026-03-01T10:00:00Z"} # each'}
Y
say() {
	echo "$1:"
	shift
	rm -rf store
	"$@" --rejects rejects | grep -v -e '"clock"' -e '"end"' |
	    sed 's/,"cdp":{.*//'
	jq -c 'del(.record)' rejects
}
printf 'customer_id,email,tier,points,updated_at\r\nana,ana@x.com,gold,120,2026-03-01T10:00:00Z\r\nbob,"""b"" <b@x.com>","two\nlines",,2026-03-01T10:01:00Z\r\nbad,1\r\nmore,1,2,3,4,5\r\nq,"x"y,1,2,3\r\n\r\ncia,,"",7,never\r\ndan,"' >crm.csv
say csv cdp-ingest --source crm crm.csv
printf '\357\273\277e;u;t\nA;"x;y";2026-03-01T10:00:00Z\n' >semi
printf 'u;t;e\nz;2026-03-01T10:00:00Z;B\n' >semi2
say "two files, each with its header and a mark before it" \
    cdp-ingest --source semicolons semi semi2
printf 'e\tu\tt\nA\t5" screen\t2026-03-01T10:00:00Z\n' >tabs
say tabs cdp-ingest --source tabs tabs
printf '%s\n' 'id,anonymous_id,user_id,event,event_text,context_page_url,context_user_agent,context_library_name,context_ip,context_page_referrer,original_timestamp,sent_at,received_at,timestamp,total,product_ids,uuid_ts' \
    'm1,a1,,order_completed,Order Completed,http://x/,UA,js,1.2.3.4,,2026-01-01 10:00:00.123+00,2026-01-01 10:00:01 UTC,2026-01-01 10:00:02,2026-01-01 10:00:01.123,12.50,"[""p1""]",2026-01-01' >orders
say tracks cdp-ingest --source orders orders
echo '{"id":"ana","email":"ana@x.com","points":9007199254740993,"received_at":"2026-03-01 11:00:00+00","context_ip":null}' |
    say users cdp-ingest --source users
echo '{"id":"acme","plan":"gold","received_at":"2026-03-01 11:00:00+00"}' |
    say accounts cdp-ingest --source accounts
printf '{"sku":"p1","price":1.50}\n' | say object cdp-ingest --source catalog
printf '{"rows":[{"u":"a"},{},{"u":"b"}]}\n{"rows":[]}\n{"rows":3}\n[oops\n' |
    say map cdp-ingest --source feed --stats=json 2>stats
jq -c '{in,out,rejected,unmapped}' stats
# A header that cannot be used ends it.
printf 'u,u\n1,2\n' >twice
cdp-ingest --source crm twice
echo "exit $?"
cdp-ingest --source cms crm.csv
echo "exit $?"
cdp-ingest --list sources | tr '\n' ' '
