#!/bin/sh
# With nothing of ours: zstd unpacks every segment of a store, jq reads every
# line, and the newest states by key are those that cdp-store cat prints, as
# are the records; what is in FORMAT and MANIFEST is true.
cp -R "${top:?}/share/examples/loja" loja && cd loja || exit 1
bad=0
fail() {
	echo "$1"
	bad=1
}
# Many epochs, and a second run on top of the first.
while IFS= read -r line; do
	printf '%s\n' "$line"
	sleep 0.005
done <events.ndjson | cdp-ingest --rejects /dev/null | cdp-merge |
    cdp-audience | cdp-journey | cdp-emit >/dev/null
cdp-ingest --rejects /dev/null --until end events.ndjson | cdp-merge |
    cdp-audience | cdp-journey | cdp-emit >/dev/null

# The last PUT of a key wins; {"k":..,"del":1} takes it away.
newest='reduce inputs as $l ({};
	if $l.k == null then . elif $l.del then del(.[$l.k])
	else .[$l.k] = {k: $l.k, due: $l.due, v: $l.v} end) |
	to_entries | sort_by(.key) | .[].value'
# An input that no "out" line names was passed on as it is: one record.
count='reduce inputs as $l ({in: 0, out: 0, named: 0};
	if $l.in and ($l.k | not) then .in += $l.in[2] - $l.in[1] + 1
	elif $l.ids then .in += ($l.ids | rtrimstr("=") | rtrimstr("=") |
		length * 3 / 64 | floor)
	elif $l.out then ($l.out[1] - $l.out[0] + 1) as $n |
		.named += $n | .out += $n * $l.out[2]
	else . end) | [.in, .out + .in - .named]'
nlog=0
for log in store/*/; do
	name=$(basename "$log")
	cat "$log"*.seg | zstd -dcq >"$name.lines" ||
		fail "$name: zstd cannot unpack it"
	jq -e 'type == "object"' <"$name.lines" >types ||
		fail "$name: jq cannot read it"
	[ "$(wc -l <types)" -eq "$(wc -l <"$name.lines")" ] ||
		fail "$name: a line is no JSON object"
	cdp-store cat "$name" >"$name.cat"
	jq -nc "$newest" <"$name.lines" >"$name.theirs"
	jq -c 'select(.k) | {k, due, v}' <"$name.cat" >"$name.ours"
	cmp "$name.theirs" "$name.ours" || fail "$name: other states"
	[ -s "$name.ours" ] || [ "$name" = emit ] || fail "$name: no states"
	jq -nc "$count" <"$name.lines" >"$name.theirs"
	jq -nc 'reduce (inputs | select(.q)) as $l ([0, 0];
		.[0] += 1 | .[1] += ($l.out | length))' <"$name.cat" >"$name.ours"
	cmp "$name.theirs" "$name.ours" || fail "$name: other inputs"
	# What came out in full stands in both, in the same order.
	jq -c 'select(.line) | .line' <"$name.lines" >"$name.theirs"
	jq -c 'select(.q) | .out[] | select(.line) | .line' <"$name.cat" \
	    >"$name.ours"
	cmp "$name.theirs" "$name.ours" || fail "$name: other records"
	segs=$(find "$log" -name '*.seg' | wc -l)
	[ "$(jq -c 'select(.seg)' <"${log}MANIFEST" | wc -l)" -eq "$segs" ] ||
		fail "$name: MANIFEST names other segments"
	nlog=$((nlog + 1))
done
[ $nlog -eq 5 ] || fail "not five logs: $nlog"
[ "$(jq -s '.[0].cdp_store' <store/FORMAT)" = 1 ] || fail "FORMAT: no version"
[ $bad -eq 0 ] && echo "zstd and jq: $nlog logs read without us"
exit $bad
