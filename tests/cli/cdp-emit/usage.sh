# What is wrong is said by name.
. "$top/tests/cli/cdp-emit/lib.inc"
end | cdp-emit --only email,push
echo "status $?"
activation nowhere send '' '{}' | cdp-emit --end=any
echo "status $?"
echo '{"type":"track","event":"A"}' | cdp-emit --end=any
echo "status $?"
activation archive send sms '{"name":"d"}' >in
cdp-emit --deliver --end=any in >out.ndjson
rm -r store
cdp-emit --deliver --end=any in
echo "status $?"
