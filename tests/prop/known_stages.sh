# What a stage knows by its bytes is as if it had been parsed: each of many
# inputs that repeat some of an earlier one, or pretend to, prints, counts and
# keeps the same with the file KNOWN and without it.
cp "$top/tests/bench/cdp.yaml" .
awk 'BEGIN {
	for (i = 0; i < 1500; i++) {
		t = i * 60
		e = i % 7 ? "Product Added" : "Order Completed"
		id = i % 90 ? "" : sprintf(",\"userId\":\"u%d\"", i % 40)
		printf "{\"type\":\"track\",\"messageId\":\"m-%d\"%s," \
		    "\"anonymousId\":\"a%d\",\"event\":\"%s\",\"timestamp\":" \
		    "\"2025-03-%02dT%02d:%02d:%02dZ\",\"properties\":" \
		    "{\"product_id\":\"p%d\",\"total\":%d,\"n\":\"ção \\\"%d\\\"\"}}\n",
		    (i * 7919) % 2503, id, (i * 31) % 200, e, 1 + t / 86400,
		    t / 3600 % 24, t / 60 % 60, t % 60, i % 13, i % 97, i
	}
}' >events
cdp-ingest -s st --until end events >in.merge || exit 1
cdp-merge -s st <in.merge >in.audience || exit 1
cdp-audience -s st <in.audience >in.journey || exit 1
cdp-journey -s st <in.journey >/dev/null || exit 1

again() { # STAGE STORE INPUT: prints, and counts in STORE.stats
	"cdp-$1" -s "$2" --stats=json --rejects "$2.rejects" --end=any <"$3" \
	    2>"$2.stats"
	echo $? >>"$2.stats"
	sed -i 's/"unread":[0-9]*,//; s/'"'[ab]'"'/S/' "$2.stats"
}
cases=0
same() { # STAGE STORE INPUT
	rm -rf a b a.* b.*
	cp -R "$2" a && cp -R "$2" b && rm -f b/"$1"/KNOWN
	again "$1" a "$3" >a.out
	again "$1" b "$3" >b.out
	cdp-store -s a cat "$1" >a.log
	cdp-store -s b cat "$1" >b.log
	for k in out stats log rejects; do
		cmp a.$k b.$k || { echo "$1, $2, $3: $k"; exit 1; }
	done
	cases=$((cases + 1))
}
for s in merge audience journey; do
	in=in.$s
	known=$(($(wc -c <st/$s/KNOWN) / 24))
	[ $known -ge 4 ] || { echo "$s knows $known stretches"; exit 1; }
	n=$(wc -l <$in)
	cp -R st a
	unread=$(cdp-$s -s a --stats=json <$in 2>&1 >/dev/null | jq .unread)
	[ "$unread" -ge $((n * 3 / 4)) ] ||
		{ echo "$s reads all but $unread of $n lines"; exit 1; }

	cp $in same
	cat $in $in >twice
	tail -n +133 $in >behind
	head -n 834 $in >before
	# Other words in known lines, valid and not; in place of known numbers.
	sed '700,1200s/"product_id":"p3"/"product_id":"p4"/' $in >changed
	sed '900s/"type"/"type/;1000s/.}}$//;1100s/^/[/' $in >broken
	sed 's/$/\r/' $in >returns
	jq -c 'if .type == "clock" then . else {x: 1} + . end' $in >jq
	awk 'NR % 500 == 0 { print "{\"type\":\"note\",\"n\":" NR "}" } 1' \
	    $in >noted
	# Lines under the numbers of others, and of nobody.
	awk '{ if (NR % 400 == 7) sub(/"n":[0-9]*}}$/, "\"n\":" NR + 3 "}}")
	    if (NR % 400 == 9) sub(/"o":"main/, "\"o\":\"other")
	    print }' $in >forged
	# The tail of another line within a string at the end of this one.
	awk 'NR % 300 == 5 && sub(/,"cdp":.*$/,
	    ",\"s\":\",\\\"cdp\\\":{\\\"o\\\":\\\"main.ingest\\\"," \
	    "\\\"n\\\":4}}\"}") { print; next } 1' $in >hidden
	for v in same twice behind before changed broken returns jq noted \
	    forged hidden; do
		same $s st $v
	done

	# The log is behind what is known: another, older, one, or none at all.
	rm -rf old new
	mkdir -m 700 old && cp st/FORMAT st/SECRET old && cp -R old new
	head -n $((n / 2)) $in | "cdp-$s" --end=any -s old >/dev/null
	cp st/$s/KNOWN old/$s/KNOWN
	same $s old $in
	mkdir -m 700 new/$s
	cp st/$s/KNOWN new/$s/KNOWN
	same $s new $in

	# Whatever stands in the file.
	for how in 'printf x >>' 'truncate -s 7' 'truncate -s 50' \
	    'dd if=/dev/urandom bs=16 count=9 conv=notrunc status=none of=' \
	    'chmod 0'; do
		rm -rf bad
		cp -R st bad
		case $how in
		*=) eval "${how}bad/$s/KNOWN" ;;
		*) eval "$how bad/$s/KNOWN" ;;
		esac
		same $s bad $in
	done
done

echo "$cases inputs are the same with what is known and without"
