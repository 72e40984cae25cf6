#!/bin/sh
# However the input arrives, in one piece or in crumbs with pauses that make
# the tool flush, the same bytes come out; and again when it is run again.
printf 'version: 1\nproject: {name: t}\nclock: {lateness: 1m, tick: 1m}\n' >cdp.yaml
awk 'BEGIN {
	for (i = 0; i < 14; i++)
		printf "{\"type\":\"track\",\"event\":\"A\",\"messageId\":\"m%d\"," \
		    "\"userId\":\"u\",\"timestamp\":\"2025-03-03T10:%02d:%02dZ\"}\n",
		    (i * 7) % 14, (i * 3) % 16, i
	printf "not json\n{\"torn\":"
}' >in
size=$(wc -c <in)
crumbs() {
	at=0 step=$1
	while [ $at -lt "$size" ]; do
		dd if=in bs=1 skip=$at count="$step" status=none
		at=$((at + step))
		[ $((at % 5)) -ne 0 ] || sleep 0.06
	done
}
cdp-ingest -s whole in >want 2>whole.err
[ -s want ] || exit 1
cdp-ingest -s cat <in >out 2>/dev/null
cmp want out || exit 1
for step in 97 211 640; do
	crumbs $step | cdp-ingest -s "s$step" >out 2>err
	cmp want out || exit 1
	sed 's/:stdin:/:in:/' err | cmp whole.err - || exit 1
	crumbs $((step + 6)) | cdp-ingest -s "s$step" 2>/dev/null | cmp want - ||
		exit 1
done
echo "chunks: the same bytes"
