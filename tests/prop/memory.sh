#!/bin/sh
# Holding nobody in memory, each stage prints the bytes and keeps the states
# that it does with room for all: on the example, and on real events if they
# are beside the checkout.
bad=0
same() { # EVENTS
	for mem in 1G 0; do
		in=$1
		for s in ingest merge audience journey; do
			opts="--memory $mem"
			[ $s = ingest ] && opts='--rejects /dev/null --until end'
			# shellcheck disable=SC2086
			cdp-$s -s store.$mem $opts <"$in" >$mem.$s
			in=$mem.$s
			cdp-store -s store.$mem cat $s >$mem.dump.$s
		done
	done
	for s in merge audience journey; do
		cmp 1G.$s 0.$s && cmp 1G.dump.$s 0.dump.$s || bad=1
	done
	rm -rf store.*
}
cp -R "$top/share/examples/loja" loja && cd loja || exit 1
same events.ndjson
sample=$top/../shared/data/ga360_sample.ndjson.zst
if [ -e "$sample" ]; then
	cp "$top/tests/bench/cdp.yaml" .
	zstd -dcq "$sample" | head -n 5000 >sample
	same sample
fi
[ $bad -eq 0 ] && echo "memory: nothing held, nothing different"
exit $bad
