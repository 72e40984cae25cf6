# A program beside us: it gets a line for each, answers in any order, with every
# class; one that ends, or says nothing, leaves its deliveries in doubt.
. "$top/tests/http/lib.inc"
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
destinations:
  prog:
    exec: {command: [./take.sh, one word]}
    body: '{i: .kept.i, note: "a \"b\"\n"}'
  std:
    exec: {command: [/bin/sh, -c, "while read -r l; do echo noise; echo \"$l\" >>std.log; echo \"$l\" | sed 's/.*\"key\":\"\\([^\"]*\\)\",\"body.*/{\"key\":\"\\1\",\"status\":200}/'; done"]}
  ends:
    exec: {command: [/bin/sh, -c, "read l; exit 3"]}
  mute:
    timeout: 300ms
    parallel: 2
    exec: {command: [/bin/sh, -c, "cat >mute.log"]}
YAML
cat >take.sh <<'SH'
#!/bin/sh
# The first is answered after the second.
echo "$# $1 ${HOME:-no HOME}" >args
late=
while read -r l; do
	printf '%s\n' "$l" >>got
	i=$(printf '%s\n' "$l" | sed 's/.*"i":\([0-9]*\).*/\1/')
	k=$(printf '%s\n' "$l" | sed 's/.*"key":"\([^"]*\)".*/\1/')
	case $i in
	3) s=400 said="not this one" ;;
	4) [ -e again ] && s=200 || s=503; : >again; said= ;;
	*) s=200 said="ticket $i" ;;
	esac
	answer="{\"key\":\"$k\",\"status\":$s,\"said\":\"$said\"}"
	if [ "$i" = 1 ]; then
		late=$answer
		continue
	fi
	printf '%s\n' "$answer"
	[ -z "$late" ] || printf '%s\n' "$late"
	late=
done
SH
chmod +x take.sh
{
	activations prog 1 4 | head -n 4
	activations std 11 12 | head -n 2
	activations ends 21 22 | head -n 2
	activations mute 31 33
} >in
cdp-emit in | jq -c '[.status, .destination, .request]' | head -n 1
cdp-emit --deliver --wait 2s in >/dev/null
echo "status $?"
cat args
LC_ALL=C sort -u got
jq -c .body.activation std.log
cdp-store cat deliver | jq -c 'select(.k | strings | startswith("k:")).v | [.destination, .seq, .status, .tries, .said]' | LC_ALL=C sort
sed -i 's/^  ends:/  ends:\n    batch: {max: 2}/; s/command: \[.\/take.sh/comand: [x/' cdp.yaml
cdp-emit --check
