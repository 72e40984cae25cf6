#!/bin/sh
# Killed before, or in the middle of, each of its calls to the kernel, then
# started again on the same input: what cdp-emit --deliver prints and what
# stands in its files, in the order of their names, is what an undisturbed run
# makes; also when a reader takes the files in between.  Line 3 puts one on the
# list, 6 takes him off, 9 finds nothing to take back.
shim=$B/shim/killnth.so
[ -e "$shim" ] || { echo "no shim"; exit 77; }
# A sanitized program starts slowly and wants to be first of the preloaded:
# then every seventh point.
stride=1
case $B in
*/asan)
	stride=7
	ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0
	export ASAN_OPTIONS
	;;
esac
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
destinations:
  mail: {preset: file, settings: {dir: out/mail}}
  ads:  {preset: file, settings: {dir: out/ads}}
journeys:
  j:
    enter: {event: A}
    steps:
      - {id: mail, send: mail}
      - {id: ads, send: ads, action: add, undo: remove}
YAML
lines() {
	awk -v from="$1" -v upto="$2" '
	function to(i) { return i % 3 ? "mail" : "ads" }
	BEGIN {
		for (i = from; i <= upto; i++)
			printf "{\"type\":\"activation\",\"messageId\":\"act_%d\"," \
			    "\"timestamp\":\"2025-03-03T10:00:%02dZ\",\"journey\":\"j\"," \
			    "\"step\":\"%s\",\"destination\":\"%s\",\"action\":\"%s\"," \
			    "\"profile\":{\"id\":\"p_1\"},\"cdp\":{\"o\":\"main.journey\"," \
			    "\"n\":%d}}\n", i, i, to(i), to(i), i % 3 ? "send" : i % 12 == 3 ? "add" : "remove", i
		printf "{\"type\":\"end\",\"cdp\":{\"o\":\"main.journey\"}}\n"
	}'
}
lines 1 5 >first
lines 1 12 >all

# files DIR: the deliveries of each destination, taken ones first.
files() {
	for d in mail ads; do
		(cd "$1" && find taken/$d out/$d -name '*.ndjson' 2>/dev/null |
		    sed 's|.*/\([^/]*\)$|\1 &|' | sort | cut -d ' ' -f 2 |
		    xargs cat)
	done
	find "$1" -name 'tmp.*'
}
fresh() {
	rm -rf "$1" && mkdir "$1" && cp cdp.yaml "$1"
}

# What an undisturbed run makes, from nothing and after an earlier run.
fresh base
cdp-emit -C base -s base/store --deliver first >/dev/null || exit 1
fresh whole
cdp-emit -C whole -s whole/store --deliver all >want || exit 1
files whole >want.files
[ "$(grep -c '"key"' want.files)" = 10 ] || exit 1

tried=0
for from in nothing base; do
	for when in before torn; do
		n=0
		while n=$((n + stride)); do
			fresh w
			[ $from = nothing ] || { rm -rf w && cp -R base w; }
			rm -f mark
			LD_PRELOAD=${LD_PRELOAD:+$LD_PRELOAD:}$shim \
			    CDP_KILL_TOOL=cdp-emit CDP_KILL_AT=$n \
			    CDP_KILL_WHEN=$when CDP_KILL_MARK=mark \
			    cdp-emit -C w -s w/store --deliver all \
			    >part 2>/dev/null
			[ -e mark ] || break
			head -c "$(wc -c <part)" want | cmp part - || exit 1
			if [ $((n % 2)) = 1 ] && [ -d w/out ]; then
				for d in mail ads; do
					mkdir -p w/taken/$d
					mv w/out/$d/*.ndjson w/taken/$d 2>/dev/null
				done
			fi
			cdp-emit -C w -s w/store --deliver all >got || exit 1
			files w >got.files
			if ! cmp got want || ! cmp got.files want.files; then
				echo "$from $when $n"
				exit 1
			fi
			tried=$((tried + 1))
		done
	done
done
[ $((tried * stride)) -gt 40 ] || { echo "only $tried points"; exit 1; }
echo "emit-kill: $tried kill points, each delivery once"
