#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/profile/identifiers.h"
#include "lib/profile/links.h"
#include "lib/profile/merge.h"
#include "tests/unit/scratch.h"

/* ---- a stage in memory ---- */

struct world {
	struct cdp_project pr;
	struct cdp_identifier id[6];
	struct cdp_merge *m;
	struct cdp_stage *sg;
	struct cdp_stage_opt opt;
	struct cdp_tape tape;
	struct cdp_arena mem;
	uint64_t n;
	int fd;
};

static struct cdp_path
path(struct world *w, const char *text)
{
	struct cdp_path ret;

	assert_int_equal(
	    cdp_path_compile(cdp_str_of(text), &w->pr.mem, &ret, NULL), 0);
	return ret;
}

static struct cdp_identifier *
add_id(struct world *w, const char *name, const char *from, int64_t limit)
{
	struct cdp_identifier *id = &w->id[w->pr.identity.nid++];
	struct cdp_path *p = cdp_arena_calloc(&w->pr.mem, 2, sizeof(*p));

	*id = (struct cdp_identifier){
		.name = cdp_str_of(name), .limit = limit, .from = p, .nfrom = 1
	};
	p[0] = path(w, from);
	w->pr.identity.id = w->id;
	return id;
}

/* Segment's defaults, as far as the vectors go. */
static void
defaults(struct world *w)
{
	static const struct cdp_str block[] = { { "-1", 2 }, { "null", 4 },
		{ "anonymous", 9 }, { "", 0 } };
	static struct cdp_regex *zeros;

	memset(w, 0, sizeof(*w));
	if (zeros == NULL)
		cdp_regex_compile(CDP_STR("^[0-]*$"), &zeros, NULL);
	w->pr.identity.block = block;
	w->pr.identity.nblock = 4;
	w->pr.identity.pattern = &zeros;
	w->pr.identity.npattern = 1;
	add_id(w, "user_id", "userId", 1);
	add_id(w, "email", "traits.email", 5)->normalize = CDP_NORM_EMAIL;
	add_id(w, "anonymous_id", "anonymousId", 5);
}

static void
start(struct world *w, const char *store)
{
	if (w->fd == 0)
		w->fd = memfd_create("out", 0);
	w->opt = (struct cdp_stage_opt){ .store_path = store,
		.lock_timeout_ms = -1,
		.fingerprint = CDP_STR("f"),
		.io = &cdp_io_real,
		.out_fd = w->fd };
	cdp_ident_plan(&w->pr.identity, &w->pr.mem);
	w->m = cdp_merge_new(&w->pr);
	w->sg = cdp_stage_new(&cdp_merge_ops, w->m, &w->opt);
}

static void
feed(struct world *w, const char *json)
{
	struct cdp_err err = { 0 };
	struct cdp_line ln;
	struct cdp_str raw = cdp_arena_printf(&w->mem,
	    "%.*s,\"cdp\":{\"o\":\"main.ingest\",\"n\":%lu}}",
	    (int)strlen(json) - 1, json, (unsigned long)++w->n);

	assert_int_equal(
	    cdp_line_parse(raw, w->n, &w->tape, &w->mem, &ln, &err), 0);
	if (cdp_stage_line(w->sg, &ln, &err) != 0)
		fail_msg("%s: %s", json, err.msg);
	cdp_arena_reset(&w->mem);
}

static void
flush(struct world *w)
{
	struct cdp_err err = { 0 };

	if (cdp_stage_flush(w->sg, &err) != 0)
		fail_msg("%s", err.msg);
}

static void
pace(struct world *w)
{
	struct cdp_err err = { 0 };

	if (cdp_stage_pace(w->sg, &err) != 0)
		fail_msg("%s", err.msg);
}

/* Everything printed so far, to be freed. */
static char *
printed(struct world *w)
{
	off_t n;
	char *p;

	flush(w);
	n = lseek(w->fd, 0, SEEK_END);
	p = calloc(1, (size_t)n + 1);
	assert_int_equal(pread(w->fd, p, (size_t)n, 0), n);
	return p;
}

static void
stop(struct world *w)
{
	flush(w);
	cdp_stage_free(w->sg);
	cdp_merge_free(w->m);
}

static void
done(struct world *w)
{
	stop(w);
	close(w->fd);
	cdp_tape_free(&w->tape);
	cdp_arena_free(&w->mem);
	cdp_arena_free(&w->pr.mem);
}

static void
event(struct world *w, const char *type, int64_t ms, const char *rest)
{
	static int n;
	char ts[CDP_TIME_SIZE], line[512];

	cdp_time_format(ms, ts);
	snprintf(line, sizeof(line),
	    "{\"type\":\"%s\",\"messageId\":\"m%d\",\"timestamp\":\"%s\",%s}",
	    type, ++n, ts, rest);
	feed(w, line);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * What the live profiles are, without their ids: from "identifiers" on up to
 * "merged", sorted, a line each.  To be freed.
 */
static char *
people(struct world *w)
{
	struct cdp_map_ent *e;
	struct cdp_buf all = { 0 };
	char *v[4096];
	size_t i = 0, n = 0;

	while ((e = cdp_map_next(&w->m->profiles, &i)) != NULL) {
		const struct cdp_profile *p = e->val;
		char *text, *at;

		if (p->into != NULL || p->nident == 0)
			continue;
		text = cdp_xstrndup(cdp_buf_str(&p->edit));
		at = strstr(text, "\"identifiers\":") + 14;
		v[n] = cdp_xstrdup(at);
		if ((at = strstr(v[n], ",\"merged\"")) != NULL)
			*at = '\0';
		else
			v[n][strlen(v[n]) - 2] = '\0';
		free(text);
		n++;
	}
	qsort(v, n, sizeof(*v), by_text);
	for (i = 0; i < n; i++) {
		cdp_buf_puts(&all, v[i]);
		cdp_buf_putc(&all, '\n');
		free(v[i]);
	}
	return cdp_buf_cstr(&all);
}

static void
expect(struct world *w, const char *want)
{
	char *got = people(w);

	assert_string_equal(got, want);
	free(got);
}

/* ---- vectors ---- */

static void
test_resolve_t3_demotes_the_lowest(void **state)
{
	struct world w;

	(void)state;
	defaults(&w);
	start(&w, NULL);
	event(&w, "identify", 1,
	    "\"userId\":\"abc123\",\"traits\":{\"email\":\"jane@e.com\"}");
	event(&w, "identify", 2,
	    "\"userId\":\"abc456\",\"traits\":{\"email\":\"Jane@E.com\"}");
	expect(&w,
	    "{\"user_id\":[\"abc123\"],\"email\":[\"jane@e.com\"]},"
	    "\"traits\":{\"email\":\"jane@e.com\"}\n"
	    "{\"user_id\":[\"abc456\"]},"
	    "\"traits\":{\"email\":\"Jane@E.com\"}\n");
	assert_int_equal(w.m->nviol[CDP_VIOL_LIMIT], 1);
	done(&w);
}

/* Two anonymous visitors, both seen with one address: the older survives. */
static void
test_resolve_t4_merges_into_the_oldest(void **state)
{
	struct world w;
	char *out, *merge;

	(void)state;
	defaults(&w);
	start(&w, NULL);
	event(&w, "page", 10, "\"anonymousId\":\"5285\"");
	event(&w, "identify", 20,
	    "\"anonymousId\":\"5285\",\"traits\":{\"email\":\"a@b.c\"}");
	event(&w, "page", 5, "\"anonymousId\":\"b50e\"");
	event(&w, "identify", 30,
	    "\"anonymousId\":\"b50e\",\"traits\":{\"email\":\"a@b.c\"}");
	expect(&w,
	    "{\"email\":[\"a@b.c\"],\"anonymous_id\":[\"b50e\",\"5285\"]},"
	    "\"traits\":{\"email\":\"a@b.c\"}\n");
	out = printed(&w);
	merge = strstr(out,
	    "{\"type\":\"merge\",\"timestamp\":"
	    "\"1970-01-01T00:00:00.030Z\",\"messageId\":\"mrg_");
	assert_non_null(merge);
	/* It stands before the event that caused it. */
	assert_true(merge < strstr(out, "00:00:00.030Z\",\"anonymousId"));
	free(out);
	assert_int_equal(w.m->nmerge, 1);
	done(&w);
}

static void
test_resolve_t5_blocks(void **state)
{
	static const char *const bad[] = { "0000-0000", "-1", "null",
		"anonymous", "" };
	struct world w;
	char rest[128];
	size_t i;

	(void)state;
	defaults(&w);
	start(&w, NULL);
	for (i = 0; i < 5; i++) {
		sprintf(rest, "\"anonymousId\":\"%s\",\"userId\":\"u%zu\"",
		    bad[i], i % 2);
		event(&w, "track", (int64_t)i, rest);
		sprintf(rest, "\"anonymousId\":\"%s\"", bad[i]);
		event(&w, "track", (int64_t)i, rest);
	}
	expect(&w,
	    "{\"user_id\":[\"u0\"]},\"traits\":{}\n"
	    "{\"user_id\":[\"u1\"]},\"traits\":{}\n");
	assert_int_equal(w.m->nviol[CDP_VIOL_BLOCKED], 10);
	assert_int_equal(cdp_stage_stats(w.sg)->rejected, 5);
	done(&w);
}

static void
test_resolve_t6_shared_device(void **state)
{
	struct world w;

	(void)state;
	defaults(&w);
	start(&w, NULL);
	event(&w, "track", 1, "\"userId\":\"u1\",\"anonymousId\":\"a1\"");
	event(&w, "track", 2, "\"userId\":\"u2\",\"anonymousId\":\"a1\"");
	expect(&w,
	    "{\"user_id\":[\"u1\"],\"anonymous_id\":[\"a1\"]},\"traits\":{}\n"
	    "{\"user_id\":[\"u2\"]},\"traits\":{}\n");
	done(&w);
}

static void
test_resolve_t7_limit_in_a_window(void **state)
{
	const int64_t day = 86400000;
	struct world w;
	char rest[128];
	int i;

	(void)state;
	defaults(&w);
	w.id[2].per_ms = 7 * day;
	start(&w, NULL);
	for (i = 1; i <= 6; i++) {
		sprintf(rest, "\"userId\":\"u\",\"anonymousId\":\"a%d\"", i);
		event(&w, "track", i * day, rest);
	}
	assert_int_equal(w.m->nviol[CDP_VIOL_TIME_LIMIT], 1);
	/* a1 of the first day has left a week later. */
	event(&w, "track", 8 * day, "\"userId\":\"u\",\"anonymousId\":\"a7\"");
	expect(&w,
	    "{\"user_id\":[\"u\"],\"anonymous_id\":"
	    "[\"a1\",\"a2\",\"a3\",\"a4\",\"a5\",\"a7\"]},\"traits\":{}\n");
	done(&w);
}

static void
test_consent_t12(void **state)
{
#define PREFS(s) "\"context\":{\"consent\":{\"categoryPreferences\":" s "}}"
	struct world w;

	(void)state;
	defaults(&w);
	start(&w, NULL);
	event(&w, "track", 1, "\"userId\":\"u\"," PREFS("{\"A\":true}"));
	event(&w, "track", 2, "\"userId\":\"u\",\"context\":{}");
	expect(&w,
	    "{\"user_id\":[\"u\"]},\"traits\":{},\"consent\":{\"A\":true}\n");
	event(&w, "track", 3, "\"userId\":\"u\"," PREFS("{}"));
	expect(&w,
	    "{\"user_id\":[\"u\"]},\"traits\":{},\"consent\":{\"A\":false}\n");
	event(&w, "track", 5, "\"userId\":\"u\"," PREFS("{\"B\":true}"));
	event(&w, "track", 4, "\"userId\":\"u\"," PREFS("{\"A\":true}"));
	expect(&w,
	    "{\"user_id\":[\"u\"]},\"traits\":{},"
	    "\"consent\":{\"A\":false,\"B\":true}\n");
	event(&w, "track", 6, "\"anonymousId\":\"a\"");
	event(&w, "track", 7, "\"userId\":\"u\",\"anonymousId\":\"a\"");
	expect(&w,
	    "{\"user_id\":[\"u\"],\"anonymous_id\":[\"a\"]},\"traits\":{},"
	    "\"consent\":{\"A\":false,\"B\":\"conflict\"}\n");
	event(&w, "track", 8,
	    "\"userId\":\"u\"," PREFS("{\"A\":true,\"B\":true}"));
	expect(&w,
	    "{\"user_id\":[\"u\"],\"anonymous_id\":[\"a\"]},\"traits\":{},"
	    "\"consent\":{\"A\":true,\"B\":true}\n");
	done(&w);
}

static void
test_traits_newest_wins(void **state)
{
	struct world w;

	(void)state;
	defaults(&w);
	start(&w, NULL);
	event(&w, "identify", 5,
	    "\"userId\":\"u\",\"traits\":{\"b\":1,\"a\":\"x\",\"c\":null}");
	event(&w, "identify", 4,
	    "\"userId\":\"u\",\"traits\":{\"b\":0,\"c\":3,\"d\":4.50}");
	event(&w, "identify", 6, "\"userId\":\"u\",\"traits\":{\"a\":null}");
	event(&w, "identify", 3, "\"userId\":\"u\",\"traits\":{\"a\":1}");
	expect(&w, "{\"user_id\":[\"u\"]},\"traits\":{\"b\":1,\"d\":4.50}\n");
	done(&w);
}

/* The caps: the hundred and first merge is refused, the event is not. */
static void
test_resolve_stops_at_the_caps(void **state)
{
	struct world w;
	char rest[128];
	int i;

	(void)state;
	defaults(&w);
	w.id[0].limit = w.id[2].limit = 0;
	start(&w, NULL);
	w.m->max_merges = 2;
	w.m->max_mappings = 6;
	for (i = 0; i < 4; i++) {
		sprintf(rest, "\"anonymousId\":\"a%d\"", i);
		event(&w, "track", i, rest);
		sprintf(rest, "\"userId\":\"u\",\"anonymousId\":\"a%d\"", i);
		event(&w, "track", i, rest);
	}
	assert_int_equal(w.m->nmerge, 2);
	assert_int_equal(w.m->nviol[CDP_VIOL_MERGES], 1);
	for (i = 4; i < 8; i++) {
		sprintf(rest, "\"userId\":\"u\",\"anonymousId\":\"a%d\"", i);
		event(&w, "track", i, rest);
	}
	assert_int_equal(w.m->nviol[CDP_VIOL_MAPPINGS], 2);
	assert_int_equal(w.m->nprofile, 4);
	done(&w);
}

/* ---- properties ---- */

static uint32_t seed;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static void
use_all_kinds(struct world *w)
{
	static const struct cdp_str names[] = { { "Buy", 3 }, { "Drop", 4 },
		{ "Clear", 5 } };
	static struct cdp_trigger on[3];
	static struct cdp_trait v[16], gv[1];
	static struct cdp_group group;
	struct cdp_path *from = cdp_arena_calloc(&w->pr.mem, 1, sizeof(*from));
	size_t i;

	for (i = 0; i < 3; i++)
		on[i] = (struct cdp_trigger){ &names[i], 1, NULL };
	w->pr.traits = (struct cdp_traits){ v, 0, 16 };
	for (i = 0; i <= CDP_TRAIT_LIST; i++) {
		struct cdp_trait *def = &v[w->pr.traits.n++];

		*def = (struct cdp_trait){ .kind = (enum cdp_trait_kind)i,
			.name = cdp_arena_printf(&w->pr.mem, "t%02zu", i),
			.jq = -1,
			.has_trigger = true,
			.on = on[0],
			.min = 2,
			.keep = 100,
			.within_ms = i % 2 == 0 ? 500 : 0 };
		def->path = path(w, "properties.v");
	}
	v[CDP_TRAIT_LIST].within_ms = 0;
	v[CDP_TRAIT_LIST].key = path(w, "properties.v");
	v[CDP_TRAIT_LIST].remove = &on[1];
	v[CDP_TRAIT_LIST].reset = &on[2];
	gv[0] = v[CDP_TRAIT_SUM];
	gv[0].within_ms = 300;
	group = (struct cdp_group){ .name = CDP_STR("home"),
		.from = from,
		.nfrom = 1,
		.traits = { gv, 1, 1 } };
	from[0] = path(w, "groupId");
	w->pr.group = &group;
	w->pr.ngroup = 1;
}

/* One line of a story in which everything happens. */
static void
story(char *line, size_t size, int i, int64_t ms, bool groups)
{
	static const char *const events[] = { "Buy", "Buy", "Buy", "Drop",
		"Clear" };
	char who[64], ts[CDP_TIME_SIZE];
	uint32_t what = rnd(10);

	cdp_time_format(ms, ts);
	switch (rnd(4)) {
	case 0:
		sprintf(who, "\"userId\":\"u%u\",\"anonymousId\":\"a%u\"",
		    rnd(6), rnd(14));
		break;
	case 1:
		sprintf(who, "\"userId\":\"u%u\"", rnd(6));
		break;
	default:
		sprintf(who, "\"anonymousId\":\"a%u\"", rnd(14));
	}
	if (what < 2)
		snprintf(line, size,
		    "{\"type\":\"identify\",\"messageId\":\"s%d\","
		    "\"timestamp\":\"%s\",%s,\"traits\":{\"k%u\":%u}}",
		    i, ts, who, rnd(4), rnd(100));
	else if (what == 2 && groups)
		snprintf(line, size,
		    "{\"type\":\"group\",\"messageId\":\"s%d\","
		    "\"timestamp\":\"%s\",%s,\"groupId\":\"g%u\"}",
		    i, ts, who, rnd(3));
	else
		snprintf(line, size,
		    "{\"type\":\"track\",\"event\":\"%s\","
		    "\"messageId\":\"s%d\",\"timestamp\":\"%s\",%s,"
		    "\"properties\":{\"v\":%u}}",
		    events[rnd(5)], i, ts, who, rnd(5));
}

#define STORY 80

/*
 * The partition into people, their identifiers and all their traits do not
 * depend on the order of arrival while no limit is hit.
 */
static void
test_step_does_not_mind_the_order(void **state)
{
	char line[STORY][256], swap[256], *first = NULL, *got;
	struct world w;
	int round, i, j;

	(void)state;
	seed = 42;
	for (i = 0; i < STORY; i++)
		story(line[i], sizeof(line[i]), i, 1 + i * 20 + rnd(20), false);
	for (round = 0; round < 20; round++) {
		defaults(&w);
		w.id[0].limit = w.id[2].limit = 0;
		use_all_kinds(&w);
		w.pr.ngroup = 0;
		start(&w, NULL);
		for (i = 0; i < STORY; i++)
			feed(&w, line[i]);
		got = people(&w);
		if (first == NULL)
			first = got;
		else {
			assert_string_equal(got, first);
			free(got);
		}
		done(&w);
		for (i = STORY - 1; i > 0; i--) {
			j = (int)rnd((uint32_t)i + 1);
			memcpy(swap, line[i], sizeof(swap));
			memcpy(line[i], line[j], sizeof(swap));
			memcpy(line[j], swap, sizeof(swap));
		}
	}
	free(first);
}

/*
 * In one run, in one run a line, or in one that can hold nobody: the same
 * bytes.
 */
static void
test_state_survives_every_restart(void **state)
{
	char line[2 * STORY][256], dir[] = "merge-XXXXXX",
				   tight[] = "merge-XXXXXX", ts[CDP_TIME_SIZE];
	struct world one, many, few;
	char *a, *b, *c;
	int i, trims = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_non_null(mkdtemp(tight));
	seed = 7;
	defaults(&one);
	use_all_kinds(&one);
	start(&one, NULL);
	defaults(&many);
	use_all_kinds(&many);
	defaults(&few);
	use_all_kinds(&few);
	start(&few, tight);
	cdp_merge_hold(few.m, 0);
	for (i = 0; i < STORY; i++) {
		int64_t ms = 1000 + i * 30 - (rnd(5) == 0 ? rnd(400) : 0);

		if (i % 9 == 8) {
			cdp_time_format(1000 + i * 30, ts);
			sprintf(
			    line[i], "{\"type\":\"clock\",\"now\":\"%s\"}", ts);
		} else {
			story(line[i], sizeof(line[i]), i, ms, true);
		}
	}
	for (i = 0; i < STORY; i++) {
		feed(&one, line[i]);
		few.m->floor = 0;
		feed(&few, line[i]);
		flush(&few);
		trims += few.m->floor != 0 || few.m->idents.n == 0;
		start(&many, dir);
		feed(&many, line[i]);
		if (i != STORY - 1)
			stop(&many);
	}
	a = printed(&one);
	b = printed(&many);
	c = printed(&few);
	assert_string_equal(b, a);
	assert_string_equal(c, a);
	assert_int_equal(trims, STORY);
	assert_non_null(strstr(a, "\"type\":\"merge\""));
	assert_non_null(strstr(a, "\"type\":\"profile\""));
	free(a);
	free(b);
	free(c);
	done(&few);
	done(&one);
	done(&many);
	scratch_drop(dir);
	scratch_drop(tight);
}

/* Limits off, all kinds of traits, and what was joined can be parted. */
static void
reversible(struct world *w)
{
	defaults(w);
	w->id[0].limit = w->id[2].limit = 0;
	use_all_kinds(w);
	w->pr.ngroup = 0;
}

static void
tick(struct world *w, int64_t ms)
{
	char ts[CDP_TIME_SIZE], line[128];

	cdp_time_format(ms, ts);
	sprintf(line, "{\"type\":\"clock\",\"now\":\"%s\"}", ts);
	feed(w, line);
}

static void
compare(struct world *got, struct world *want)
{
	char *a, *b;

	tick(got, 1 + STORY * 20);
	tick(want, 1 + STORY * 20);
	a = people(got);
	b = people(want);
	assert_string_equal(a, b);
	free(a);
	free(b);
}

/*
 * An identifier that is taken back, at any time, leaves what there would be if
 * it had always been blocked: who is who, and all their traits; also when the
 * states have been written and read again before.
 */
static void
test_unmerge_is_as_if_blocked(void **state)
{
	char line[STORY][256], value[8], rest[64], dir[32];
	struct cdp_str block;
	struct world w, plain;
	int round, i, at;

	(void)state;
	for (round = 0; round < 30; round++) {
		seed = (uint32_t)round;
		for (i = 0; i < STORY; i++)
			story(line[i], sizeof(line[i]), i, 1 + i * 20, false);
		sprintf(value, round % 2 != 0 ? "a%u" : "u%u",
		    rnd(round % 2 != 0 ? 14 : 6));
		block = cdp_str_of(value);
		at = 1 + (int)rnd(STORY);
		strcpy(dir, "merge-XXXXXX");
		assert_non_null(mkdtemp(dir));
		reversible(&w);
		reversible(&plain);
		plain.pr.identity.block = &block;
		plain.pr.identity.nblock = 1;
		start(&w, dir);
		start(&plain, NULL);
		sprintf(rest, "\"%s\":[\"%s\"]",
		    value[0] == 'a' ? "anonymous_id" : "user_id", value);
		for (i = 0; i < STORY; i++) {
			if (i == at)
				event(&w, "unmerge", 1 + at * 20, rest);
			feed(&w, line[i]);
			feed(&plain, line[i]);
			if (i == at / 2 || i == at) {
				stop(&w);
				start(&w, dir);
			}
		}
		if (at == STORY)
			event(&w, "unmerge", 1 + at * 20, rest);
		/* Only who is in memory is looked at: everybody. */
		stop(&w);
		start(&w, dir);
		for (i = 0; i < 20; i++) {
			sprintf(rest,
			    i < 6 ? "\"userId\":\"u%d\""
				  : "\"anonymousId\":\"a%d\"",
			    i < 6 ? i : i - 6);
			event(&w, "track", STORY * 20, rest);
			event(&plain, "track", STORY * 20, rest);
		}
		compare(&w, &plain);
		done(&w);
		done(&plain);
		scratch_drop(dir);
	}
}

/*
 * A profile from before links were kept is not lost by them: whoever is not
 * taken back stays together.
 */
static void
test_unmerge_of_an_old_profile(void **state)
{
	struct cdp_profile *p;
	struct world w;
	char rest[64];
	int i;

	(void)state;
	reversible(&w);
	start(&w, NULL);
	for (i = 0; i < 70; i++) {
		sprintf(rest, "\"userId\":\"u\",\"anonymousId\":\"a%02d\"", i);
		event(&w, "track", 1 + i, rest);
	}
	p = ((struct cdp_ident *)cdp_map_get(
		 &w.m->idents, CDP_STR("i:user_id:u")))
		->owner;
	cdp_links_free(w.m, p);
	event(&w, "track", 90, "\"userId\":\"u\",\"anonymousId\":\"a05\"");
	event(&w, "unmerge", 91, "\"anonymous_id\":[\"a05\"]");
	assert_int_equal(p->nident, 70);
	event(&w, "unmerge", 92, "\"user_id\":[\"u\"]");
	/* They were noted in three sets, by the first. */
	assert_int_equal(w.m->nprofile - w.m->nmerge, 3);
	done(&w);
}

/*
 * An event that is taken back leaves what there would be if all events of its
 * identifiers had had the first of them alone.
 */
static void
test_unmerge_of_an_event(void **state)
{
	char line[STORY][256], both[STORY][64], rest[128], *and;
	struct world w, plain;
	int round, i, k;

	(void)state;
	for (round = 0; round < 30; round++) {
		seed = (uint32_t)round + 100;
		reversible(&w);
		reversible(&plain);
		start(&w, NULL);
		start(&plain, NULL);
		for (i = 0; i < STORY; i++) {
			story(line[i], sizeof(line[i]), i, 1 + i * 20, false);
			feed(&w, line[i]);
			sscanf(strstr(line[i], "\"timestamp\"") + 39,
			    "%63[^{}]", both[i]);
			if ((and = strstr(both[i], "\",\"t")) != NULL ||
			    (and = strstr(both[i], "\",\"p")) != NULL)
				and[1] = '\0';
		}
		for (k = (int)rnd(STORY);
		     strstr(both[k], ",\"anonymousId") == NULL;
		     k = (k + 1) % STORY)
			;
		for (i = 0; strcmp(both[i], both[k]) != 0; i++)
			;
		sprintf(rest, "%s,\"event\":\"s%d\"", both[k], i);
		event(&w, "unmerge", STORY * 20, rest);
		for (i = 0; i < STORY; i++) {
			and = strstr(line[i], ",\"anonymousId");
			if (and != NULL && strcmp(both[i], both[k]) == 0)
				memmove(and, strchr(and+1, ','),
				    strlen(strchr(and+1, ',')) + 1);
			feed(&plain, line[i]);
		}
		compare(&w, &plain);
		done(&w);
		done(&plain);
	}
}

/* ---- oracles ---- */

static char *
slurp(const char *cmd)
{
	struct cdp_buf b = { 0 };
	FILE *f = popen(cmd, "r");
	char *p, *ret;
	size_t n;

	while ((p = cdp_buf_room(&b, 65536)) != NULL &&
	    (n = fread(p, 1, 65536, f)) != 0)
		b.n += n;
	if (pclose(f) != 0 || b.n == 0) {
		cdp_buf_free(&b);
		return NULL;
	}
	ret = cdp_xstrndup(cdp_buf_str(&b));
	cdp_buf_free(&b);
	return ret;
}

/* The top of the checkout, where the shared data may be beside it. */
static const char *
beside(char *ret, size_t size, const char *rest)
{
	const char *top = getenv("top");

	snprintf(ret, size, "%s/../shared/%s", top != NULL ? top : ".", rest);
	return access(ret, R_OK) == 0 ? ret : NULL;
}

static uint32_t root[60000];

static uint32_t
find(uint32_t i)
{
	while (root[i] != i)
		i = root[i] = root[root[i]];
	return i;
}

/* Every so many edges, each an event; also for the union-find. */
static void
play_edges(struct world *w, const char *csv, unsigned every)
{
	unsigned a, b, i = 0;
	const char *p;
	char rest[64];

	for (a = 0; a < 60000; a++)
		root[a] = a;
	for (p = strchr(csv, '\n'); p != NULL && p[1] != '\0';
	     p = strchr(p + 1, '\n')) {
		if (i++ % every != 0 || sscanf(p + 1, "%u,%u", &a, &b) != 2)
			continue;
		root[find(a)] = find(b);
		sprintf(
		    rest, "\"anonymousId\":\"n%u\",\"friend\":\"n%u\"", a, b);
		event(w, "track", i, rest);
		pace(w);
	}
}

/* No profile holds two parts, and there are as many of either. */
static void
judge_parts(struct world *w)
{
	struct cdp_map_ent *e;
	unsigned a, parts = 0, roots = 0;
	size_t it, j;

	for (it = 0; (e = cdp_map_next(&w->m->profiles, &it)) != NULL;) {
		const struct cdp_profile *pf = e->val;
		uint32_t part = UINT32_MAX;

		if (pf->into != NULL)
			continue;
		parts++;
		for (j = 0; j < pf->nident; j++) {
			char *v = cdp_xstrndup(cdp_ident_value(pf->ident[j]));

			a = find((uint32_t)strtoul(v + 1, NULL, 10));
			free(v);
			if (part == UINT32_MAX)
				part = a;
			assert_int_equal(a, part);
		}
	}
	assert_int_equal(parts, w->m->nprofile - w->m->nmerge);
	for (it = 0; it < 60000; it++)
		roots += root[it] == it &&
		    cdp_map_get(&w->m->idents,
			cdp_arena_printf(&w->mem, "i:anonymous_id:n%zu", it)) !=
			NULL;
	assert_int_equal(roots, parts);
}

/* Graphs of friends and of web pages, against a union-find. */
static void
test_resolve_equals_union_find(void **state)
{
	static const struct {
		const char *name;
		unsigned every;
	} graph[] = { { "HU", 16 }, { "RO", 16 }, { "crocodile", 64 },
		{ "media", 64 } };
	char rel[64], file[512], cmd[700], *csv;
	struct cdp_path *from;
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(graph) / sizeof(graph[0]); i++) {
		snprintf(rel, sizeof(rel), "data/graphs/%s_edges.csv.zst",
		    graph[i].name);
		if (beside(file, sizeof(file), rel) == NULL)
			skip();
		snprintf(cmd, sizeof(cmd), "zstd -dcq %s", file);
		if ((csv = slurp(cmd)) == NULL)
			skip();
		defaults(&w);
		w.pr.identity.nid = 0;
		from = (struct cdp_path *)add_id(
		    &w, "anonymous_id", "anonymousId", 0)
			   ->from;
		from[1] = path(&w, "friend");
		w.id[0].nfrom = 2;
		start(&w, NULL);
		play_edges(&w, csv, graph[i].every);
		free(csv);
		judge_parts(&w);
		done(&w);
	}
}

/* ---- Segment's own examples ---- */

static void
configure(struct world *w, const struct cdp_tape *t, uint32_t config)
{
	uint32_t list = cdp_tape_get(t, config, CDP_STR("identifiers"));
	uint32_t it = 0, key, val;
	size_t i;

	w->pr.identity.nid = 0;
	while (cdp_tape_next(t, list, &it, &key, &val)) {
		char *name = cdp_xstrndup(cdp_tape_str(
		    t, cdp_tape_get(t, val, CDP_STR("type")), &w->pr.mem));
		const char *from = strcmp(name, "user_id") == 0 ? "userId"
		    : strcmp(name, "email") == 0                ? "traits.email"
		    : strcmp(name, "anonymous_id") == 0         ? "anonymousId"
		    : strcmp(name, "ios.id") == 0               ? "ios"
								: "android";
		int64_t limit = 0;

		cdp_tape_i64(t, cdp_tape_get(t, val, CDP_STR("limit")), &limit);
		add_id(w, cdp_arena_dup(&w->pr.mem, cdp_str_of(name)).p, from,
		    limit);
		free(name);
	}
	for (i = 0; i < w->pr.identity.nid; i++)
		if (cdp_str_is(w->id[i].name, "email"))
			w->id[i].normalize = CDP_NORM_EMAIL;
}

/* One member of a JSON object as text, or "". */
static struct cdp_str
text(const struct cdp_tape *t, uint32_t at, const char *a, const char *b,
    struct cdp_arena *mem)
{
	at = cdp_tape_get(t, at, cdp_str_of(a));
	if (b != NULL)
		at = cdp_tape_get(t, at, cdp_str_of(b));
	return cdp_tape_str(t, at, mem);
}

static void
play(struct world *w, const struct cdp_tape *t, uint32_t at)
{
	struct cdp_arena mem = { 0 };
	struct cdp_buf b = { 0 };
	uint32_t ctx = cdp_tape_get(t, at, CDP_STR("context"));
	struct cdp_str raw = cdp_tape_raw(t, at);
	struct cdp_str os = text(t, ctx, "device", "type", &mem);
	struct cdp_str id = text(t, ctx, "device", "id", &mem);
	static int64_t ms;
	char ts[CDP_TIME_SIZE];

	cdp_time_format(++ms, ts);
	cdp_buf_put(&b, (struct cdp_str){ raw.p, raw.n - 1 });
	cdp_buf_printf(
	    &b, ",\"messageId\":\"g%d\",\"timestamp\":\"%s\"", (int)ms, ts);
	if (id.n != 0)
		cdp_buf_printf(
		    &b, ",\"%.*s\":\"%.*s\"", (int)os.n, os.p, (int)id.n, id.p);
	cdp_buf_puts(&b, "}");
	feed(w, cdp_buf_cstr(&b));
	cdp_buf_free(&b);
	cdp_arena_free(&mem);
}

static void
judge(struct world *w, const struct cdp_tape *t, uint32_t list)
{
	uint32_t it = 0, key, val, in, k, vals, iv, v;
	struct cdp_map_ent *e;
	size_t n = 0, i;

	for (i = 0; (e = cdp_map_next(&w->m->profiles, &i)) != NULL;)
		n += ((struct cdp_profile *)e->val)->into == NULL;
	assert_int_equal(n, cdp_tape_count(t, list));
	while (cdp_tape_next(t, list, &it, &key, &val)) {
		struct cdp_profile *p = NULL;
		size_t count = 0;

		for (in = 0; cdp_tape_next(t, val, &in, &k, &vals);) {
			if (cdp_tape_streq(t, k, CDP_STR("events")))
				continue;
			for (iv = 0; cdp_tape_next(t, vals, &iv, &k, &v);) {
				struct cdp_str name = cdp_tape_str(
				    t, in == 0 ? 0 : vals - 1, &w->mem);
				struct cdp_str s = cdp_tape_str(t, v, &w->mem);
				struct cdp_ident *id = cdp_map_get(
				    &w->m->idents,
				    cdp_arena_printf(&w->mem, "i:%.*s:%.*s",
					(int)name.n, name.p, (int)s.n, s.p));

				assert_non_null(id);
				if (p == NULL)
					p = id->owner;
				assert_ptr_equal(id->owner, p);
				count++;
			}
		}
		assert_non_null(p);
		assert_int_equal(p->nident, count);
	}
}

static void
test_resolve_segment_examples(void **state)
{
	char file[512], *all, *line, *next;
	struct cdp_tape t = { 0 };
	struct cdp_buf b = { 0 };
	uint32_t it, key, val, at;
	int ran = 0;

	(void)state;
	if (beside(file, sizeof(file),
		"cases/segment-identity/identity-rules.ndjson") == NULL)
		skip();
	assert_int_equal(cdp_io_read_file(file, 1 << 20, &b, NULL), 0);
	all = cdp_buf_cstr(&b);
	for (line = all; *line != '\0'; line = next) {
		struct world w;

		next = strchr(line, '\n');
		next = next != NULL ? next + 1 : line + strlen(line);
		assert_int_equal(
		    cdp_tape_parse(&t,
			(struct cdp_str){ line, (size_t)(next - line) }, NULL),
		    0);
		at = cdp_tape_get(&t, cdp_tape_get(&t, 0, CDP_STR("expected")),
		    CDP_STR("profiles"));
		if (at == CDP_NOTOK)
			continue; /* of default priorities: the loader's */
		defaults(&w);
		configure(&w, &t, cdp_tape_get(&t, 0, CDP_STR("config")));
		start(&w, NULL);
		val = cdp_tape_get(&t, 0, CDP_STR("existing_profiles"));
		if (cdp_tape_count(&t, val) != 0)
			event(&w, "identify", 0,
			    "\"userId\":\"abc123\",\"traits\":"
			    "{\"email\":\"jane@example1.com\"}");
		it = 0;
		key = cdp_tape_get(&t, 0, CDP_STR("events"));
		for (uint32_t k; cdp_tape_next(&t, key, &it, &k, &val);)
			play(&w, &t, val);
		judge(&w, &t, at);
		done(&w);
		ran++;
	}
	assert_true(ran >= 11);
	cdp_tape_free(&t);
	cdp_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve_t3_demotes_the_lowest),
		cmocka_unit_test(test_resolve_t4_merges_into_the_oldest),
		cmocka_unit_test(test_resolve_t5_blocks),
		cmocka_unit_test(test_resolve_t6_shared_device),
		cmocka_unit_test(test_resolve_t7_limit_in_a_window),
		cmocka_unit_test(test_consent_t12),
		cmocka_unit_test(test_traits_newest_wins),
		cmocka_unit_test(test_resolve_stops_at_the_caps),
		cmocka_unit_test(test_step_does_not_mind_the_order),
		cmocka_unit_test(test_state_survives_every_restart),
		cmocka_unit_test(test_unmerge_is_as_if_blocked),
		cmocka_unit_test(test_unmerge_of_an_event),
		cmocka_unit_test(test_unmerge_of_an_old_profile),
		cmocka_unit_test(test_resolve_equals_union_find),
		cmocka_unit_test(test_resolve_segment_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
