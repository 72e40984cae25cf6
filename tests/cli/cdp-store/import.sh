# A store as text and back: both mean the same, and the pipeline goes on where
# it was; what is cut short, damaged or in the way is said.
cp -R "$top/share/examples/loja/." .
head -n 30 events.ndjson | cdp-ingest -q | cdp-merge | cdp-audience |
    cdp-journey | cdp-emit >/dev/null
cdp-store export --format=dump >dump
cdp-store cat >before.cat
jq -c 'keys_unsorted' dump | sort | uniq -c | sed 's/^ *[0-9]* //'
cdp-store -s moved import dump && cdp-store -s piped import <dump
find moved ! -perm 600 ! -perm 700
for s in store moved piped; do
	cdp-store -s $s cat | cmp before.cat -
	cdp-store -s $s verify >/dev/null
	cdp-store -s $s export --format=dump | cmp - dump
	cdp-ingest -q -s $s --until end events.ndjson | cdp-merge -s $s |
	    cdp-audience -s $s | cdp-journey -s $s | cdp-emit -s $s >$s.out
	cmp store.out $s.out
	cdp-store -s $s cat >$s.cat
	cmp store.cat $s.cat
done
wc -l <moved.out
tail -n 1 moved.out
try() {
	cdp-store -s new import "$@"
	echo "status $?"
	rm -rf new new.import
}
echo "== in the way"
cdp-store -s moved import dump
echo "status $?"
mkdir new.import
try dump
mkdir new
try dump
echo "== cut short, changed"
head -n 40 dump | try
sed 40d dump | try
sed '$s/end":/end":1/' dump | try
sed '1s/dump":1/dump":2/' dump | try
sed '1s/secret":"[0-9a-f][0-9a-f]/secret":"00/' dump | try
sed '2s/ingest/..\/x/' dump | try
sed '4s/^./x/' dump | try
sed '4s/"out":/"in":["main.x",7],&/; 5s/"q"/"nothing"/' dump | try
cat dump dump | try
try events.ndjson
try nowhere.ndjson
: | try
cdp-store export --format=dump user_traits
echo "status $?"
