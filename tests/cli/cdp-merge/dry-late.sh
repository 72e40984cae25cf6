# A store that another filter makes after a dry run has begun is not its own.
cat >cdp.yaml <<'END'
version: 1
project: {name: t}
END
{
	sleep 0.3
	cdp-store init >/dev/null
	cat <<'END'
{"type":"identify","messageId":"m1","timestamp":"2025-03-03T10:00:00.000Z","userId":"u","cdp":{"o":"main.ingest","n":1}}
END
} | cdp-merge -n --end=any | cut -c 1-40
