# With --clock wall time goes on while nothing comes: what waited leaves, and a
# clock line is told, before the input ends.
printf 'version: 1\nproject: {name: t}\nclock: {lateness: 1s, tick: 1s}\n' >cdp.yaml
mkfifo pipe
cdp-ingest --clock wall <pipe >out &
exec 3>pipe
printf '{"type":"page","messageId":"m","userId":"u","timestamp":"%s"}\n' \
	"$(date -u +%Y-%m-%dT%H:%M:%SZ)" >&3
n=0
until sed -n '/page/,$p' out | grep -q clock || [ $n -ge 50 ]; do
	sleep 0.1
	n=$((n + 1))
done
jq -r .type out | uniq
exec 3>&-
wait
jq -r .type out | uniq
cdp-ingest --clock wal
echo "exit $?"
