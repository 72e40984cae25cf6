#!/bin/sh
# On real events: what comes out is the input sorted by (timestamp, message
# id), byte for byte; of events without any id none comes in.
data=$(dirname "$0")/../../../shared/data
[ -e "$data/ga360_sample.ndjson.zst" ] || { echo "no ../shared/data"; exit 77; }
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
for name in ga360_sample olist; do
	zstd -qdc "$data/$name.ndjson.zst" >in
	# Timestamps of one width sort as text; awk finds the first of each name.
	awk '{
		match($0, /"timestamp":"[^"]*"/)
		t = substr($0, RSTART + 13, RLENGTH - 14)
		match($0, /"messageId":"[^"]*"/)
		print t "\t" substr($0, RSTART + 13, RLENGTH - 14) "\t" $0
	}' in | LC_ALL=C sort -t "$(printf '\t')" -s -k 1,1 -k 2,2 |
		cut -f 3- >want
	cdp-ingest -n in >out || exit 1
	grep -v '^{"type":"clock"\|^{"type":"end"' out |
		sed 's/,"cdp":{"o":"main.ingest","n":[0-9]*}}$/}/' | cmp - want ||
		exit 1
done
printf 'ingest: {event: 1MB}\n' >>cdp.yaml # an order may have a thousand lines
zstd -qdc "$data/uci_guest.ndjson.zst" |
	cdp-ingest -n --rejects bad --stats=json >out 2>stats
[ $? -eq 1 ] || exit 1
grep -q '"in":3707,"out":0,"rejected":3707,.*"by_code":{"no_user_anon_id":3707}' \
	stats || exit 1
[ "$(wc -l <bad)" -eq 3707 ] || exit 1
echo "real: $(wc -l <want) events as sort has them"
