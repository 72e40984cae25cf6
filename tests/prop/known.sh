# What is known by its bytes is as if it had been read: each of many inputs
# that repeat some of an earlier one prints, counts and keeps the same with
# the file KNOWN and without it.
cat >cdp.yaml <<'E'
version: 1
project: {name: known}
clock: {lateness: 10m, tick: 1m}
identity:
  identifiers:
    user_id: {from: userId}
    anonymous_id: {from: anonymousId}
E
# 6,500 events, some out of order, late and twice; in each 500 some of a sort of
# their own: spaced, rejected, in a body, without an id, with names where a look
# goes wrong.  The last are plain.
make_events() {
	awk -v seed="$1" 'function rnd(n) {
		seed = (seed * 1103515245 + 12345) % 2147483648
		return int(seed / 65536) % n
	}
	BEGIN {
		for (i = 0; i < 6500; i++) {
			t = i * 7 + (rnd(5) ? 0 : rnd(900))
			if (!rnd(200))
				t = rnd(20000)
			ts = sprintf("2025-03-%02dT%02d:%02d:%02d.%03dZ",
			    1 + t / 86400, t / 3600 % 24, t / 60 % 60, t % 60,
			    rnd(1000))
			id = sprintf("%s-%05d", rnd(1000000), i)
			e = sprintf("\"messageId\":\"%s\",\"userId\":\"u%d\"," \
			    "\"timestamp\":\"%s\"", id, rnd(50), ts)
			k = rnd(250) ? 99 : int(i / 500)
			if (k == 0)
				print "{\"type\":\"page\"," e " }"
			else if (k == 1)
				print "{\"type\": \"track\", \"event\": \"A\", " \
				    "\"messageId\": \"" id "\", \"userId\": " \
				    "\"u\", \"timestamp\": \"" ts "\"}"
			else if (k == 2)
				print "{\"batch\":[{\"type\":\"page\"," e "}]}"
			else if (k == 3)
				print "{\"type\":\"page\",\"userId\":\"u\"," \
				    "\"timestamp\":\"" ts "\"}"
			else if (k == 4)
				print "{\"type\":\"page\",\"properties\":" \
				    "{\"messageId\":\"x\",\"timestamp\":1}," e "}"
			else if (k == 5)
				print "{\"type\":\"page\"," e ",\"cdp\":{\"o\":\"x\",\"n\":1}}"
			else if (k == 6)
				print "{\"type\":\"page\"," e ",\"late\":true}"
			else if (k == 7)
				print "{\"type\":\"page\"," e
			else if (k == 8)
				print ""
			else if (k == 9)
				print "{\"type\":\"page\"," e ",\"receivedAt\":\"" ts "\"}"
			else if (k == 10)
				print "{\"type\":\"object\",\"collection\":\"c\",\"id\":\"" id "\"}"
			else if (k == 11)
				print "{\"type\":\"page\",\"x\\\"messageId\":\"y\"," e " }"
			else {
				line = "{\"type\":\"page\"," e ",\"properties\":" \
				    "{\"a\":\"" rnd(9) "\"}}"
				print line
				if (!rnd(60))
					print line
			}
		}
	}'
}
ingest() { # STORE INPUT WAY: prints, and counts in STORE.stats
	case $3 in
	file) set -- "$1" "$2" "$3" "$2" ;;
	pipe) set -- "$1" "$2" "$3" - ;;
	esac
	(dd if="$2" bs="${bs:-7000}" 2>/dev/null) |
		cdp-ingest -s "$1" --until end --stats=json ${opts:-} \
		    --rejects "$1.rejects" "$4" 2>"$1.stats"
	echo $? >>"$1.stats"
	sed -i 's/"unread":\([0-9]*\),\{0,1\}//; s/,}/}/' "$1.stats"
}
make_events 1 >one
make_events 2 >two
cdp-ingest -s st --until end --rejects /dev/null one >first 2>/dev/null
[ $(($(wc -c <st/ingest/KNOWN) / 24)) -ge 5 ] || { echo "nothing known: $(wc -c <st/ingest/KNOWN)"; exit 1; }

# Is it of use at all?
n=$(cp -R st again && cdp-ingest -s again --until end --stats=json \
    --rejects /dev/null one 2>&1 >second | jq '.unread // 0')
[ "$n" -ge 700 ] || { echo "only $n lines were known"; exit 1; }
cmp first second || exit 1

printf '%s\n' '{"type":"suppress","userId":"u3","timestamp":"2025-03-01T00:30:00Z"}' >hush
cp one same
tail -n +38 one >behind
head -n 2345 one >before
{ sed -n '1,500p' one; sed -n '1,40p' two; sed -n '501,$p' one; } >between
paste -d '\n' one two >woven
cat one one >twice
sed '700s/u[0-9]*/nobody/;800d' one >changed
{ sed -n '1s/2025/2024/;1s/[0-9]*-00/old/;1p' one; sed -n '4500,$p' one; } >older
sed 's/$/\r/' one >returns
cat hush one >hushed
{ sed -n '1,1500p' one; cat hush; sed -n '1501,$p' one; } >later
printf '%s' "$(cat one)" >torn
cases=0
for v in same behind before between woven twice changed older returns hushed later \
    torn; do
	for way in file pipe; do
		case $way$v in pipe[!sbt]*) continue ;; esac
		rm -rf a b a.* b.*
		cp -R st a && cp -R st b && rm b/ingest/KNOWN
		[ $way = pipe ] && bs=500000
		ingest a $v $way >a.out
		ingest b $v $way >b.out
		cdp-store -s a cat ingest >a.log
		cdp-store -s b cat ingest >b.log
		for k in out stats log rejects; do
			cmp a.$k b.$k || { echo "$v, $way: $k"; exit 1; }
		done
		cases=$((cases + 1))
	done
done

# Events under ids that had come with another content: all their bytes become
# known, but not what the log has under those ids.
rm -rf a b a.* b.* st2
sed 's/"a":"[0-4]"/"a":"x"/' one >other
cdp-ingest -s st2 --until end --rejects /dev/null other >/dev/null 2>&1
cdp-ingest -s st2 --until end --rejects /dev/null one >/dev/null 2>&1
cp -R st2 a && cp -R st2 b && rm b/ingest/KNOWN
ingest a one file >a.out
ingest b one file >b.out
for k in out stats rejects; do
	cmp a.$k b.$k || { echo "conflicts: $k"; exit 1; }
done
cases=$((cases + 1))

# Another source: not one line is known, though all bytes are.
for opts in '--source other' '-n'; do
	rm -rf a b a.* b.*
	cp -R st a && cp -R st b && rm b/ingest/KNOWN
	ingest a one file >a.out
	ingest b one file >b.out
	cmp a.out b.out && cmp a.stats b.stats || { echo "$opts"; exit 1; }
	cases=$((cases + 1))
done
opts=

# A source that each line says, but those that say one of their own.
sed '1500,1510s/"userId"/"sourceId":"own","userId"/' one >sourced
cdp-ingest --source web -s st3 --until end --rejects /dev/null sourced \
    >/dev/null 2>&1
rm -rf again
n=$(cp -R st3 again && cdp-ingest --source web -s again --until end --stats=json \
    --rejects /dev/null sourced 2>&1 >/dev/null | jq '.unread // 0')
[ "$n" -ge 700 ] || { echo "only $n lines of a source were known"; exit 1; }
for opts in '--source web' '--source other' ''; do
	for v in sourced one woven; do
		rm -rf a b a.* b.*
		cp -R st3 a && cp -R st3 b && rm b/ingest/KNOWN
		ingest a $v file >a.out
		ingest b $v file >b.out
		for k in out stats rejects; do
			cmp a.$k b.$k || { echo "$opts, $v: $k"; exit 1; }
		done
		cases=$((cases + 1))
	done
done
opts=

# Lines that end in a carriage return, which is no part of them.
rm -rf a b a.* b.* st4
ingest st4 returns file >/dev/null
cp -R st4 a && cp -R st4 b && rm b/ingest/KNOWN
ingest a returns file >a.out
ingest b returns file >b.out
cmp a.out b.out || { echo "carriage returns"; exit 1; }
cases=$((cases + 1))

# Whatever stands in the file.
for how in 'printf x >>' 'truncate -s 7' 'truncate -s 50' \
    'dd if=/dev/urandom bs=16 count=9 conv=notrunc status=none of=' \
    'rm -f' 'chmod 0'; do
	rm -rf a a.*
	cp -R st a
	case $how in
	*=) eval "${how}a/ingest/KNOWN" ;;
	*) eval "$how a/ingest/KNOWN" ;;
	esac
	ingest a one file >a.out
	cmp a.out first || { echo "$how"; exit 1; }
	cases=$((cases + 1))
done
echo "$cases inputs are the same with what is known and without"
