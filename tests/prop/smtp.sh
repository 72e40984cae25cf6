#!/bin/sh
# Mails through a real server (Debian's aiosmtpd), which parses them: text and
# subject arrive as they were, headers are what they should be, nothing from an
# event becomes one; answers fall into their classes; STARTTLS and its
# certificate are demanded, and nothing is believed that came before it; the
# password is nowhere but there.
. "$top/tests/http/lib.inc"
py=/usr/bin/python3 # Debian's, which sees Debian's packages
$py -c 'import aiosmtpd' 2>/dev/null && command -v openssl >/dev/null ||
	{ echo "smtp: skipped, no aiosmtpd"; exit 77; }
bad=0
complain() {
	echo "$1"
	bad=1
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
	-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
	-keyout key.pem -out cert.pem 2>/dev/null || exit 77
servers=
trap 'kill $servers 2>/dev/null' EXIT
for mode in '' bare inject; do
	: >"port.$mode"
	$py -W ignore "$top/tests/http/smtp.py" cert.pem key.pem "mails$mode" $mode \
		>"port.$mode" 2>>smtp.err &
	servers="$servers $!"
done
n=0
until [ -s port. ] && [ -s port.bare ] && [ -s port.inject ]; do
	n=$((n + 1))
	[ $n -lt 500 ] || { cat smtp.err; exit 1; }
	sleep 0.02
done
port=$(cat port.)
: >mailsbare
: >mailsinject
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
destinations:
  email:
    preset: smtp
    settings: {host: localhost, port: $port, user: box}
    allow_private: true
    ca: cert.pem
    from: '"Loja Açaí <oi@loja.example>"'
    reply_to: '"ajuda@loja.example"'
    unsubscribe: '"https://loja.example/u?k=" + .key'
  untrusted:
    preset: smtp
    settings: {host: localhost, port: $port, user: box}
    allow_private: true
    from: '"oi@loja.example"'
  bare:
    preset: smtp
    settings: {host: localhost, port: $(cat port.bare), user: box}
    allow_private: true
    ca: cert.pem
    from: '"oi@loja.example"'
  inject:
    preset: smtp
    settings: {host: localhost, port: $(cat port.inject), user: box}
    allow_private: true
    ca: cert.pem
    from: '"oi@loja.example"'
YAML
cat >>cdp.yaml <<'YAML'
templates:
  hi: {subject: .kept.subject, text: .kept.text, html: .kept.html}
YAML
# mail N DESTINATION TO SUBJECT TEXT HTML, as JSON strings
mail() {
	printf '{"type":"activation","messageId":"act_%s","timestamp":"2026-01-02T03:04:05.000Z","journey":"j","step":"s","instance":"i","destination":"%s","action":"send","template":"hi","profile":{"id":"p_%s","traits":{"email":%s}},"kept":{"subject":%s,"text":%s,"html":%s},"cdp":{"o":"main.journey","n":%s}}\n' \
		"$1" "$2" "$1" "$3" "$4" "$5" "$6" "$1"
}
long=$(awk 'BEGIN { for (i = 0; i < 60; i++) printf "palavra número %d; ", i }')
{
	mail 1 email '"ana@example.com"' '"Olá, Ana!"' "\"$long\\n.\\n..dots\\nFrom x\\n= a \\n\\tb\\n\"" '"<p>Olá &amp; até já 🎉</p>"'
	mail 2 email '"Ana B. <b@example.com>"' '"plain subject"' '"x"' '""'
	mail 3 email '"c@example.com"' "\"$long\"" '"x"' '"<b>x</b>"'
	mail 4 email '"first-d@example.com"' '"=?UTF-8?Q?fake?="' '"x"' '""'
	mail 5 email '"nobody@example.com"' '"a"' '"x"' '""'
	mail 6 email '"spam@example.com"' '"a"' '"x"' '""'
	mail 7 email '"full@example.com"' '"a"' '"x"' '""'
	mail 8 email '"e@example.com\r\nBcc: x@example.com"' '"a"' '"x"' '""'
	mail 9 email '"f@example.com"' '"a\r\nBcc: x@example.com"' '"x"' '""'
	mail 10 email '"x@example.com, y@example.com"' '"a"' '"x"' '""'
	mail 11 email '"\"a b\"@example.com"' '"a"' '"x"' '""'
	mail 12 email '"g@example.com>"' '"a"' '"x"' '""'
	mail 13 email '"Eve\" <h@example.com"' '"a"' '"x"' '""'
	mail 14 untrusted '"i@example.com"' '"a"' '"x"' '""'
	mail 15 bare '"j@example.com"' '"a"' '"x"' '""'
	mail 16 inject '"k@example.com"' '"a"' '"x"' '""'
	echo '{"type":"end","cdp":{"o":"main.journey"}}'
} >in
SMTP_PASSWORD=geheim cdp-emit --deliver --wait 3s --rejects rejects in >out 2>err
[ $? -eq 1 ] || complain "status: $(cat err)"
want='["held","bad_address"]
["failed","template_error"]
["held","bad_address"]
["held","bad_address"]
["held","bad_address"]
["held","bad_address"]'
[ "$(jq -c 'select(.reason).reason as $r | [.status, $r]' out)" = "$want" ] ||
	complain "gates: $(jq -c 'select(.reason) | [.to, .status, .reason]' out)"
cdp-store cat deliver | jq -r 'select(.k | strings | startswith("k:")).v | [.destination, .seq, .status, .said] | @tsv' | sort -k 1,1 -k 2,2n >ledger
grep -q "^email	5	dead	SMTP 550: 550 no such user" ledger &&
	grep -q "^email	6	dead	SMTP 554: 554 not wanted" ledger &&
	grep -q "^email	7	retry	SMTP 452: 452 mailbox full" ledger && grep -q "^email	4	sent" ledger &&
	grep -q "^untrusted	1	retry	.*certificate" ledger &&
	grep -q "^bare	1	retry	.*STARTTLS" ledger &&
	grep -q "^inject	1	retry	." ledger ||
	complain "ledger: $(cat ledger)"
# Not a byte of a login, a mail or TLS to who did not offer it, or lied.
[ -s mailsbare ] || [ -s mailsinject ] && complain "went on: $(cat mailsbare mailsinject)"
cdp-store export --format=dump >dump
for f in store/*/*.seg; do
	zstd -dcq "$f"
done >bytes
grep -q 'SMTP 550' bytes || complain "the store is not what was looked at"
grep -l 'geheim\|AGJveABnZWhlaW0' out err rejects dump bytes && complain "there is the password"
jq -e -s --arg long "$long" '
	def header(n): [.headers[] | select(.[0] == n)[1]];
	(map({key: .to[0], value: .}) | from_entries) as $m |
	([.[] | header("Message-ID")[0] | capture("^<(?<key>[-0-9a-f]{36})@loja.example>$").key] |
	    length == 4 and (unique | length) == 4) and
	all(.[]; (header("List-Unsubscribe") | map(ltrimstr(" "))) == ["<https://loja.example/u?k=" +
	    (header("Message-ID")[0] | .[1:37]) + ">"]) and
	(keys | length) == 4 and all(.[]; .tls and .user == "box" and .ascii and
	    .bare == 0 and .longest <= 76 and .defects == [] and .from == "oi@loja.example" and
	    (.to | length) == 1 and header("Bcc") == [] and header("Subject") != [] and
	    header("Reply-To") == ["ajuda@loja.example"] and
	    header("From") == ["Loja Açaí <oi@loja.example>"] and
	    header("Date") == ["Fri, 02 Jan 2026 03:04:05 +0000"] and
	    header("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]) and
	($m["ana@example.com"] |
	    .order == ["multipart/alternative", "text/plain", "text/html"] and
	    header("Subject") == ["Olá, Ana!"] and
	    .parts["text/plain"] == $long + "\n.\n..dots\nFrom x\n= a \n\tb\n" and
	    .parts["text/html"] == "<p>Olá &amp; até já 🎉</p>") and
	($m["b@example.com"] | header("To") == ["\"Ana B.\" <b@example.com>"] and
	    .parts == {"text/plain": "x\n"}) and
	($m["c@example.com"] | header("Subject") == [$long]) and
	($m["first-d@example.com"] | header("Subject") == ["=?UTF-8?Q?fake?="])
' mails >/dev/null || complain "not as they were: $(cat mails)"
[ $bad -eq 0 ] && echo "smtp: $(wc -l <mails) mails parsed by a real server, 6 refused as forged"
exit $bad
