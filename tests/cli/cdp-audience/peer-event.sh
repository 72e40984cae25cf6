# Where another member asks, there is no event: the same for who is in memory
# and who is read for it.
cat >cdp.yaml <<'END'
version: 1
project: {name: peers}
groups: {household: {from: [groupId]}}
audiences:
  now: {when: {jq: '.event != null and .event.event == "A"'}}
  home: {when: {in_group: household, any: {event: B}}}
END
home='"groups":{"household":{"id":"h"}}'
cat >in <<END
{"type":"track","event":"A","timestamp":"2025-03-03T10:00:00.000Z","profile":{"id":"p_a",$home},"cdp":{"o":"main.merge","n":1}}
{"type":"track","event":"B","timestamp":"2025-03-03T11:00:00.000Z","profile":{"id":"p_b",$home},"cdp":{"o":"main.merge","n":2}}
END
cdp-audience --end=any -s held <in >want
cdp-audience --end=any -s read --memory 0 <in | cmp - want
jq -r 'select(.event // "" | startswith("Audience")) |
	[.timestamp, .profile.id, .event, .properties.audience_key] | @tsv' want
