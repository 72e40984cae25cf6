#!/bin/sh
# A backfill, killed before, or in the middle of, each of its calls to the
# kernel, then run again, leaves what a store has that knew the audience from
# the start; and before it is whole nobody goes on from what there is of it.
# It takes several epochs.  At each of these moments the store is sound, and at
# the end nothing is left of what was made beside it.
shim=$B/shim/killnth.so
[ -e "$shim" ] || { echo "no shim"; exit 77; }
stride=3
case $B in
*/asan)
	stride=13
	ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0
	export ASAN_OPTIONS
	;;
esac
# A thousand people of sixteen kilobytes each, which timers keep; some are packed.
mkdir old new
cat >old/cdp.yaml <<'YAML'
version: 1
audiences:
  fresh: {when: {event: A, within: 5d}}
YAML
sed '$a\
  late: {when: {event: A}, min_stay: 1d}' old/cdp.yaml >new/cdp.yaml
awk 'BEGIN {
	note = sprintf("%08000d", 0)
	note = note note
	for (i = 1; i <= 1200; i++)
		printf "{\"type\":\"track\",\"event\":\"A\",\"messageId\":\"m%d\",\"timestamp\":\"2025-03-03T10:00:00Z\",\"profile\":{\"id\":\"p_%020d\",\"traits\":{\"note\":\"%s\"}},\"cdp\":{\"o\":\"main.merge\",\"n\":%d}}\n", i, i, note, i
}' >in
echo '{"type":"clock","now":"2025-03-09T00:00:00Z","cdp":{"o":"main.merge","n":1201}}' >next
back() { cdp-audience -q -C new -s "$1" --backfill --end=any in; }
state() { cdp-store -C new -s "$1" cat audience | grep '^{"k"' | md5sum; }

cdp-audience -q -C new -s whole --end=any in >/dev/null || exit 1
cdp-audience -q -C old -s base --end=any in >/dev/null || exit 1
state whole >want
cp -R base w && back w && state w >got && cmp got want || exit 1
[ "$(cdp-store -s w log audience | wc -l)" -ge \
    $(($(cdp-store -s base log audience | wc -l) + 2)) ] ||
	{ echo "too few epochs"; exit 1; }

tried=0 refused=0
for when in before torn; do
	n=0
	while n=$((n + stride)); do
		rm -rf w mark
		cp -R base w
		LD_PRELOAD=${LD_PRELOAD:+$LD_PRELOAD:}$shim \
		    CDP_KILL_TOOL=cdp-audience CDP_KILL_AT=$n \
		    CDP_KILL_WHEN=$when CDP_KILL_MARK=mark \
		    cdp-audience -q -C new -s w --backfill --end=any in 2>/dev/null
		[ -e mark ] || break
		case $(cdp-store -s w get audience c:backfill 2>/dev/null) in
		'') ;;
		*)
			cdp-audience -q -C new -s w --end=any next >/dev/null 2>err
			[ $? = 2 ] && grep -q 'run it again' err ||
				{ cat err; echo "went on at $when $n"; exit 1; }
			refused=$((refused + 1))
			;;
		esac
		cdp-store -s w verify >/dev/null || { echo "damaged at $when $n"; exit 1; }
		back w && [ ! -e w/backfill ] && state w >got && cmp got want ||
			{ echo "$when $n"; exit 1; }
		tried=$((tried + 1))
	done
done
[ $((tried * stride)) -gt 10 ] || { echo "only $tried points"; exit 1; }
[ $stride -gt 3 ] || [ $refused -gt 0 ] || { echo "none refused"; exit 1; }
for s in whole w; do
	cdp-audience -q -C new -s $s --end=any next |
		sed 's/,"cdp":.*//' >next.$s
done
cmp next.whole next.w || exit 1
echo "backfill-kill: $tried kill points, $refused of them half way"
