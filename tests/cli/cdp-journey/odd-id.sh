# A messageId may have any character in it: begun anew by another event an
# instance keeps its id, also in another run.
cat >cdp.yaml <<'YAML'
version: 1
destinations: {out: {preset: file, settings: {dir: out}}}
journeys:
  r: {enter: {event: S}, steps: [{id: h, hold: 30m, restart_on: {event: E}}, {id: mail, send: out}]}
YAML
event() {
	printf '{"type":"track","event":"%s","userId":"ana","messageId":"%s","timestamp":"2026-03-01T%s:00Z"}\n' "$@"
}
run() {
	cdp-ingest -q -s "$1" | cdp-merge -q -s "$1" | cdp-journey -q -s "$1" |
		jq -r 'select(.type == "activation") | .instance + " " + .messageId'
}
{ event S 'm\u0000x' 09:00; event E m2 09:10; } >in
event X m3 11:00 >later
cat in later | run one
{ run two <in; run two <later; } >again
cat again
