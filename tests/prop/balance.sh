#!/bin/sh
# Nothing silent: in every stage, on the example, in = out + rejected +
# duplicates + held + consumed; also when it is run again, and when transforms
# and the map of a source leave something out.
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
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
sources:
  feed: {format: ndjson, map: '.rows[] | select(.u) | {type: "page", userId: .u, name: .n, timestamp: "2026-03-01T10:00:00Z"}'}
transforms:
  - {where: {type: page}, jq: 'select(.name != "Test")'}
END
cat >rows <<'END'
{"rows":[{"u":"a","n":"A"},{"n":"B"},{"u":"c","n":"Test"}]}
{"rows":[]}
{"rows":[{"n":"D"}]}
{"rows":[{"u":"e"},{"u":"e"}]}
{"rows":[{"u":5,"n":"E"}]}
{"rows":3}
END
for run in 1 2; do
	cdp-ingest -s mapped --source feed -q --stats=json rows \
		>rows.out 2>rows.$run
	tail -n 1 rows.$run | jq -e '.filtered == 1 and .unmapped == 2 and
		.rejected == 2 and .in == .out + .rejected + .duplicates +
		.held + .filtered + .unmapped' >/dev/null ||
		{ echo "mapped, run $run"; cat rows.$run; exit 1; }
done
echo "balance: nothing silent"
