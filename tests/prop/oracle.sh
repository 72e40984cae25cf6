# Carts opened, converted, abandoned and left open on real events, cart by
# cart with both times, as independent scripts have counted them.
data=$top/../shared/data
[ -r "$data/ga360_sample.ndjson.zst" ] || { echo "no ../shared/data"; exit 77; }

# One line a cart: mode, window, person, start, outcome, end.
carts() {
	grep -E '^\{"type":"(activation|clock)"' | jq -r -n '
	def ms: (.[0:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber);
	reduce inputs as $a ({};
	    if $a.type == "clock" then .last = ($a.now | ms)
	    elif $a.action == "open" then .cart[$a.instance] =
	        ($a.journey | split("_")) +
	        [$a.event.anonymousId // $a.event.userId, ($a.timestamp | ms)]
	    else .cart[$a.instance] +=
	        [if $a.why[-1] | startswith("exit bought") then "converted"
	         else $a.why[-1] | ltrimstr("ended: ") end,
	         ($a.timestamp | ms)] end) |
	.last as $last | .cart[] |
	if length == 4 then . + ["censored", $last] else . end | @tsv'
}

for f in ga360_sample taobao_sample; do
	export CDP_PROJECT="$top/tests/data/oracle" CDP_STORE=store.$f
	zstd -dc "$data/$f.ndjson.zst" | cdp-ingest | cdp-merge |
		cdp-journey --stats=json >out.$f 2>stats.$f || exit 1
	carts <out.$f | sort >got.$f
	zstd -dc "$data/oracle/${f}_journeys.tsv.zst" | sort >want.$f
	diff want.$f got.$f >diff.$f || { head -n 20 diff.$f; exit 1; }
	# C is there in numbers only.
	jq -c '.journeys | to_entries[] | select(.key[0:1] == "C") | [.key,
	    (.value | .outcomes.converted, .outcomes.abandoned, .running)]' \
	    stats.$f | sort >got_c
	jq -c 'to_entries[] | select(.key[0:2] == "C_") | [.key,
	    (.value | .bought, .not_bought, .censored)]' \
	    "$data/oracle/$f.json" | sort >want_c
	diff want_c got_c || exit 1
done
echo "oracle: $(cat got.* | wc -l) carts of 9 journeys on 2 files, and those of 3 counted, all equal"
