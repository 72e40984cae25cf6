# What the libraries of Segment and RudderStack sent over HTTP, and the sample
# messages of Segment's documentation: every event passes or has its code, and
# nothing that was in one is gone.
dir=$top/../shared/data/sdk
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
[ -d "$dir" ] || { echo "sdk: ../shared/data/sdk is not there"; exit 77; }
printf 'version: 1\nproject: {name: t}\n' >cdp.yaml
bad=0
say() {
	echo "sdk: $*"
	bad=1
}

# Each event of the bodies, and what its body says of all, is in the output.
jq -r .body "$dir/sdk-requests.ndjson" >bodies
cdp-ingest -s a --stats=json bodies >out 2>stats || say "exit $?"
jq -c '.batch[].messageId' bodies | sort >want
jq -c '.messageId // empty' out | sort >have
cmp want have || say "not the events that were sent"
jq -c '. as $b | .batch[] | .sentAt //= $b.sentAt' bodies | sort >want
jq -c 'select(.messageId) | del(.cdp, .timestamp)' out >have
while read -r event; do
	id=$(printf '%s' "$event" | jq -c .messageId)
	printf '%s' "$event" | jq -cS 'del(.timestamp)' >one
	grep -F "$id" have | jq -cS 'del(.originalTimestamp)' >two
	printf '%s' "$event" | jq -e .originalTimestamp >/dev/null &&
		jq -cS 'del(.originalTimestamp)' one >tmp && mv tmp one
	cmp one two || say "$id is not what was sent"
done <want
[ "$(jq -c '[.in, .out, .rejected, .duplicates]' stats)" = '[9,9,0,0]' ] ||
	say "counts $(cat stats)"

# The Go library's fixtures all have one of two ids: the others are conflicts.
cdp-ingest -q -s b --rejects bad.ndjson --stats=json \
	"$dir/analytics-go_fixture_batches.ndjson" >out 2>stats
tail -n 1 stats >one
[ "$(jq -c '[.in, .out, .rejected, .duplicates]' one)" = '[14,2,8,4]' ] ||
	say "counts $(cat stats)"
jq -c 'select(.messageId) | .context.library.name' out | sort -u >have
[ "$(cat have)" = '"analytics-go"' ] || say "no context of the body"

# What Segment's browser library says of events.  It wants properties and
# traits, which its own API does not; an alias without a userId names nobody.
cases=$top/../shared/cases/segment-sdk-validation/event-validation.ndjson
differ='analytics-next/2 analytics-next/12 analytics-next/14 analytics-next/15 analytics-next/16'
while read -r line; do
	name=$(printf '%s' "$line" | jq -r .case)
	want=$(printf '%s' "$line" | jq -r 'if .expected == "ok" then 1 else 0 end')
	have=$(printf '%s' "$line" | jq -c '.input |
	    if type == "object" then . + {timestamp: "2025-03-03T10:00:00Z"} else . end' |
		cdp-ingest -n -q --stats=json 2>&1 >/dev/null | jq .out)
	case " $differ " in *" $name "*) want=$((1 - want)) ;; esac
	[ "$have" = "$want" ] || say "$name: $have passed, not $want"
done <"$cases"

cdp-ingest -q -s c --rejects bad.ndjson --stats=json \
	"$dir/segment-docs_messages.ndjson" >out 2>stats
jq -e '.in == .out + .rejected + .duplicates' stats >/dev/null ||
	say "counts $(cat stats)"
[ "$(jq .in stats)" -eq "$(wc -l <"$dir/segment-docs_messages.ndjson")" ] ||
	say "an event was not counted"
exit $bad
