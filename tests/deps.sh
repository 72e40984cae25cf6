#!/bin/sh
# Install the named Debian packages that are missing; ask nothing.  With -o
# they are wanted only: a line says what is missing, and that is all.
optional=
[ "$1" != -o ] || { optional=1; shift; }
missing=
for p in "$@"; do
	case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) in
	installed) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0
run="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -ne 0 ] && [ -n "$optional" ]; then
	echo "tests that need them are skipped: sudo $run" >&2
	exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
	echo "cdp needs packages that are not installed; run this, then again:" >&2
	echo "  sudo apt-get update && sudo $run" >&2
	exit 1
fi
echo "installing:$missing"
log=$(mktemp)
if ! { apt-get update && DEBIAN_FRONTEND=noninteractive $run; } \
    >"$log" 2>&1 </dev/null; then
	tail -n 20 "$log" >&2
	echo "cdp: could not install:$missing" >&2
	rm -f "$log"
	[ -n "$optional" ]
	exit
fi
rm -f "$log"
