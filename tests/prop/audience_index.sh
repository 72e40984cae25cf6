# What is asked again by what has changed, beside what is asked from nothing: a
# hundred generated audiences in one run, where a line asks those that read what
# it changes; in many runs, where each profile is read again and asked whole;
# and with no memory, where that is so at each line.
BENCH_EVENTS=4000 BENCH_DEFS=100 BENCH_MAKE=. \
	sh "$top/tests/bench/audiences.sh" || exit 1
# And a program that looks at those that are asked after it.
sed "s/^audiences:/&\n  first: {when: {jq: '(.audiences | length) > 2'}}/" \
	100/cdp.yaml >cdp.yaml
cdp-audience -s one --end=any in >want 2>err || { cat err; exit 1; }
grep -v '"type":"end"' want >w
cdp-audience -n -s none --end=any --memory 1K in 2>err | cmp - want || exit 1
cdp-audience -s small --end=any --memory 1K in 2>err | cmp - want || exit 1
split -l 250 in part.
for f in part.*; do
	cdp-audience -s many --end=any "$f" 2>err || { cat err; exit 1; }
done | grep -v '"type":"end"' | cmp - w || exit 1
for s in one small many; do
	cdp-store cat -s $s audience >$s.cat || exit 1
done
cmp one.cat small.cat && cmp one.cat many.cat || exit 1
n=$(grep -c '"event":"Audience E' w)
[ "$n" -ge 200 ] || { echo "only $n transitions"; exit 1; }
echo "audience_index: $n transitions of 100 audiences, in one run or many"
