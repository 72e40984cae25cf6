# Wrong usage says what is right.
cdp-store
echo $?
cdp-store verfy
echo $?
cdp-store verify all
echo $?
cdp-store get
echo $?
cdp-store -s nowhere cat
echo $?
cdp-store --help
cdp-store -V | sed 's/ .*//'
