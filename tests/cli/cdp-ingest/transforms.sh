# What the project changes in events on their way in, in the order of the list.
cat >cdp.yaml <<'Y'
version: 1
project: {name: t}
secrets: [CPF_KEY]
clock: {lateness: 0s, tick: 1d}
transforms:
  - {event: cart_updated, jq: '.event = "Cart Updated"'}
  - {event: Cart Updated, rename: {properties.prodId: product_id, properties.sum.t: total}}
  - {drop: [context.userAgent, context.page.search, secret]}
  - {hash: [traits.email, traits.cards]}
  - {hash: {paths: traits.cpf, key: CPF_KEY}}
  - {mask: {context.ip: ip, traits.phone: last 4, traits.mail2: email, traits.tax: all, traits.name: first 2}}
  - {where: {properties.test: true}, jq: empty}
  - {event: Broken, jq: '.properties.n + "x"'}
  - {event: Nobody, drop: userId}
Y
export CPF_KEY=Jefe # RFC 4231, test case 2: 5bdcc146...64ec3843
say() {
	echo "$1:"
	shift
	rm -rf store
	"$@" | cdp-ingest --rejects rejects | grep -v -e '"clock"' -e '"end"' |
	    sed 's/,"cdp":{.*//; s/"timestamp":"[^"]*",//'
	jq -c 'del(.record)' rejects
}
ev() {
	printf '{"type":"track","userId":"u","messageId":"m","timestamp":"2026-01-01T00:00:00Z",%s}\n' "$1"
}
id() {
	printf '{"type":"identify","userId":"u","messageId":"m","timestamp":"2026-01-01T00:00:00Z",%s}\n' "$1"
}
say "one makes what the next one wants" ev '"event":"cart_updated","properties":{"prodId":"p1","sum":{"a":1,"t":1.50},"big":9007199254740993}'
say "a name that is taken" ev '"event":"Cart Updated","properties":{"product_id":"old","prodId":"p1","prodId":"p2"}'
say "first, middle, last, all" ev '"event":"E", "secret" : 1, "context" : {"userAgent":"x", "page":{"search":"q"}, "os":1}'
say "all that are in it" ev '"event":"E","context":{"userAgent":"x","userAgent":"y"},"\u0073ecret":1'
say hash id '"traits":{"email":"ana@example.com","cards":["4111",5,null,{"n":"6"}]}'
printf ana@example.com | sha256sum
say "a hash already" id '"traits":{"email":"b58996c504c5638798eb6b511e6f49af9f8d0f1a9a2d6c7e5a1b5b8c4d3e2f10"}'
say "keyed, a hash too" id '"traits":{"cpf":["what do ya want for nothing?","8e43ca37701228e74983efdbd0cff5c16b3b1e5d4e29a7c05626d4d25a018e11"]}'
CPF_KEY='' cdp-ingest </dev/null
echo "exit $?"
say mask id '"traits":{"phone":"+55 11 98765-4321","mail2":"ção@exemplo.br","tax":12345678901,"name":"Ççé"},"context":{"ip":"192.0.2.77"}'
say "masks that find little" id '"traits":{"phone":"123","mail2":"nobody","tax":true,"name":"Ab"},"context":{"ip":"2001:db8:1:2::3"}'
say "masks that find less" id '"traits":{"phone":"","mail2":null},"context":{"ip":"::1"}'
say "dropped" ev '"event":"E","properties":{"test":true}'
say "failed" ev '"event":"Broken","properties":{"n":1}'
say "no longer good" ev '"event":"Nobody"'
say "nothing to do" ev '"event":"E","properties":{"a" : 1.0}'
echo '{"type":"delete","userId":"u","secret":1}' | cdp-ingest -q | head -n 1
