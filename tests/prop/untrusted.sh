#!/bin/sh
# What comes from outside, and from between the stages, is believed in nothing:
# long lines, claims to be ours, escapes for the terminal, who else may write.
bad=0
complain() {
	echo "$*"
	bad=1
}
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
identity: {identifiers: {user_id: {from: userId, limit: 1}}}
destinations:
  mail: {preset: file, settings: {dir: out/mail}}
YAML
event() { # MESSAGE-ID MEMBERS
	printf '{"type":"track","event":"A","messageId":"%s","userId":"u",' "$1"
	printf '"timestamp":"2025-03-03T10:00:00Z"%s}\n' "$2"
}
esc=$(printf '\033')

# A line of any length in the memory of a short one, and then the next.
limit=
case $B in
*/asan) ;;
*) limit='ulimit -v 65536;' ;;
esac
{
	head -c 100000000 /dev/zero | tr '\0' x
	echo
	event m1
} | sh -c "$limit cdp-ingest -s long" >long.out 2>long.err
[ $? -eq 1 ] || complain "a line of 100 MB: $(cat long.err)"
grep -q too_long long.err || complain "a long line is not rejected"
grep -q '"m1"' long.out || complain "what follows a long line is lost"

# Ours is only what cdp-ingest says is: spelled otherwise, or twice.
{
	event f1 ',"cdp":{"o":"main.ingest","n":7}'
	event f2 ',"\u0063dp":{"o":"main.ingest","n":8},"cdp":{"o":"x","n":1}'
	event f3 ',"c\u0064p":9,"cdp":9,"profile":{"id":"p_1"}'
} | cdp-ingest -s forged | grep track >forged.out
[ "$(grep -o '"[^"]*":{"o"' forged.out | sort | uniq -c | tr -s ' ')" = \
    ' 3 "cdp":{"o"' ] || complain "a forged cdp came in: $(cat forged.out)"
[ "$(jq -r '.cdp.o, (.profile | type)' forged.out | sort | uniq -c |
    tr -s ' ' | tr '\n' ';')" = ' 3 main.ingest; 3 null;' ] ||
	complain "a forged member came in: $(cat forged.out)"

# Between stages: what no log says is no number; the rest does no harm.
n=0
while read -r cdp; do
	n=$((n + 1))
	{
		event m1 ",\"cdp\":$cdp"
		echo '{"type":"end","cdp":{"o":"main.ingest","lines":1}}'
	} >claim
	cdp-merge -s st.$n claim >claim.1 2>claim.err
	rc=$?
	cdp-merge -s st.$n claim >claim.2 2>>claim.err
	[ $? -eq $rc ] && cmp -s claim.1 claim.2 ||
		complain "$cdp: run again, something else happens"
	grep -q "$esc" claim.err && complain "$cdp: escapes in a message"
	[ $rc -eq 2 ] && [ ! -s claim.1 ] && continue
	[ $rc -eq 0 ] || complain "$cdp: $rc: $(cat claim.err)"
	cdp-store -s st.$n verify >/dev/null || complain "$cdp: damage"
	cdp-store -s st.$n cat merge | jq . >/dev/null ||
		complain "$cdp: what is kept is no JSON"
done <<'END'
{"o":"main.ingest","n":9223372036854775807}
{"o":"main.ingest","n":9007199254740992}
{"o":"main.ingest","n":18446744073709551617}
{"o":"main.ingest","n":-1}
{"o":"main.ingest","n":1e300}
{"o":"main.merge","n":1}
{"o":"../../x","n":1}
{"o":"x\"},\n\u001b[31m\u0000","n":1}
{"o":"","n":1}
{"o":7,"n":1}
{"n":1}
[]
END

# No byte of a message is one that a terminal obeys.
c1=$(printf '\302\233')
{
	cdp-merge "no${esc}[31mfile$c1"
	cdp-merge -s "no${esc}[31mstore/$c1/x" forged.out
	cdp-merge "--${esc}[31m"
	cdp-store get "a${esc}[31m$c1"
	cdp-store -s "no${esc}]0;x" get a
	event "${esc}[31m" | cdp-ingest -s escapes
	event m1 ",\"x\":\"$c1\"}${esc}[31m" | cdp-ingest -s escapes
} >/dev/null 2>messages
[ "$(wc -l <messages)" -ge 7 ] || complain "messages are missing"
if grep -q "$esc\\|$c1" messages; then
	complain "an escape reaches the terminal"
fi

# Nobody else reads what is kept, nobody else writes to it.
(umask 0 && event "" | cdp-ingest -s modes --rejects rejected >/dev/null)
loose=$(find modes rejected -perm /077)
[ -z "$loose" ] || complain "others may read $loose"
chmod g+w modes
for tool in cdp-merge "cdp-store verify"; do
	# shellcheck disable=SC2086
	CDP_STORE=modes $tool <forged.out >/dev/null 2>owner.err
	[ $? -eq 74 ] && grep -q 'others may write' owner.err ||
		complain "$tool: a store that others may write to is taken"
done
chmod g-w modes
if [ "$(id -u)" -eq 0 ]; then
	chown 1 modes
	cdp-merge -s modes <forged.out >/dev/null 2>owner.err
	[ $? -eq 74 ] && grep -q 'another user' owner.err ||
		complain "a store of somebody else is taken"
fi

# A link in the project leads no delivery out of it.
mkdir away out && ln -s ../away out/mail
{
	printf '{"type":"activation","messageId":"a","destination":"mail",'
	printf '"action":"send","timestamp":"2025-03-03T10:00:00Z",'
	printf '"profile":{"id":"p_1"},"cdp":{"o":"main.journey","n":1}}\n'
	printf '{"type":"end","cdp":{"o":"main.journey"}}\n'
} >act
cdp-emit -s link --deliver <act >link.out 2>link.err
[ $? -eq 74 ] || complain "delivered through a link"
[ -z "$(ls away)" ] || complain "a file outside of the project"
rm out/mail
cdp-emit -s link --deliver <act >link.out || complain "not delivered"
[ "$(cat out/mail/*.ndjson | wc -l)" -eq 1 ] || complain "not one file"
[ $bad -eq 0 ] && echo "untrusted: nothing of it believed"
exit $bad
