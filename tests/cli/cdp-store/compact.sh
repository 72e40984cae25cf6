# What lines caused is kept for a day before the newest: what is older prints
# nothing when it comes again, and says so.
cp -R "$top/share/examples/loja/." .
head -n 50 events.ndjson >events
head -n 12 events >first
cdp-ingest first 2>/dev/null >i
cdp-merge <i >merged
cdp-ingest --until end events 2>/dev/null >i
cdp-merge <i >all
cdp-store compact --outputs-older-than 1d merge |
	sed 's/[0-9][0-9]* bytes/N bytes/; s/were [0-9]*/were N/'
cdp-merge --stats=json <i 2>stats >again
sed 's/,"by_code.*/}/' stats
grep -c . all
grep -c . again
grep -vxFf all again
cdp-store cat merge | jq -c 'select(.gone)' | head -n 2
cdp-store compact --outputs-older-than soon
echo $?
cdp-store cat --ids-older-than 1d 2>&1 | head -n 1
cdp-store compact nothing
echo $?
# The name of a store stands in what its filters print.
cdp-store -s other init --id south
cdp-store -s other init --id south
cdp-store -s other init --id north
echo $?
cdp-store -s third init --id 'a b'
echo $?
cdp-ingest -s other first 2>/dev/null | jq -c .cdp | head -n 1
