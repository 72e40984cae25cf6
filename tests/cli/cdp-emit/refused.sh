# A batch that is refused whole (400, 413, 422) goes again in halves until what
# is wrong is by itself, and so does one that the body's program cannot make:
# the others arrive, each once, in the order of each person.
. "$top/tests/http/lib.inc"
server
export S=x
cat >cdp.yaml <<YAML
version: 1
project: {name: t}
vars: {base: "http://127.0.0.1:$port"}
journeys:
  j: {enter: {event: X}, steps: [{id: a, send: web}, {id: b, send: big}, {id: c, send: odd}, {id: d, send: sure}, {id: e, send: told}, {id: end, end: x}]}
YAML
cat >>cdp.yaml <<'YAML'
destinations:
  web:  {allow_private: true, parallel: 1, batch: {max: 7, every: 1h}, request: {url: '$vars.base + "/web/refuse=bad"', body: 'map({i: .kept.i, x: (if .kept.i | IN(3, 4, 12) then "bad" else "good" end)})'}}
  big:  {allow_private: true, parallel: 1, batch: {max: 7, every: 1h}, request: {url: '$vars.base + "/big/refuse=,/status=413"', body: 'map({i: .kept.i})'}}
  odd:  {allow_private: true, parallel: 1, batch: {max: 7, every: 1h}, request: {url: '$vars.base + "/odd"', body: 'map({i: (if .kept.i == 5 then error("five") else .kept.i end)})'}}
  sure: {allow_private: true, parallel: 1, batch: {max: 7, every: 1h}, request: {url: '$vars.base + "/sure/status=403"', body: 'map({i: .kept.i})'}}
  told:
    allow_private: true
    parallel: 1
    batch: {max: 7, every: 1h}
    request:
      url: '$vars.base + "/told"'
      body: 'map({i: .kept.i})'
      results: 'if (.keys | length) > 2 then {status: 422, said: "two at most"} else 200 end'
YAML
for d in web big odd sure told; do
	activations $d 1 14 5 | sed "s/\"act_/&$d/; s/\"ins_/&$d/" | grep -v '"end"'
done | jq -c '.cdp.n = input_line_number' >in
cdp-emit --end=any --deliver --wait 0 in >out 2>err
echo "status $?"
cat err
echo "-- what was taken: each once, in the order of each person, and in how many requests at most"
jq -n -c --slurpfile log log '
	{web: ["bad", 20], big: [",", 40], odd: ["five", 10], sure: ["i", 3], told: ["", 20]} | to_entries[] | .key as $d | .value as [$bad, $most]
	| [$log[] | select(.path | startswith("/" + $d))] as $all
	| [$all[] | .body | if $d == "told" then select(length < 3) elif $d == "big" then select(length < 2) elif $d == "odd" then .
		else select(tojson | contains($bad) | not) end | .[].i] as $ids
	| [$d, ($ids | sort), ($ids | group_by(. % 5) | all(. == sort)), ($all | length <= $most)]'
echo "-- what became of each"
cdp-store cat deliver | jq -r 'select(.k | strings | startswith("k:")).v | [.destination, .status, .seq, .said // ""] | @tsv' |
	LC_ALL=C sort -k1,1 -k3,3n | awk -F'\t' '{ k = $1 " " $2 " " $4; n[k] = n[k] " " $3 } END { for (k in n) print k ":" n[k] }' | LC_ALL=C sort
echo "-- in what it is to leave with by now is in the queue, for a run after this"
cdp-store cat deliver | jq -c 'select(.k | strings | startswith("q:web:")).v | [.input.kept.i, .most != null]'
