# The index of sealed events has at most 24 bytes an id, all counted.
echo 'version: 1' >cdp.yaml
awk 'BEGIN { for (i = 0; i < 100000; i++)
	printf "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u%d\"," \
	    "\"messageId\":\"m%d\",\"timestamp\":\"2026-03-01T%02d:%02d:%02d.%03dZ\"}\n",
	    i % 700, i, i / 3600000, i / 60000 % 60, i / 1000 % 60, i % 1000 }' >in
export CDP_STORE=s
cdp-ingest -q in >out
cdp-store compact ingest >told
rm s/ingest/KNOWN
cat s/ingest/*.idx | wc -c |
    awk '{ print $1 <= 24 * 100000 ? "at most 24" : $1 / 100000 }'
cdp-ingest -q in | cmp - out && cdp-store verify >told || cat told
