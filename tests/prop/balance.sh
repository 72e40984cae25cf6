#!/bin/sh
# Nothing silent: in every stage, on the example, in = out + rejected +
# duplicates + held + consumed; also when it is run again.
top=$(cd "$(dirname "$0")/../.." && pwd)
for run in 1 2; do
	input=$top/share/examples/loja/events.ndjson
	for tool in cdp-ingest cdp-merge cdp-audience cdp-journey cdp-emit; do
		command -v $tool >/dev/null || continue
		until=
		[ $tool = cdp-ingest ] && until=--until=end
		# shellcheck disable=SC2086
		$tool -C "$top/share/examples/loja" -s store $until -q \
			--stats=json "$input" >"$tool.out" 2>"$tool.$run"
		[ $? -le 1 ] || { cat "$tool.$run"; exit 1; }
		tail -n 1 "$tool.$run" | jq -e '
			.in > 0 and .in == .out + .rejected + .duplicates +
			.held + (.consumed // 0)' >/dev/null ||
			{ echo "run $run"; cat "$tool.$run"; exit 1; }
		input=$tool.out
	done
done
echo "balance: nothing silent"
