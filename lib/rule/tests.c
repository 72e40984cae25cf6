#include "lib/rule/tests.h"

#include "lib/base/io.h"
#include "lib/json/write.h"
#include "lib/rule/file.h"

#define MAX_BYTES ((size_t)16 << 20)
#define START INT64_C(1767614400000) /* 2026-01-05T12:00:00Z, a Monday */
#define SOMEBODY CDP_STR("somebody")

/* ---- what is given ---- */

/* A length of time that may be nothing at all. */
static bool
load_offset(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int64_t *ret)
{
	static const char *const zero[] = { "0", "0m", "0s", "0h", "0d", NULL };

	for (size_t i = 0; node != NULL && zero[i] != NULL; i++)
		if (node->kind == CDP_NODE_SCALAR &&
		    cdp_str_is(node->text, zero[i])) {
			*ret = 0;
			return true;
		}
	return cdp_load_duration(ld, node, what, ret);
}

static void
put_head(struct cdp_buf *b, const struct cdp_test *t, const char *type,
    int64_t at_ms)
{
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "type", cdp_str_of(type));
	cdp_json_ktime(b, "timestamp", t->start_ms + at_ms);
}

static void
put_node(struct cdp_buf *b, struct cdp_str key, const struct cdp_node *node)
{
	cdp_json_comma(b);
	cdp_json_str(b, key);
	cdp_buf_putc(b, ':');
	cdp_node_json(b, node);
}

static void
add_given(struct cdp_loader *ld, struct cdp_test *t, struct cdp_buf *b,
    bool named, int64_t comes_ms)
{
	char id[24];

	if (!named) {
		snprintf(id, sizeof(id), "given-%zu", t->ngiven + 1);
		cdp_json_kstr(b, "messageId", cdp_str_of(id));
	}
	cdp_buf_putc(b, '}');
	t->given[t->ngiven++] = (struct cdp_given){ comes_ms,
		cdp_arena_dup(ld->mem, cdp_buf_str(b)) };
}

/* "at", and when it arrives, which may be later. */
static bool
load_when(struct cdp_loader *ld, const struct cdp_node *map, int64_t *at_ms,
    int64_t *comes_ms)
{
	const struct cdp_node *at = cdp_node_get(map, "at");
	const struct cdp_node *arrives = cdp_node_get(map, "arrives");

	*at_ms = 0;
	if (at != NULL && !load_offset(ld, at, "at", at_ms))
		return false;
	*comes_ms = *at_ms;
	if (arrives == NULL)
		return true;
	if (!load_offset(ld, arrives, "arrives", comes_ms))
		return false;
	if (*comes_ms < *at_ms)
		cdp_diag_error(ld->diags, arrives, "bad-value",
		    "it arrives before it happens");
	return *comes_ms >= *at_ms;
}

/* Whoever no line names is always the same. */
static void
load_event(struct cdp_loader *ld, struct cdp_test *t, struct cdp_node *map,
    struct cdp_str user)
{
	static const char *const who[] = { "userId", "anonymousId", "object",
		NULL };
	const struct cdp_node *type = cdp_node_get(map, "type");
	struct cdp_buf b = { 0 };
	bool known = type != NULL && cdp_str_is(type->text, "object");
	int64_t at_ms, comes_ms;
	size_t i;

	if (!cdp_load_is_map(ld, map, "what is given") ||
	    !load_when(ld, map, &at_ms, &comes_ms))
		return;
	put_head(&b, t,
	    type != NULL ? cdp_arena_dup(ld->mem, type->text).p : "track",
	    at_ms);
	for (i = 0; i < map->n; i++) {
		const struct cdp_node *key = map->key[i];

		if (cdp_str_is(key->text, "at") ||
		    cdp_str_is(key->text, "arrives") ||
		    cdp_str_is(key->text, "type"))
			continue;
		for (size_t k = 0; who[k] != NULL; k++)
			known |= cdp_str_is(key->text, who[k]);
		put_node(&b, key->text, map->item[i]);
	}
	if (!known)
		cdp_json_kstr(&b, "userId", user);
	add_given(ld, t, &b, cdp_node_get(map, "messageId") != NULL, comes_ms);
	cdp_buf_free(&b);
}

/* What is known of somebody when the test begins: an identify call. */
static struct cdp_str
load_profile(struct cdp_loader *ld, struct cdp_test *t, struct cdp_node *map,
    struct cdp_str id)
{
	static const char *const keys[] = { "userId", "traits", "consent",
		NULL };
	struct cdp_node *user = cdp_node_get(map, "userId");
	struct cdp_node *traits = cdp_node_get(map, "traits");
	struct cdp_node *consent = cdp_node_get(map, "consent");
	struct cdp_buf b = { 0 };

	if (!cdp_load_is_map(ld, map, "profile"))
		return id;
	cdp_diag_keys(ld->diags, map, "the profile of a test", keys);
	if (user != NULL)
		cdp_load_str(ld, user, "userId", &id);
	put_head(&b, t, "identify", 0);
	cdp_json_kstr(&b, "userId", id);
	if (traits != NULL && cdp_load_is_map(ld, traits, "traits"))
		put_node(&b, CDP_STR("traits"), traits);
	if (consent != NULL && cdp_load_is_map(ld, consent, "consent")) {
		cdp_buf_puts(
		    &b, ",\"context\":{\"consent\":{\"categoryPreferences\":");
		cdp_node_json(&b, consent);
		cdp_buf_puts(&b, "}}");
	}
	add_given(ld, t, &b, false, 0);
	cdp_buf_free(&b);
	return id;
}

/* ---- what is expected ---- */

static void
known_journey(
    struct cdp_loader *ld, const struct cdp_node *at, struct cdp_str name)
{
	const struct cdp_project *pr = ld->pr;
	struct cdp_str *known =
	    cdp_arena_calloc(ld->mem, pr->njourney + 1, sizeof(*known));
	size_t i;

	for (i = 0; i < pr->njourney; i++) {
		known[i] = pr->journey[i].key;
		if (cdp_str_eq(known[i], name))
			return;
	}
	cdp_diag_name(ld->diags, at, "unknown-journey", "no journey", name,
	    known, pr->njourney);
}

static void
known_audience(
    struct cdp_loader *ld, const struct cdp_node *at, struct cdp_str name)
{
	const struct cdp_project *pr = ld->pr;
	struct cdp_str *known =
	    cdp_arena_calloc(ld->mem, pr->naudience + 1, sizeof(*known));
	size_t i;

	for (i = 0; i < pr->naudience; i++) {
		known[i] = pr->audience[i].key;
		if (cdp_str_eq(known[i], name))
			return;
	}
	cdp_diag_name(ld->diags, at, "unknown-audience", "no audience", name,
	    known, pr->naudience);
}

static void
known_destination(
    struct cdp_loader *ld, const struct cdp_node *at, struct cdp_str name)
{
	const struct cdp_project *pr = ld->pr;
	struct cdp_str *known =
	    cdp_arena_calloc(ld->mem, pr->ndestination + 1, sizeof(*known));
	size_t i;

	for (i = 0; i < pr->ndestination; i++)
		known[i] = pr->destination[i].name;
	if (cdp_project_destination(pr, name) == NULL)
		cdp_diag_name(ld->diags, at, "unknown-destination",
		    "no destination", name, known, pr->ndestination);
}

static void
check_want(struct cdp_loader *ld, const struct cdp_want *w)
{
	const struct cdp_node *map = w->node;

	if (w->kind == CDP_WANT_SEND)
		known_destination(ld, cdp_node_get(map, "send"), w->name);
	else if (w->kind == CDP_WANT_HELD)
		known_destination(ld, cdp_node_get(map, "held"), w->name);
	else if (w->kind == CDP_WANT_ENTER)
		known_journey(ld, cdp_node_get(map, "enter"), w->name);
	else if (w->kind == CDP_WANT_AUDIENCE)
		known_audience(ld, cdp_node_get(map, "audience"), w->name);
	if (w->journey.n != 0)
		known_journey(ld, cdp_node_get(map, "journey"), w->journey);
}

static const char *const kinds[] = {
	[CDP_WANT_SEND] = "send",
	[CDP_WANT_HELD] = "held",
	[CDP_WANT_ENTER] = "enter",
	[CDP_WANT_END] = "end",
	[CDP_WANT_AUDIENCE] = "audience",
	[CDP_WANT_PROFILE] = "profile",
};
#define NKINDS (sizeof(kinds) / sizeof(*kinds))

static void
load_want(struct cdp_loader *ld, struct cdp_test *t, struct cdp_node *map)
{
	static const char *const keys[] = { "at", "send", "held", "enter",
		"end", "audience", "profile", "journey", "step", "action",
		"user", "exited", "where", "reason", NULL };
	struct cdp_want w = { .node = map };
	struct cdp_node *v[NKINDS], *x;
	size_t i, n = 0;

	if (!cdp_load_is_map(ld, map, "what is expected"))
		return;
	cdp_diag_keys(ld->diags, map, "what is expected", keys);
	for (i = 0; i < NKINDS; i++)
		if ((v[i] = cdp_node_get(map, kinds[i])) != NULL) {
			w.kind = (enum cdp_want_kind)i;
			n++;
		}
	if (n != 1) {
		cdp_diag_error(ld->diags, map, "bad-value",
		    "what is expected is one of send, held, enter, end, "
		    "audience and profile");
		return;
	}
	if (w.kind == CDP_WANT_PROFILE)
		w.where = cdp_pred_where(ld, v[w.kind]);
	else
		cdp_load_str(ld, v[w.kind], kinds[w.kind], &w.name);
	if ((x = cdp_node_get(map, "at")) != NULL)
		w.timed = load_offset(ld, x, "at", &w.at_ms);
	if ((x = cdp_node_get(map, "journey")) != NULL)
		cdp_load_str(ld, x, "journey", &w.journey);
	if ((x = cdp_node_get(map, "step")) != NULL)
		cdp_load_str(ld, x, "step", &w.step);
	if ((x = cdp_node_get(map, "action")) != NULL)
		cdp_load_str(ld, x, "action", &w.action);
	if ((x = cdp_node_get(map, "reason")) != NULL)
		cdp_load_str(ld, x, "reason", &w.reason);
	if ((x = cdp_node_get(map, "user")) != NULL)
		cdp_load_str(ld, x, "user", &w.user);
	if ((x = cdp_node_get(map, "exited")) != NULL)
		cdp_load_bool(ld, x, "exited", &w.exited);
	if ((x = cdp_node_get(map, "where")) != NULL)
		w.where = cdp_pred_where(ld, x);
	check_want(ld, &w);
	t->want[t->nwant++] = w;
}

/* ---- a test ---- */

static void
load_times(struct cdp_loader *ld, struct cdp_test *t, struct cdp_node *map)
{
	struct cdp_node *start = cdp_node_get(map, "start");
	struct cdp_node *until = cdp_node_get(map, "until");
	struct cdp_str s;
	int64_t ms;

	t->start_ms = START;
	t->until_ms = CDP_TIME_END;
	if (start != NULL && cdp_load_str(ld, start, "start", &s) &&
	    cdp_time_parse(s, &t->start_ms) != 0)
		cdp_diag_error(ld->diags, start, "bad-value",
		    "start must be a time such as 2026-01-05T12:00:00Z");
	if (until != NULL && load_offset(ld, until, "until", &ms))
		t->until_ms = t->start_ms + ms;
}

/* Who the first event names that names somebody: a profile without a userId
 * is theirs. */
static struct cdp_str
first_named(const struct cdp_node *given)
{
	const struct cdp_node *user;

	for (size_t i = 0; given != NULL && i < given->n; i++) {
		user = given->item[i]->kind == CDP_NODE_MAP
		    ? cdp_node_get(given->item[i], "userId")
		    : NULL;
		if (user != NULL && user->kind == CDP_NODE_SCALAR &&
		    user->text.n != 0)
			return user->text;
	}
	return SOMEBODY;
}

static void
load_given(struct cdp_loader *ld, struct cdp_test *t, struct cdp_node *map)
{
	struct cdp_node *given = cdp_node_get(map, "given");
	struct cdp_node *who = cdp_node_get(map, "profile");
	bool several = who != NULL && who->kind == CDP_NODE_SEQ;
	size_t i, n = given != NULL ? given->n : 0;
	size_t np = who == NULL ? 0 : several ? who->n : 1;
	struct cdp_str user = SOMEBODY, id = first_named(given);

	t->given = cdp_arena_calloc(ld->mem, n + np + 1, sizeof(*t->given));
	for (i = 0; i < np; i++) {
		id = load_profile(ld, t, several ? who->item[i] : who,
		    i == 0 ? id : SOMEBODY);
		if (i == 0)
			user = id;
	}
	if (given == NULL || !cdp_load_is_seq(ld, given, "given"))
		return;
	for (i = 0; i < n; i++)
		load_event(ld, t, given->item[i], user);
}

static void
load_test(struct cdp_loader *ld, struct cdp_test *t, struct cdp_node *map)
{
	static const char *const keys[] = { "name", "start", "until", "profile",
		"given", "expect", NULL };
	struct cdp_node *expect = cdp_node_get(map, "expect");
	struct cdp_given *v;
	size_t i;

	t->node = map;
	if (!cdp_load_is_map(ld, map, "a test"))
		return;
	cdp_diag_keys(ld->diags, map, "a test", keys);
	cdp_load_str(
	    ld, cdp_node_get(map, "name"), "the name of a test", &t->name);
	load_times(ld, t, map);
	load_given(ld, t, map);
	/* Stable: what is given at one time keeps the order of the file. */
	v = t->given;
	for (i = 1; i < t->ngiven; i++)
		for (size_t k = i; k > 0 && v[k].comes_ms < v[k - 1].comes_ms;
		     k--) {
			struct cdp_given x = v[k];

			v[k] = v[k - 1];
			v[k - 1] = x;
		}
	if (expect == NULL || !cdp_load_is_seq(ld, expect, "expect")) {
		if (expect == NULL)
			cdp_diag_error(ld->diags, map, "missing-key",
			    "a test has 'expect'; [] if nothing is to be sent");
		return;
	}
	t->want = cdp_arena_calloc(ld->mem, expect->n + 1, sizeof(*t->want));
	for (i = 0; i < expect->n; i++)
		load_want(ld, t, expect->item[i]);
}

static void
load_tests(struct cdp_loader *ld, struct cdp_node *list)
{
	struct cdp_tests *ts = &ld->pr->tests;

	if (list == NULL || !cdp_load_is_seq(ld, list, "tests"))
		return;
	ts->v = cdp_load_grow(ld, ts->v, ts->n, list->n, sizeof(*ts->v));
	for (size_t i = 0; i < list->n; i++)
		load_test(ld, &ts->v[ts->n++], list->item[i]);
}

/* What they name may come in a file that is read later. */
void
cdp_check_tests(struct cdp_loader *ld)
{
	const struct cdp_file *f;

	for (f = ld->pr->file; f != NULL; f = f->next)
		load_tests(ld, cdp_node_get(f->root, "tests"));
}

int
cdp_tests_read(struct cdp_project *pr, const char *path,
    struct cdp_diags *diags, struct cdp_err *err)
{
	static const char *const keys[] = { "tests", NULL };
	struct cdp_loader ld = {
		.mem = &pr->mem, .diags = diags, .pr = pr, .jq = pr->jq
	};
	size_t before = diags->nerrors;
	struct cdp_buf b = { 0 };
	struct cdp_node *root = NULL;
	const char *file = cdp_arena_dup(&pr->mem, cdp_str_of(path)).p;
	int rc;

	rc = cdp_io_read_file(path, MAX_BYTES, &b, err);
	if (rc == 0) {
		cdp_yaml_parse(cdp_arena_dup(&pr->mem, cdp_buf_str(&b)), file,
		    &pr->mem, diags, &root);
		if (root != NULL && cdp_load_is_map(&ld, root, "tests")) {
			cdp_diag_keys(diags, root, "a file of tests", keys);
			load_tests(&ld, cdp_node_get(root, "tests"));
		}
		if (diags->nerrors != before)
			rc = cdp_fail(err, CDP_ECONF, "%zu error%s in '%s'",
			    diags->nerrors - before,
			    diags->nerrors - before == 1 ? "" : "s", path);
	}
	cdp_buf_free(&b);
	return rc;
}
