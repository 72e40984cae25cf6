# What a command does to profiles, and to those who share a household.
cp "$top/share/examples/loja/people.yaml" .
cat >cdp.yaml <<'YAML'
version: 1
project: {name: t}
include: [people.yaml]
YAML
t='"timestamp":"2026-03-02T12'
cat >in <<END
{"type":"identify","messageId":"1","userId":"ana","anonymousId":"a1","traits":{"firstName":"Ana","email":"ana@example.com"},$t:00:00Z"}
{"type":"identify","messageId":"2","userId":"bia","traits":{"firstName":"Bia","email":"bia@example.com"},$t:01:00Z"}
{"type":"group","messageId":"3","userId":"ana","groupId":"h","traits":{"kind":"household"},$t:02:00Z"}
{"type":"group","messageId":"4","userId":"bia","groupId":"h","traits":{"kind":"household"},$t:02:00Z"}
{"type":"suppress","messageId":"5","email":"Bia@example.com",$t:03:00Z"}
{"type":"track","messageId":"6","event":"A","anonymousId":"b1","userId":"bia",$t:04:00Z"}
{"type":"unsuppress","messageId":"7","email":"bia@example.com",$t:05:00Z"}
{"type":"delete","messageId":"8","anonymousId":"a1","email":"nobody@example.com",$t:06:00Z"}
END
cdp-ingest in | cdp-merge >one
jq -c 'select(.type!="clock")|[.type,.messageId,.profile.id,.profile.suppressed,.profile.groups.household.members]' one
cdp-ingest in | cdp-merge | cmp - one
export CDP_STORE=held
cdp-ingest in | cdp-merge --profiles >people
cdp-ingest in | cdp-merge --profiles | cmp - people
unset CDP_STORE
cdp-store cat merge | jq -c 'select(.k)|[(.k|sub("s:.{64}";"s:*"))]' | tr -d '\n'
echo
# Who was deleted comes back as somebody new, by what is new only.
cat >more <<END
{"type":"track","messageId":"9","event":"A","userId":"ana",$t:05:30Z"}
{"type":"track","messageId":"10","event":"A","userId":"ana",$t:07:00Z"}
END
cat in more | cdp-ingest 2>/dev/null | cdp-merge --rejects bad.ndjson |
	jq -c 'select(.messageId=="9" or .messageId=="10")|.profile'
cat bad.ndjson
