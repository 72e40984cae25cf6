#!/bin/sh
# cdp-store export --format=csv goes into a real PostgreSQL, of this test's
# own and on a socket in its directory; what joins there is what cdp-store get
# says.  Skipped where PostgreSQL is not installed.
skip() {
	echo "$1"
	exit 77
}
for d in /usr/lib/postgresql/*/bin; do
	[ -x "$d/initdb" ] && bin=$d
done
[ -n "${bin:-}" ] && command -v psql >/dev/null ||
	skip "PostgreSQL is not installed"
work=$(mktemp -d /tmp/cdp-pg.XXXXXX) || exit 1 # a socket's path is short
stop() {
	[ ! -e "$work/db/postmaster.pid" ] ||
	    as "$bin/pg_ctl" -D "$work/db" -m immediate stop >/dev/null 2>&1
	rm -rf "$work"
}
trap stop EXIT
if [ "$(id -u)" -eq 0 ]; then # which the server refuses to run as
	id postgres >/dev/null 2>&1 || skip "there is no user postgres"
	chown postgres "$work"
	as() (
		cd "$work" && setpriv --reuid=postgres --regid=postgres \
		    --clear-groups "$@"
	)
else
	as() { "$@"; }
fi
as "$bin/initdb" -D "$work/db" -N -A trust -U cdp -E UTF8 --locale=C \
    >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
opts="-c fsync=off -c shared_buffers=1MB -c max_connections=5"
as "$bin/pg_ctl" -D "$work/db" -w -s -l "$work/server" \
    -o "-k $work -h '' $opts" start ||
	{ cat "$work/server"; exit 1; }
sql() {
	psql -h "$work" -U cdp -d postgres -X -q -A -t -F '|' \
	    -v ON_ERROR_STOP=1 "$@"
}

cp -R "${top:?}/share/examples/loja/." .
cat >more.ndjson <<'X'
{"type":"track","event":"Page Seen","messageId":"x1","timestamp":"2026-03-04T10:00:00Z","anonymousId":"s1"}
{"type":"track","event":"Page Seen","messageId":"x2","timestamp":"2026-03-04T10:01:00Z","anonymousId":"s2"}
{"type":"identify","messageId":"x3","timestamp":"2026-03-04T10:02:00Z","userId":"xenia","anonymousId":"s3","traits":{"note":"a, \"b\"\nc\\.","empty":"","vip":true}}
{"type":"identify","messageId":"x4","timestamp":"2026-03-04T10:03:00Z","anonymousId":"s2","traits":{"email":"two@example.com"}}
{"type":"identify","messageId":"x5","timestamp":"2026-03-04T10:04:00Z","anonymousId":"s1","traits":{"email":"two@example.com"}}
{"type":"identify","messageId":"x6","timestamp":"2026-03-04T10:05:00Z","userId":"xenia","traits":{"email":"two@example.com"}}
X
cat events.ndjson more.ndjson | cdp-ingest --rejects /dev/null |
    cdp-merge >merged
cdp-store export --format=csv --dir=csv || exit 1
sql <<'X' || exit 1
CREATE TABLE user_traits (canonical_segment_id text, name text, value text,
	seq bigint, "timestamp" timestamptz, triggering_event_id text);
CREATE TABLE user_identifiers (canonical_segment_id text, type text,
	value text, seq bigint, "timestamp" timestamptz);
CREATE TABLE id_graph_updates (segment_id text, canonical_segment_id text,
	triggering_event_type text, triggering_event_id text,
	"timestamp" timestamptz, seq bigint);
CREATE TABLE profile_merges (canonical_segment_id text, segment_id text,
	triggering_event_id text, "timestamp" timestamptz, seq bigint);
\copy user_traits FROM csv/user_traits.csv CSV HEADER
\copy user_identifiers FROM csv/user_identifiers.csv CSV HEADER
\copy id_graph_updates FROM csv/id_graph_updates.csv CSV HEADER
\copy profile_merges FROM csv/profile_merges.csv CSV HEADER
CREATE VIEW id_graph AS SELECT DISTINCT ON (segment_id) segment_id,
	canonical_segment_id FROM id_graph_updates
	ORDER BY segment_id, seq DESC;
X
bad=0
same() { # WHAT GOT WANT
	[ "$2" = "$3" ] && return
	printf '%s: PostgreSQL has\n%s\ncdp-store has\n%s\n' "$1" "$2" "$3"
	bad=1
}
states() {
	cdp-store cat merge | jq -r "select(.k) | $1"
}

same "people" "$(sql -c 'SELECT count(DISTINCT canonical_segment_id)
    FROM id_graph')" "$(states 'select(.v.born?) | .k' | wc -l)"
same "identifiers" "$(sql -c "SELECT 'i:' || type || ':' || value
    || ' ' || canonical_segment_id FROM user_identifiers ORDER BY 1")" \
    "$(states 'select(.k | startswith("i:")) | .k' | while read -r k; do
	echo "$k $(cdp-store get "${k#i:}" | jq -r .k)"
done | sort)"
# Every profile that was ever printed leads, by the graph, to where it is now.
same "the graph" "$(sql -c 'SELECT segment_id, canonical_segment_id
    FROM id_graph ORDER BY 1')" \
    "$(jq -r '.profile.id // empty' <merged | sort -u | while read -r id; do
	echo "$id|$(cdp-store get "$id" | jq -r .k)"
done)"
same "merges" "$(sql -c 'SELECT m.segment_id, m.canonical_segment_id
    FROM profile_merges m JOIN id_graph g USING (segment_id,
    canonical_segment_id) ORDER BY m.seq')" \
    "$(jq -r 'select(.type == "merge") | .from' <merged |
	while read -r id; do
		echo "$id|$(cdp-store get "$id" | jq -r .k)"
	done)"
# Traits as the last line about each person has them; and found by e-mail.
same "traits" "$(sql -c "SELECT json_build_object('i', canonical_segment_id,
    'n', name, 'v', value) FROM user_traits" | jq -c '[.i, .n, .v]' | sort)" \
    "$(jq -nr '[inputs | select(.profile) | .profile] |
	(map(.merged // []) | add) as $gone | reduce .[] as $p ({};
	.[$p.id] = $p.traits) | delpaths([$gone[] | [.]]) | to_entries[] |
	.key as $i | .value | to_entries[] | [$i, .key, (.value |
	if type == "string" then . else tojson end)] | tojson' <merged | sort)"
same "a join" "$(sql -c "SELECT t.name, t.value = E'a, \"b\"\nc\\\\.',
    t.timestamp AT TIME ZONE 'UTC', e.value IS NULL, e.value = ''
    FROM user_identifiers i JOIN user_traits t USING (canonical_segment_id)
    JOIN user_traits e USING (canonical_segment_id)
    WHERE i.type = 'email' AND i.value = 'two@example.com'
    AND t.name = 'note' AND e.name = 'empty'")" "note|t|2026-03-04 10:02:00|f|t"
same "merged" "$(sql -c 'SELECT count(*) FROM profile_merges')" 3

# And the other way: what a table holds comes into the same profiles.
sql <<'X' || exit 1
CREATE TABLE customers (customer_id text, first_name text, email text,
	phone text, loyalty_tier text, points int, updated_at timestamptz);
INSERT INTO customers VALUES
	('xenia', E'Xê\n"nia", X.', 'xenia@example.com', NULL, 'gold', 7,
	    '2026-03-05 10:00:00+00'),
	('new', NULL, 'TWO@example.com', '(11) 98765-0000', NULL, NULL,
	    '2026-03-05 10:00:01.5+00');
X
crm() {
	PGTZ=UTC psql -h "$work" -U cdp -d postgres -X --csv \
	    -c 'SELECT * FROM customers ORDER BY 1' |
	    cdp-ingest --source crm "$@"
}
crm | tee first | cdp-merge >more || exit 1
same "rows" "$(jq -c 'select(.type == "identify") | [.userId, .timestamp,
    .traits]' <more | sort)" \
    '["new","2026-03-05 10:00:01.5+00",{"email":"TWO@example.com","phone":"(11) 98765-0000"}]
["xenia","2026-03-05 10:00:00+00",{"email":"xenia@example.com","firstName":"Xê\n\"nia\", X.","loyalty_tier":"gold","points":7}]'
same "the profile" "$(cdp-store get user_id:xenia | jq -c '.v.traits |
    [.email, .loyalty_tier, .points, .note] | map(.[2])')" \
    "$(sql -c "SELECT json_build_array(c.email, loyalty_tier, points, t.value)
	FROM customers c, user_traits t WHERE customer_id = 'xenia'
	AND t.name = 'note'" | jq -c .)"
crm >again
same "a second time" "$(cat again)" "$(cat first)"
[ $bad -eq 0 ] && echo "postgres: loaded and joined, and read"
exit $bad
