#!/bin/sh
# cdp-emit --deliver over HTTP, in the whole pipeline, stopped or failing at
# each of its calls, those to the network included; then the same command
# again.  The server tells: all that was decided has arrived, under its key;
# what arrived again had the same key and the same bytes.
#
# HTTP_STEP=1 tries every call, the default is every third; HTTP_ACTS: only
# these.
. "${top:?}/tests/crash/common"
[ -x "$B/http/server" ] || exit 77
step=${HTTP_STEP:-3}
acts=${HTTP_ACTS:-before after torn torn1 short EINTR EIO ENOSPC full fsync
    machine}
cp -R "$loja" "$work/shop"
loja=$work/shop
"$B/http/server" "$work/server.log" >"$work/port" &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
while [ ! -s "$work/port" ]; do
	sleep 0.01
done
# Consent is asked again when a request leaves: what it is by then is a matter of
# time, which this is not about (tests/cli/cdp-emit/leave.sh is).
sed -i '/^consent:/,/^$/d' "$loja/messages.yaml"
sed -i "s|preset: file, settings: {dir: out/\([a-z]*\)}|allow_private: true, \
remembers: 24h, request: {url: '\"http://127.0.0.1:$(cat "$work/port")/\1\"', \
body: '{to, action, text: .message.text, key}'}|" "$loja/messages.yaml"

# What came since the last time: each once, and how often one came again.
arrived() {
	jq -c '[.path, .key, .body]' "$work/server.log" >"$1.all"
	: >"$work/server.log"
	sort -u "$1.all" >"$1.arrived"
	echo $(($(wc -l <"$1.all") - $(wc -l <"$1.arrived"))) >>"$work/again"
}
decided() {
	jq -r 'select(.status == "queued").messageId | ltrimstr("dlv_")' "$1/got" |
		sort
}
judge() {
	EMIT='--wait 20s' again "$1"
	arrived "$1"
	if ! cmp "$work/want/got" "$1/got" >>"$1/log" ||
	    ! cmp "$work/want.arrived" "$1.arrived" >>"$1/log" ||
	    cdp-store -s "$1/store" cat deliver | grep '"k":"q:' >>"$1/log"; then
		note "$1" bad "$2"
		diff "$work/want.arrived" "$1.arrived" | head -n 4
	else
		note "$1" ok
	fi
}

export EMIT=''
want
arrived "$work/want"
jq -r '.[1]' "$work/want.arrived" | sort >"$work/keys"
decided "$work/want" | cmp - "$work/keys" || exit 1
[ "$(wc -l <"$work/keys")" -ge 8 ] || exit 1
: >"$work/again"
for act in $acts; do
	d=$work/d n=1
	while fresh "$d" && rm -f "$d.mark" && harm cdp-emit $act $n "$d" &&
	    [ -e "$d.mark" ]; do
		judge "$d" "emit over HTTP, $act at call $n"
		n=$((n + step))
	done
done 2>/dev/null
awk '{ n += $1 } END { printf "HTTP: %d came twice, under one key\n", n }' \
    "$work/again"
tally "HTTP"
