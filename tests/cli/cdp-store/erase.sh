# Who cannot be erased, and what is said of it; the proof has no names.
cp -R "$top/share/examples/loja/." .
head -n 22 events.ndjson | cdp-ingest --until end | cdp-merge >/dev/null
cdp-store erase household:casa-7
echo "exit $?"
flock store/merge/LOCK cdp-store erase user_id:ana
echo "exit $?"
cdp-store cat merge | grep -c '"k":"x:'
cdp-store erase
echo "exit $?"
proof() {
	jq -c 'if .erased then .erased |= length else {log, dropped, replaced,
	    left} end'
}
printf '%s\n' 'phone:(11) 98765-4321' '' user_id:nobody |
	cdp-store erase --key-file - user_id:gabi | proof
cdp-store erase user_id:gabi user_id:nobody | proof
cdp-store cat --key-file x
