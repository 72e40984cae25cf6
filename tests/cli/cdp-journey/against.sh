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
# What is said, to whom, and who is in which set.
cp ../was.$$/journeys/cart.yaml journeys
sed -i 's/espera por você/já vai embora/; s/unknown: deny/unknown: allow/' messages.yaml
sed -i 's/gold, platinum/platinum/' audiences.yaml
cdp-journey --against ../was.$$ clean | grep -v -e '-> [0-9]*$'
echo "content: $?"
cp ../was.$$/*.yaml .
# Those who are on their way in a store: only "migrate" changes anything.
grep -v -e '2026-03-0[3-9]' -e '"9999' clean | cdp-merge -q --end=any | cdp-audience -q | cdp-journey -q >/dev/null
sed -i 's/until: 24h/until: 30h/' journeys/cart.yaml
cdp-journey -s store --against ../was.$$ </dev/null
echo "on their way: $?"
sed -i 's/^    steps:/    migrate: {day: late}\n    steps:/; s/id: day, until: 30h/id: late, until: 30h/; s/goto: day/goto: late/; s/then: day/then: late/' journeys/cart.yaml
cdp-journey -s store --against ../was.$$ </dev/null
echo "moved: $?"
cdp-journey -s none --against ../was.$$ </dev/null
echo "no store: $?"
rm -r ../was.$$
