# Sending is another act than deciding: what was only decided is still sent,
# once, by each of two runs that are told to send.
. "$top/tests/cli/cdp-emit/lib.inc"
yes='{"Marketing":true}'
{
	activation email send hi '{"name":"a","price":1}' "$yes"
	activation sms send sms '{"name":"b"}' "$yes"
	activation email send hi '{"name":"c","price":2}' "$yes"
	activation archive send sms '{"name":"d"}' "$yes"
	end
} >in
cdp-emit in | jq -r '.status // .type'
cdp-emit --deliver -n in | jq -r '.status // .type'
find out 2>/dev/null
echo "-- only the archive"
cdp-emit --deliver --only archive in | jq -r '.status // .type'
echo "-- all"
cdp-emit --deliver in >one
echo "status $?"
cdp-emit --deliver in | cmp - one && jq -r '.status // .type' one
find out -type f | LC_ALL=C sort
cat out/email/*.ndjson out/archive/*.ndjson
echo "-- a second input"
n=4
{
	activation email send hi '{"name":"e","price":3}' "$yes"
	end
} | cdp-emit --deliver | jq -r '.status // .type'
find out -type f | LC_ALL=C sort
