#!/bin/sh
# The manual pages are clean mdoc, and what they, the help texts and the
# completions say about options is what the tools take.
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
bad=0
complain() {
	echo "$1"
	bad=1
}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

for page in share/man/man[157]/*.[157]; do
	mandoc -Tlint -Wwarning "$page" || bad=1
	# shellcheck disable=SC2013
	for ref in $(grep -o 'Xr cdp[^ ]* [157]' "$page" |
	    sed 's/Xr \(.*\) /\1./'); do
		[ -e "share/man/man${ref##*.}/$ref" ] ||
			complain "$page refers to $ref, which is not there"
	done
done

# Options at the head of list items: ".It Fl C , Fl -project Ar dir".
of_page() {
	sed -n 's/^\.It Fl/Fl/p' "$@" | grep -o 'Fl [-A-Za-z]*' |
		sed 's/^Fl /-/' | sort -u
}
of_page share/man/man7/cdp-options.7 >"$tmp/shared"
for tool in "$B"/cdp-*; do
	"$tool" --list options >"$tmp/list" 2>/dev/null ||
		continue
	name=$(basename "$tool")
	cut -f 1 "$tmp/list" | sort -u >"$tmp/tool"
	"$tool" --help | grep -o '^  *-[-a-zA-Z, ]*' | tr -s ' ,' '\n' |
		grep '^-' | sort -u >"$tmp/help"
	cmp -s "$tmp/tool" "$tmp/help" ||
		complain "$name: --help and --list options differ"
	"$tool" --help | awk -v t="$name" 'length > 80 {
		print t ": --help is wider than 80: " $0; n++ } END { exit n }' ||
		bad=1
	page=share/man/man1/$name.1
	if [ ! -e "$page" ]; then
		complain "$name: no manual page"
		continue
	fi
	of_page "$page" >"$tmp/page"
	sort -u "$tmp/page" "$tmp/shared" >"$tmp/told"
	for o in $(comm -23 "$tmp/page" "$tmp/tool"); do
		complain "$page: $o is not an option of $name"
	done
	for o in $(comm -13 "$tmp/told" "$tmp/tool"); do
		complain "$page: does not say what $o is"
	done
	for f in cdp.bash _cdp cdp.fish; do
		grep -qw -- "$name" "completions/$f" ||
			complain "completions/$f: nothing for $name"
	done
	# shellcheck disable=SC2016
	PATH=$B:$PATH bash -c '. completions/cdp.bash
		COMP_WORDS=("$1" -) COMP_CWORD=1
		_cdp 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' sh "$tool" | sort -u >"$tmp/comp"
	cmp -s "$tmp/tool" "$tmp/comp" ||
		complain "completions/cdp.bash: not the options of $name"
done
[ $bad -eq 0 ] && echo "manuals: clean"
exit $bad
