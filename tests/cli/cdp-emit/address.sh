# What a destination asks of an address: a telephone number leaves as E.164, by
# the region of the project; what is none, or no address of mail, is held.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
identity:
  identifiers:
    phone: {from: traits.phone, normalize: phone, region: BR}
destinations:
  sms:  {preset: file, settings: {dir: out/sms}, address: phone, to: .profile.traits.phone}
  mail: {preset: file, settings: {dir: out/mail}, address: email, to: .profile.traits.email}
  any:  {preset: file, settings: {dir: out/any}, to: .profile.traits.phone}
YAML
to() { # DESTINATION TRAIT VALUE
	n=$((n + 1))
	printf '{"type":"activation","messageId":"m%s","activation":"act_%s","journey":"j","step":"s","instance":"i%s","destination":"%s","action":"send","timestamp":"2025-03-03T10:00:00.000Z","profile":{"id":"p_%s","traits":{"%s":"%s"}},"cdp":{"o":"main.journey","n":%s}}\n' \
	    "$n" "$n" "$n" "$1" "$n" "$2" "$3" "$n"
}
{
	to sms phone '(11) 98765-4321'
	to sms phone '+5511987654321'
	to sms phone 12
	to sms phone 'ana@example.com'
	to sms phone '+55119876543219999999'
	to mail email ana@example.com
	to mail email 'ana example.com'
	to any phone 12
	echo '{"type":"end","cdp":{"o":"main.journey"}}'
} | cdp-emit | jq -c 'select(.type == "delivery") | [.destination, .status, .to, .reason, .detail]'
printf 'version: 1\nproject: {name: t}\ndestinations: {a: {preset: file, settings: {dir: o}, address: fax}}\n' >cdp.yaml
cdp-emit --check
