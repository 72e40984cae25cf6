#!/bin/sh
# What the manuals and the help texts show as commands runs as it stands there,
# in a copy of the example project, and says something.
cp -R "$top/share/examples/loja" loja
mkdir loja/done bin
printf '#!/bin/sh\ncat\n' >bin/mailer
# It is tests/prop/postgres.sh that asks a real one.
cat >bin/psql <<'X'
#!/bin/sh
wc -l "$(printf "%s" "$2" | sed 's/.* FROM \([^ ]*\) .*/\1/')"
X
cat >bin/kcat <<'X'
#!/bin/sh
jq -c '{topic: "events", partition: 0, offset: input_line_number,
    payload: tojson}' today.ndjson
X
chmod +x bin/*
PATH=$PWD/bin:$PATH
(
	cd loja || exit 1
	cdp-ingest -q --rejects bad.ndjson events.ndjson |
	    tee clean.ndjson | cdp-merge | tee merged.ndjson | cdp-audience |
	    tee members.ndjson | cdp-journey >journey.ndjson
	cp events.ndjson today.ndjson
	zstd -q events.ndjson
	ln -s . shop
) || exit 1

# A command a file: .Dl lines that follow each other, or a .Bd, or a line of
# the examples of --help.
mkdir cmd
for page in "$top"/share/man/man[17]/*; do
	awk -v to="cmd/$(basename "$page")" '
	/^\.Sh/ { here = $2 == "EXAMPLES" }
	!here { next }
	/^\.Dl/ && !dl { n++ }
	/^\.Bd/ { n++; bd = 1; next }
	{ dl = /^\.Dl/ }
	/^\.Ed/ { bd = 0 }
	dl || bd {
		sub(/^\.Dl /, ""); gsub(/\\\(dq/, "\"")
		gsub(/\\e/, "\\"); gsub("/srv/shop/", "")
		print >(to "." n)
	}' "$page"
done
for t in ingest merge audience journey emit store; do
	cdp-$t --help | awk -v to="cmd/help-$t" '
	/^[^ ]/ { here = /^Examples:/; next }
	here && /^  cdp-|^  [a-z].*\| cdp-/ { print >(to "." ++n) }'
done

run=0
for f in cmd/*; do
	! grep -q '^SELECT' "$f" || continue
	rm -rf w && cp -R loja w
	(cd w && sh "../$f") >out 2>err
	rc=$?
	if [ $rc -gt 1 ] || grep -q '^null$' out; then
		cat "$f" out err
		exit 1
	fi
	# Silent are those that say so: "> FILE" is at their end.
	if [ ! -s out ] && ! tail -n 1 "$f" | grep -Eq '>[^|]*( [|][|] exit 1)?$'; then
		cat "$f"
		echo "says nothing"
		exit 1
	fi
	run=$((run + 1))
done
echo "manuals: $run commands run"
[ $run -ge 25 ]
