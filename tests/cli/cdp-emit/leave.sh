# Consent and suppression are asked once more when a message leaves: what was
# decided before somebody said no stays here.
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
consent: {categories: {Marketing: {destinations: [prog]}}}
suppress: {file: suppressed.txt}
destinations:
  prog: {exec: {command: [sh, take.sh]}, to: .profile.traits.email, body: '.profile.identifiers.user_id[0]'}
YAML
cat >take.sh <<'SH'
while read -r line; do
	echo "$line" | jq -c .body >>taken
	echo "$line" | jq -c '{key, status: 200}'
done
SH
printf '# who asked us\r\n\n Bia@Example.com\nfred\n' >suppressed.txt
yes='"context":{"consent":{"categoryPreferences":{"Marketing":true}}}'
no='"context":{"consent":{"categoryPreferences":{"Marketing":false}}}'
who() {
	echo '{"type":"identify","messageId":"'"$1$2"'","userId":"'"$1"'","timestamp":"2026-01-01T0'"$2"':00:00Z","traits":{"email":"'"${4:-$1@example.com}"'"},'"$3"'}'
}
{
	who ana 1 "$yes"
	who bia 1 "$yes"
	who caio 1 "$yes"
	who dora 1 "$yes"
	who eva 1 "$yes"
	who fred 1 "$yes"
} >before
{
	who caio 2 "$no"
	echo '{"type":"suppress","userId":"dora","timestamp":"2026-01-01T02:00:00Z"}'
	echo '{"type":"delete","userId":"eva","timestamp":"2026-01-01T02:00:00Z"}'
} >after
cdp-ingest before | cdp-merge >merged
cdp-ingest after | cdp-merge >/dev/null
jq -c 'select(.type == "identify") | {type: "activation", messageId: "act_\(.userId)", timestamp, journey: "j", step: "s", instance: "i_\(.userId)", destination: "prog", action: "send", profile, cdp: {o: "main.journey", n: .cdp.n}}' merged >in
echo '{"type":"end","cdp":{"o":"main.journey"}}' >>in
cdp-emit --deliver in 2>err | jq -c 'select(.activation) | [.activation, .status, .reason, .detail]'
cat err >&2
echo "-- taken"
cat taken
cdp-store cat deliver | jq -c 'select(.k | strings | startswith("k:")).v | [.seq, .status, .said]' | LC_ALL=C sort
