#!/bin/sh
# Every project that cdp.yaml(5) shows loads as it stands there.
mkdir -p templates
: >templates/thanks.txt
awk '
	/^\.Bd -literal/ { n++; on = 1; next }
	/^\.Ed/ { on = 0 }
	on { gsub(/\\e/, "\\"); print >("block" n) }
' "$top/share/man/man5/cdp.yaml.5"
shown=0
for f in block*; do
	case $(head -c 1 "$f") in
	"{") continue ;; # conditions alone
	esac
	cp "$f" cdp.yaml
	if ! cdp-store check >out 2>&1; then
		cat "$f" out
		exit 1
	fi
	shown=$((shown + 1))
done
echo "cdp.yaml(5): $shown examples load"
[ $shown -ge 5 ]
