# Tokens: asked for once, anew when they end or are refused, never seen; what is
# signed is verified by openssl.
command -v openssl >/dev/null || { echo "no openssl: skipped"; exit 77; }
. "$top/tests/http/lib.inc"
server
export ASAN_OPTIONS=detect_leaks=0 # libjq loses some bytes of google-ads
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem 2>/dev/null
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem 2>/dev/null
openssl pkey -in ec.pem -pubout -out ec.pub
openssl pkey -in rsa.pem -pubout -out rsa.pub
export CRM_ID=us CRM_SECRET='se cret&1' CRM_REFRESH=refresh-me-9
export APNS_KEY="$(cat ec.pem)" RSA_KEY="$(cat rsa.pem)"
export GOOGLE_ACCOUNT="$(jq -cn --arg key "$RSA_KEY" --arg url "http://127.0.0.1:$port/google/token=3600" \
	'{type: "service_account", client_email: "cdp@loja.example", private_key_id: "k1", private_key: $key, token_uri: $url}')"
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
secrets: [CRM_ID, CRM_SECRET, CRM_REFRESH, GOOGLE_ACCOUNT, RSA_KEY]
destinations:
  crm: &http
    allow_private: true
    parallel: 1
    request: {url: '"http://127.0.0.1:$port/crm/echo"', body: .profile.id}
    auth: {oauth: {url: '"http://127.0.0.1:$port/oauth/token=3600"', id: CRM_ID, secret: CRM_SECRET, scope: '"a b"'}}
  short:
    allow_private: true
    parallel: 1
    request: {url: '"http://127.0.0.1:$port/short/slow=600"', body: .profile.id}
    auth: {oauth: {url: '"http://127.0.0.1:$port/refresh/token=1"', id: CRM_ID, refresh: CRM_REFRESH}}
  refused:
    allow_private: true
    request: {url: '"http://127.0.0.1:$port/refused/status=401/first=1"', body: .profile.id}
    auth: {oauth: {url: '"http://127.0.0.1:$port/again/token=3600"', id: CRM_ID, secret: CRM_SECRET}}
  none:
    allow_private: true
    request: {url: '"http://127.0.0.1:$port/none"', body: .profile.id}
    auth: {oauth: {url: '"http://127.0.0.1:$port/no/status=400/echo"', id: CRM_ID, secret: CRM_SECRET}}
  push:
    preset: apns
    settings: {topic: app, key_id: KEY1, team_id: TEAM1, host: 'h'}
  google: {preset: fcm, settings: {project: p}}
  token: {preset: fcm, settings: {project: static}, auth: none}
  sales: {preset: salesforce, settings: {instance: my, by: Id__c}}
  ads: {preset: google-ads, settings: {account: "1", list: "2"}, batch: {max: 10, every: 10ms}}
  google2:
    allow_private: true
    request: {url: '"http://127.0.0.1:$port/header"', body: .profile.id, headers: {Authorization: '"Bearer " + \$secrets.NOBODY'}}
    auth: {google: {account: GOOGLE_ACCOUNT, scope: '"https://www.googleapis.com/auth/firebase.messaging"'}}
YAML
sed -i 's/ &http//' cdp.yaml
mkdir -p share/destinations
for p in apns fcm google-ads salesforce; do
	sed 's|"https://\\(\$settings.host)/3|"http://127.0.0.1:'"$port"'/3|; s#"https://\(fcm\|datamanager\).googleapis.com#"http://127.0.0.1:'"$port"'#
	    s|"https://\\(\$settings.instance)/services/oauth2/token|"http://127.0.0.1:'"$port"'/sales/token=3600|
	    s|"https://\\(\$settings.instance)|"http://127.0.0.1:'"$port"'|; $aallow_private: true' "$top/share/destinations/$p.yaml" >share/destinations/$p.yaml
done
export FCM_ACCESS_TOKEN=fixed SALESFORCE_ID=them SALESFORCE_SECRET=theirs
export CDP_SHARE=$PWD/share
for d in crm short refused push google google2 token sales ads none; do
	activations $d 1 2 | sed 's/"main.journey","n":/"main.'$d'","n":/; s/"act_/"act_'$d'/; s/"traits":{/"identifiers":{"user_id":["u"]},&"pushToken":"tok",/' | grep -v '"end"'
done | sed '/"sales"/s/"action":"send"/"action":"identify"/; /"ads"/s/"action":"send"/"action":"add"/' >in
grep -v '"none"' in | cdp-emit --deliver --end=any --wait 5s >out 2>err
cdp-emit --deliver --end=any --wait 0 in >>out 2>>err
sed 's/after [0-9]* ms/after N ms/' err
echo "-- what was asked for, and with what"
jq -r 'select(.path | test("token=|status=400")) | "\(.path | split("/")[1]) \(.body | tostring | sub("assertion=.*"; "assertion=..."))"' log | LC_ALL=C sort | uniq -c | tr -s ' ' | sed 's/^ [0-9]* no / N no /'
jq -r 'select(.path | test("token=|status=400") | not) | "\(.path | split("/") | if .[1] == "v1" then .[3] // .[2] else .[1] end) \(.headers.Authorization | sub("token-of-.*"; "token") | sub("ey.*"; "jwt"))"' log | LC_ALL=C sort | uniq -c | tr -s ' '
echo "-- signatures"
decode() {
	tr '_-' '/+' | awk '{ while (length($0) % 4) $0 = $0 "="; print }' | base64 -d
}
verify() { # TOKEN KEY
	t=$1
	printf %s "${t%.*}" >signed
	printf %s "${t##*.}" | decode >sig
	printf %s "$t" | cut -d. -f1 | decode; echo
	printf %s "$t" | cut -d. -f2 | decode | jq -c --argjson now "$(date +%s)" --arg port ":$port" 'walk(if type == "string" then sub($port; "") else . end)
	    | if .exp then .exp -= .iat else . end | .iat = ($now - .iat < 60)'
	if [ "$2" = ec.pub ]; then
		hex=$(od -An -v -tx1 sig | tr -d ' \n')
		printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
		    "$(echo "$hex" | cut -c1-64)" "$(echo "$hex" | cut -c65-)" >asn1
		openssl asn1parse -genconf asn1 -noout -out sig
	fi
	openssl dgst -sha256 -verify "$2" -signature sig signed
}
verify "$(jq -r 'select(.path | startswith("/3/device")) | .headers.Authorization | sub("bearer "; "")' log | head -1)" ec.pub
verify "$(jq -r 'select(.path | startswith("/google")) | .body | sub(".*assertion="; "")' log | head -1)" rsa.pub
jq -r 'select(.path | startswith("/3/device")).headers.Authorization' log | sort -u | wc -l
echo "-- nowhere else"
cdp-store cat deliver >dump
grep -c -e token-of- -e 'se cret' -e refresh-me -e 'PRIVATE KEY' -e eyJ out err dump
echo "-- what is wrong is said at once"
for k in "$RSA_KEY" nonsense; do
	APNS_KEY=$k cdp-emit --deliver --only push --end=any in
done
GOOGLE_ACCOUNT='{"a":1}' cdp-emit --deliver --only google --end=any in
CRM_ID='' cdp-emit --deliver --only crm --end=any in
printf 'version: 1\nproject: {name: t}\ndestinations:\n  a: {preset: file, settings: {dir: o}, auth: {apns: {key: K}}}\n  b: {request: {url: \x27"https://a.example/"\x27}, auth: {oauth: {url: .profile.url, id: I}, google: {account: A}}}\n' >cdp.yaml
cdp-emit --check 2>&1 | sed -n 's/.*\(error\[\)/\1/p'
