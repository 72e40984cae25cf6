# A small project and a stream of events for it, both from a seed:
#   awk -v seed=N -v what=project|model|events [-v lines=N] -f gen.awk
# "model" is a smaller language, as JSON, which model.jq speaks too.
# Events are in order of time.  Numbers come from a generator of our own, so
# that every awk makes the same.

function rnd(n) { # 0 to n - 1
	state = (state * 16807) % 2147483647
	return int(state / 2147483647 * n)
}
function pick(list, a, n) {
	n = split(list, a, " ")
	return a[rnd(n) + 1]
}
function maybe(percent) { return rnd(100) < percent }
function say(s) { print s }

# ---- conditions --------------------------------------------------

function leaf(s, n) {
	n = rnd(6)
	if (n == 5)
		return "{consent: M}"
	if (n == 0)
		return "{trait: n_" pick("a b c") ", gte: " 1 + rnd(3) "}"
	if (n == 1)
		return "{trait: plan, in: [x, y]}"
	s = "event: " pick("A B C")
	if (maybe(40))
		s = s ", where: {properties.v: {gt: " rnd(8) "}}"
	if (maybe(70))
		s = s ", within: " pick("5m 30m 2h 1d 3d")
	if (maybe(30))
		s = s ", count: {gte: " 1 + rnd(3) "}"
	return "{" s "}"
}
function cond(depth, n) {
	n = depth > 1 ? 9 : rnd(10)
	if (n < 2)
		return "{all: [" cond(depth + 1) ", " cond(depth + 1) "]}"
	if (n < 4)
		return "{any: [" cond(depth + 1) ", " cond(depth + 1) "]}"
	if (n < 6)
		return "{not: " cond(depth + 1) "}"
	return leaf()
}

# ---- the project -------------------------------------------------

function traits(i, n, kind, within) {
	say("traits:")
	say("  plan: {last: traits.plan, default: none}")
	split("A B C", ev, " ")
	split("a b c", nm, " ")
	for (i = 1; i <= 3; i++) {
		within = maybe(70) ? ", within: " pick("10m 1h 6h 2d") : ""
		say("  n_" nm[i] ": {count: true, event: " ev[i] within "}")
	}
	n = 1 + rnd(4)
	for (i = 1; i <= n; i++) {
		kind = pick("sum avg min max first last most_frequent unique unique_count")
		within = maybe(60) ? ", within: " pick("10m 1h 6h 2d") : ""
		say("  t" i ": {" kind ": properties." \
		    (kind ~ /sum|avg|min|max/ ? "v" : "c") \
		    ", event: " pick("A B C") within "}")
	}
	if (maybe(50))
		say("  cart: {list: '.properties | {c, v}', event: A," \
		    " key: properties.c, remove: {event: B}, reset: {event: C}, keep: 3}")
	if (maybe(50))
		say("  big: {jq: '(.traits.n_a // 0) + (.traits.n_b // 0) > 3'}")
}
function journey(j, k) {
	say("  j" j ":")
	if (maybe(30))
		say("    enter: {audience: a0, again: " pick("once after_exit") "}")
	else
		say("    enter: {event: " pick("A B C") \
		    (maybe(30) ? ", per: properties.c" : "") \
		    ", again: " pick("once each after_exit") ", keep: {got: properties}}")
	say("    exit: [{id: out, event: " pick("A B C") ", where: {properties.v: {gt: 6}}}]")
	say("    steps:")
	if (maybe(70))
		say("      - {id: h, hold: " pick("3m 20m 1h") \
		    (maybe(50) ? ", restart_on: {event: A}" : "") "}")
	k = pick("s1 s2")
	say("      - {id: pick, split: [{if: " leaf() ", goto: s1}, {percent: 50, goto: s2}, {goto: " k "}]}")
	say("      - {id: s1, send: mail, template: m, then: w}")
	say("      - {id: s2, send: ads, action: add, undo: remove, for: " pick("1h 1d") "}")
	say("      - {id: w, " pick("delay delay until") ": " pick("5m 45m 1d") "}")
	say("      - {id: s3, send: mail, template: m}")
	say("      - {id: fin, end: done}")
}
function project(i, n) {
	say("version: 1")
	say("project: {name: p" seed ", timezone: " \
	    pick("UTC America/Sao_Paulo Europe/Berlin Asia/Kathmandu") "}")
	say("clock: {lateness: " pick("1m 10m 1h") ", tick: " pick("1m 7m 1h") "}")
	say("identity:")
	say("  identifiers:")
	say("    user_id: {from: userId" (maybe(50) ? ", limit: 1" : "") "}")
	say("    email: {from: [traits.email], normalize: email, limit: " pick("2 5 20") "}")
	say("    anonymous_id: {from: anonymousId, limit: " pick("3 20") "}")
	say("  block: {values: [\"-1\", \"\"]}")
	if (maybe(50)) {
		say("groups:")
		say("  home: {from: [groupId, context.groupId], limit: 4," \
		    " traits: {g_a: {count: true, event: A, within: 2h}}}")
	}
	traits()
	say("audiences:")
	n = 1 + rnd(3)
	for (i = 0; i < n; i++)
		say("  a" i ": {when: " cond(0) "}")
	say("journeys:")
	n = 1 + rnd(2)
	for (i = 0; i < n; i++)
		journey(i)
	say("consent: {categories: {M: {destinations: [mail]}}, unknown: " \
	    pick("allow deny") "}")
	say("destinations:")
	say("  mail: {preset: file, settings: {dir: out/mail}, to: .profile.traits.email}")
	say("  ads: {preset: file, settings: {dir: out/ads}, to: .profile.id}")
	say("templates: {m: {text: '\"v \\(.profile.traits.n_a // 0)\"'}}")
}

# ---- a project that model.jq understands ----

function quoted(s) { return "\"" s "\"" }
function window(percent) {
	return maybe(percent) ? ",\"within\":" quoted(pick("5m 30m 2h 1d 3d")) : ""
}
function test(depth, n) {
	n = depth > 1 ? 9 : rnd(8)
	if (n == 0)
		return "{\"all\":[" test(depth + 1) "," test(depth + 1) "]}"
	if (n == 1)
		return "{\"any\":[" test(depth + 1) "," test(depth + 1) "]}"
	if (n == 2)
		return "{\"not\":" test(depth + 1) "}"
	return "{\"event\":" quoted(pick("A B C")) window(70) \
	    (maybe(40) ? ",\"where\":{\"properties.v\":{\"gt\":" rnd(8) "}}" : "") \
	    (maybe(40) ? ",\"count\":{\"gte\":" 1 + rnd(3) "}" : "") "}"
}
function model(i, kinds, ident) {
	split("count:true sum:\"properties.v\" max:\"properties.v\"" \
	    " unique_count:\"properties.c\" last:\"properties.c\"", kinds, " ")
	say("{\"version\":1,\"project\":{\"name\":\"m\"},")
	say("\"clock\":{\"lateness\":\"10m\",\"tick\":" quoted(pick("1m 7m 1h")) "},")
	ident = "\"limit\":1000}"
	say("\"identity\":{\"identifiers\":{\"user_id\":{\"from\":\"userId\"," ident)
	say(",\"email\":{\"from\":[\"traits.email\"]," ident)
	say(",\"anonymous_id\":{\"from\":\"anonymousId\"," ident "}},")
	say("\"traits\":{")
	for (i = 1; i <= 5; i++) {
		sub(":", "\":", kinds[i])
		say((i > 1 ? "," : "") "\"t" i "\":{\"" kinds[i] ",\"event\":" \
		    quoted(pick("A B C")) window(60) "}")
	}
	say("},\"audiences\":{")
	for (i = 0; i < 3; i++)
		say("\"a" i "\":{\"when\":" test(0) "},")
	say("\"a3\":{\"when\":{\"trait\":\"t1\",\"gte\":" 1 + rnd(3) "}}},")
	say("\"journeys\":{\"j\":{\"enter\":{\"event\":\"A\",\"again\":\"after_exit\"},")
	say("\"exit\":[{\"id\":\"out\",\"event\":\"C\",\"where\":{\"properties.v\":{\"gt\":" rnd(8) "}}}],")
	say("\"steps\":[{\"id\":\"h\",\"hold\":" quoted(pick("3m 20m 1h")) ",\"restart_on\":{\"event\":\"B\"}},")
	say("{\"id\":\"s\",\"send\":\"mail\",\"template\":\"m\"},")
	say("{\"id\":\"w\",\"delay\":" quoted(pick("5m 45m 1d")) "},")
	say("{\"id\":\"s2\",\"send\":\"mail\",\"template\":\"m\"},")
	say("{\"id\":\"fin\",\"end\":\"done\"}]}},")
	say("\"destinations\":{\"mail\":{\"preset\":\"file\",\"settings\":{\"dir\":\"out\"},\"to\":\".profile.traits.email\"}},")
	say("\"templates\":{\"m\":{\"text\":\"\\\"x\\\"\"}}}")
}

# ---- the stream --------------------------------------------------

function stamp(ms, s, d) { # within March 2026
	s = int(ms / 1000)
	d = int(s / 86400)
	return sprintf("2026-03-%02dT%02d:%02d:%02d.%03dZ", 1 + d,
	    int(s / 3600) % 24, int(s / 60) % 60, s % 60, ms % 1000)
}
function who(s) {
	s = ""
	if (maybe(55))
		s = s ",\"userId\":\"" (maybe(3) ? "-1" : "u" rnd(people)) "\""
	if (s == "" || maybe(60))
		s = s ",\"anonymousId\":\"d" rnd(people * 2) "\""
	return s
}
function event(i, ms, s, n) {
	s = "\"messageId\":\"m" i "\",\"timestamp\":\"" stamp(ms) "\"" who()
	n = rnd(100)
	if (n >= 97 && private)
		return "{\"type\":\"" pick("suppress unsuppress delete delete") "\",\"" \
		    (maybe(50) ? "userId\":\"u" : "anonymousId\":\"d") rnd(people) \
		    "\",\"messageId\":\"m" i "\",\"timestamp\":\"" stamp(ms) "\"}"
	if (n < 22) {
		s = "{\"type\":\"identify\"," s ",\"traits\":{\"plan\":\"" pick("x y z") "\""
		if (maybe(60))
			s = s ",\"email\":\"e" rnd(people + 2) "@example.com\""
		if (maybe(20))
			s = s ",\"nick\":" (maybe(30) ? "null" : "\"n" rnd(4) " é\"")
		s = s "}"
		if (maybe(40))
			s = s ",\"context\":{\"consent\":{\"categoryPreferences\":{\"M\":" \
			    pick("true false") "}}}"
		return s "}"
	}
	if (n < 28)
		return "{\"type\":\"group\"," s ",\"groupId\":\"h" rnd(3) "\"}"
	if (n < 31)
		return "{\"type\":\"page\"," s ",\"name\":\"P\"}"
	return "{\"type\":\"track\",\"event\":\"" pick("A A B C") "\"," s \
	    ",\"properties\":{\"v\":" rnd(10) (maybe(30) ? ".5" : "") \
	    ",\"c\":\"" pick("p q r s") "\"}}"
}
function events(i, ms) {
	people = 2 + rnd(5)
	private = maybe(40)
	ms = rnd(86400000)
	for (i = 1; i <= lines; i++) {
		ms += pick("0 1 900 60000 200000 1800000 7200000")
		say(event(i, ms))
	}
}

BEGIN {
	state = (seed * 7919 + 12345) % 2147483647
	if (state == 0)
		state = 1
	for (i = 0; i < 5; i++)
		rnd(2)
	if (lines == 0)
		lines = 60
	if (what == "project") {
		project()
	} else if (what == "model") {
		model()
	} else {
		for (i = 0; i < 100; i++)
			rnd(2)
		events()
	}
}
