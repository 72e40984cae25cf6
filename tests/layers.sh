#!/bin/sh
# Each folder of lib/ includes from itself and from those below it only.
cd "$(dirname "$0")/.." || exit 1
rank() {
	case $1 in
	base) echo 0 ;; json) echo 1 ;; store) echo 2 ;; rule) echo 3 ;;
	ingest | profile | audience | journey | emit) echo 4 ;;
	tool) echo 5 ;; *) echo 9 ;;
	esac
}
bad=0
for f in lib/*/*.[ch]; do
	own=${f#lib/} own=${own%%/*}
	for inc in $(sed -n 's|^#include "lib/\([a-z]*\)/.*|\1|p' "$f" | sort -u); do
		[ "$inc" = "$own" ] && continue
		if [ "$(rank "$inc")" -ge "$(rank "$own")" ]; then
			echo "$f: lib/$own may not include lib/$inc"
			bad=1
		fi
	done
	n=$(wc -l <"$f")
	if [ "$n" -gt 500 ]; then
		echo "$f: $n lines, over 500"
		bad=1
	fi
done
for f in cmd/*.c; do
	[ -e "$f" ] || continue
	n=$(wc -l <"$f")
	[ "$n" -le 250 ] || { echo "$f: $n lines, over 250"; bad=1; }
done
if grep -ln 'zstd\.h' lib/*/*.c | grep -v -e '^lib/store/frame\.c$' \
    -e '^lib/tool/inflate\.c$'; then
	echo "only frame.c (the store) and inflate.c (input) call zstd"
	bad=1
fi
if grep -ln 'yaml\.h>' lib/*/*.c | grep -v '^lib/rule/yaml\.c$'; then
	echo "only lib/rule/yaml.c calls libyaml"
	bad=1
fi
if grep -ln '<jv\.h>\|<jq\.h>' lib/*/*.c | grep -v '^lib/json/jq\.c$'; then
	echo "only lib/json/jq.c calls libjq"
	bad=1
fi
if grep -ln 'curl\.h>\|wire\.h"' lib/*/*.c | grep -v '^lib/emit/\(http\|wire\)\.c$'; then
	echo "only http.c and wire.c of lib/emit call libcurl"
	bad=1
fi
if grep -ln '<openssl/' lib/*/*.c | grep -v '^lib/emit/jwt\.c$'; then
	echo "only jwt.c of lib/emit calls libcrypto"
	bad=1
fi
stray=$(git ls-files 2>/dev/null | grep -v -e '^\(cmd\|lib\|share\|tests\|completions\|\.ci\)/' \
    -e '^\(Makefile\|README\.md\|\.clang-format\|\.gitignore\)$'
    git ls-files 2>/dev/null | grep '\.\(orig\|rej\|bak\)$')
if [ -n "$stray" ]; then
	printf 'these do not belong here:\n%s\n' "$stray"
	bad=1
fi
[ $bad -eq 0 ] && echo "layers: clean"
exit $bad
