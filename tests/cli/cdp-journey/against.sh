# Half an hour becomes a whole one: some are spared, the others hear later.
cp -R "$top/share/examples/loja/." .
mkdir ../was.$$
cp -R . ../was.$$
cdp-ingest -n --until end --rejects /dev/null --max-rejects 9 events.ndjson >clean
cdp-journey --against ../was.$$ clean
echo "the same: $?"
sed -i 's/hold: 30m/hold: 60m/; s/{percent: 50/{percent: 100/' journeys/cart.yaml
cdp-journey --against ../was.$$ clean
echo "another: $?"
# What later stages have added changes nothing.
cdp-merge -n <clean | cdp-audience -n | cdp-journey --against ../was.$$ | head -n 2
cdp-journey --against nowhere clean
echo "none: $?"
ls store 2>/dev/null
rm -r ../was.$$
