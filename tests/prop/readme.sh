#!/bin/sh
# What README.md shows of the demo is what the demo prints, line by line, and
# the files and targets that it names are there.
top=${top:?}
readme=$top/README.md
demo=$top/tests/cli/loja/demo.out
sed -n '/^few of the lines/,/^Kill any/s/^    //p' "$readme" >shown
if grep -vxF -f "$demo" shown; then
	echo "the demo does not print that"
	exit 1
fi
[ "$(wc -l <shown)" -ge 8 ] || exit 1
sed -n 's/^    cdp-ingest /$ cdp-ingest /p' "$readme" >pipeline
head -n 1 "$demo" | cmp - pipeline || exit 1
tr -s ' `' '[\n*]' <"$readme" | grep -E '^(share|lib|tests)/' | sort -u >names
while read -r f; do
	[ -e "$top/$f" ] || { echo "README.md: no $f"; exit 1; }
done <names
grep -oE '(`|    )make [a-z]+' "$readme" | sed 's/.* //' | sort -u >names
while read -r t; do
	grep -q "^$t:" "$top/Makefile" || { echo "README.md: no make $t"; exit 1; }
done <names
echo "README.md: $(wc -l <shown) lines of the demo, $(wc -l <names) targets"
