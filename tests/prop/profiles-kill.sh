#!/bin/sh
# cdp-merge --profiles, which makes its first lines while the last epoch is on
# its way: stopped at each of its calls to the kernel, or where a sync fails,
# it has printed nobody unless the store knows all that it read; and run again
# it prints what an undisturbed run does.
shim=$B/shim/killnth.so
[ -e "$shim" ] || { echo "no shim"; exit 77; }
case $B in
*/asan)
	ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0
	export ASAN_OPTIONS
	;;
esac
# In memory where that is possible: a kill needs no disk.
if work=$(mktemp -d /dev/shm/cdp-people.XXXXXX 2>/dev/null); then
	trap 'rm -rf "$work"' EXIT
	cd "$work" || exit 1
fi
cat >cdp.yaml <<'YAML'
version: 1
traits:
  seen: {count: true, event: A}
YAML
awk 'BEGIN {
	for (i = 1; i <= 900; i++)
		printf "{\"type\":\"track\",\"event\":\"A\",\"messageId\":\"m%d\",\"timestamp\":\"2025-03-03T10:00:00Z\",\"userId\":\"u%d\",\"cdp\":{\"o\":\"main.ingest\",\"n\":%d}}\n", i, i % 300, i
	print "{\"type\":\"end\",\"cdp\":{\"o\":\"main.ingest\",\"lines\":900}}"
}' >in
people() { cdp-merge -q -s "$1" --profiles in; }
people whole >want && [ "$(wc -l <want)" = 300 ] || exit 1
cdp-store -s whole cat merge | md5sum >state

tried=0 printed=0
for when in before after torn fsync; do
	n=0
	while n=$((n + 1)); do
		rm -rf w mark
		LD_PRELOAD=${LD_PRELOAD:+$LD_PRELOAD:}$shim \
		    CDP_KILL_TOOL=cdp-merge CDP_KILL_AT=$n \
		    CDP_KILL_WHEN=$when CDP_KILL_MARK=mark \
		    cdp-merge -q -s w --profiles in >got 2>/dev/null
		[ -e mark ] || break
		if [ -s got ]; then
			cdp-store -s w cat merge | md5sum | cmp -s - state ||
				{ echo "too early at $when $n"; exit 1; }
			printed=$((printed + 1))
		fi
		people w >got && cmp got want || { echo "$when $n"; exit 1; }
		tried=$((tried + 1))
	done
done
[ $printed -gt 0 ] || { echo "none of $tried has printed"; exit 1; }
echo "profiles-kill: $tried points, $printed of them when people were printed"
