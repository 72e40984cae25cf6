# Who is known late ends where he would be had he been known from the start:
# real events, each person's spread over three cookies until the cookies are
# named; all kinds of traits, in windows and not, and audiences over events.
data=$top/../shared/data/eventsim.ndjson.zst
[ -r "$data" ] || { echo "no ../shared/data"; exit 77; }
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
identity: {identifiers: {user_id: {limit: 1}, anonymous_id: {limit: 5}}}
traits:
  songs: {count: true, event: Song Played}
  songs_3d: {count: true, event: Song Played, within: 3d}
  heard: {sum: properties.length, event: Song Played, within: 10d}
  longest: {max: properties.length, event: Song Played}
  mean: {avg: properties.length, event: Song Played}
  first: {first: properties.song, event: Song Played}
  last: {last: properties.song, event: Song Played}
  artist: {most_frequent: properties.artist, event: Song Played, within: 20d}
  artists: {unique_count: properties.artist, event: Song Played}
  recent: {list: properties, event: Song Played, key: properties.song, keep: 5}
audiences:
  many: {when: {event: Song Played, within: 20d, count: {gte: 60}}}
  lately: {when: {all: [{event: Song Played, within: 2d}, {trait: songs, gt: 80}]}}
  again: {when: {event: Song Played, where: {properties.length: {gt: 500}}, within: 25d, count: {gte: 2}}}
END
zstd -dcq "$data" | jq -c -n '
	[inputs | . + {who: (.userId // .anonymousId)} | del(.userId, .anonymousId)] |
	(group_by(.who) | map({key: .[0].who, value: length}) | from_entries) as $n |
	foreach .[] as $e ({}; .[$e.who] += 1; $e + {i: .[$e.who], n: $n[$e.who]})' >all
jq -c '.i as $i | .n as $n | .who as $w | del(.i, .n, .who) |
	if $n < 30 or $i > $n * 2 / 3 + 3 then .userId = $w
	elif $i > $n * 2 / 3 then .userId = $w | .anonymousId = "\($w)-\($i % 3)"
	else .anonymousId = "\($w)-\($i % 3)" end' all >late
jq -c '.userId = .who | del(.i, .n, .who)' all >early
for f in late early; do
	cdp-ingest -s "s.$f" $f | cdp-merge -s "s.$f" --sync=none | cdp-audience -s "s.$f" |
		jq -c -n 'reduce inputs as $l ({};
			if $l.type == "merge" then del(.[$l.from])
			elif $l.profile.id then .[$l.profile.id] = $l.profile else . end) |
			[.[] | {who: .identifiers.user_id[0], traits, audiences}] | sort_by(.who)[]' >$f.end
	grep -q '"many":true' $f.end || exit 1
done
cmp late.end early.end || { diff late.end early.end | head -n 4; exit 1; }
echo "known_late: $(wc -l <late.end) people, $(jq -r '.audiences | keys[]' late.end | wc -l) memberships"
