#include "lib/ingest/body.h"

#include "lib/json/write.h"

/* What a body says of all events in it. */
struct common {
	const struct cdp_tape *t;
	uint32_t context, integrations, sent, received, timestamp;
};

static int
bad_body(struct cdp_err *err, const char *field, const char *what)
{
	return cdp_fail_rule(
	    err, CDP_EDATA, "bad_request", field, "%s %s", field, what);
}

static int
too_long(struct cdp_err *err, const char *what, const char *key, size_t n,
    int64_t max)
{
	return cdp_fail_rule(err, CDP_EDATA, "too_long", NULL,
	    "%s has %zu bytes, the limit (ingest.%s) is %lld", what, n, key,
	    (long long)max);
}

static bool
given(const struct cdp_tape *t, uint32_t at)
{
	return cdp_tape_kind(t, at) != CDP_NULL;
}

/* ---- merging ---- */

static void
put_member(struct cdp_buf *b, const struct cdp_tape *t, uint32_t key)
{
	cdp_json_comma(b);
	cdp_buf_put(b, cdp_tape_raw(t, key));
	cdp_buf_putc(b, ':');
	cdp_buf_put(b, cdp_tape_raw(t, key + 1));
}

/* The members that the event has, and of all's those that it has not. */
static void
put_merged(struct cdp_buf *b, const struct common *all, uint32_t from,
    const struct cdp_tape *t, uint32_t own, struct cdp_arena *mem)
{
	uint32_t it = 0, key, val;
	struct cdp_str name;

	cdp_buf_putc(b, '{');
	while (cdp_tape_next(t, own, &it, &key, &val))
		put_member(b, t, key);
	it = 0;
	while (cdp_tape_next(all->t, from, &it, &key, &val)) {
		name = cdp_tape_str(all->t, key, mem);
		if (cdp_tape_get(t, own, name) == CDP_NOTOK)
			put_member(b, all->t, key);
	}
	cdp_buf_putc(b, '}');
}

/* An edit (see cdp_json_splice) that gives an event what is said of all. */
static void
gather(struct cdp_buf *edit, const struct common *all, const struct cdp_tape *t,
    struct cdp_arena *mem)
{
	const struct {
		const char *name;
		uint32_t from;
	} maps[] = { { "context", all->context },
		{ "integrations", all->integrations } },
	  times[] = { { "sentAt", all->sent }, { "receivedAt", all->received },
		  { "timestamp", all->timestamp } };
	uint32_t own;
	size_t i;

	for (i = 0; i < 2; i++) {
		own = cdp_tape_get(t, 0, cdp_str_of(maps[i].name));
		/* What is no object is for the envelope to judge. */
		if (cdp_tape_count(all->t, maps[i].from) == 0 ||
		    (given(t, own) && !cdp_tape_isa(t, own, CDP_OBJECT)))
			continue;
		cdp_json_key(edit, maps[i].name);
		put_merged(edit, all, maps[i].from, t, own, mem);
	}
	for (i = 0; i < 3; i++) {
		own = cdp_tape_get(t, 0, cdp_str_of(times[i].name));
		if (!given(all->t, times[i].from) || given(t, own))
			continue;
		/* Of a body, timestamp is when it was sent. */
		if (i == 2 &&
		    given(t, cdp_tape_get(t, 0, CDP_STR("originalTimestamp"))))
			continue;
		cdp_json_kraw(
		    edit, times[i].name, cdp_tape_raw(all->t, times[i].from));
	}
}

/* The bytes of an event in a list, as they would stand alone. */
static int
compose(struct cdp_body *b, const struct common *all, struct cdp_str raw,
    struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err)
{
	struct cdp_buf edit = { 0 };
	int rc = cdp_tape_parse(&b->item, raw, err);

	*ret = raw;
	if (rc != 0 || !cdp_tape_isa(&b->item, 0, CDP_OBJECT))
		return rc;
	cdp_buf_putc(&edit, '{');
	gather(&edit, all, &b->item, mem);
	if (edit.n > 1) {
		cdp_buf_putc(&edit, '}');
		cdp_buf_reset(&b->text);
		cdp_json_splice(
		    &b->text, &b->item, cdp_buf_str(&edit), CDP_STR(""), 0);
		*ret = cdp_buf_str(&b->text);
	}
	cdp_buf_free(&edit);
	return 0;
}

/* ---- splitting ---- */

/* What goes with each event of a text. */
struct split {
	struct cdp_body *b;
	const struct cdp_limits *limits;
	uint64_t lineno;
	struct cdp_arena *mem;
	const struct cdp_each *each;
};

/* A fault of the text or of one in it: t is what was read, if it is JSON. */
static int
refuse(const struct split *s, struct cdp_str raw, const struct cdp_tape *t,
    uint64_t item, struct cdp_err *err)
{
	const struct cdp_line ln = {
		.raw = raw, .tape = t, .lineno = s->lineno, .item = item
	};
	const struct cdp_err why = *err;

	return s->each->bad(s->each->arg, &ln, &why, err);
}

static int
one_of(const struct split *s, const struct common *all, struct cdp_str raw,
    uint64_t item, struct cdp_err *err)
{
	struct cdp_tape *t = &s->b->item;
	struct cdp_line ln;
	struct cdp_str text = raw;
	int rc = compose(s->b, all, raw, s->mem, &text, err);

	if (rc == 0)
		rc = cdp_line_parse(text, s->lineno, t, s->mem, &ln, err);
	if (rc == 0 && raw.n > (size_t)s->limits->event_bytes)
		rc = too_long(
		    err, "the event", "event", raw.n, s->limits->event_bytes);
	if (rc == CDP_EDATA)
		return refuse(s, text, t, item, err);
	ln.item = item;
	return rc != 0 ? rc : s->each->line(s->each->arg, &ln, err);
}

static int
several(const struct split *s, const struct common *all, uint32_t list,
    struct cdp_err *err)
{
	const struct cdp_limits *limits = s->limits;
	size_t n = cdp_tape_count(all->t, list), item = 0;
	uint32_t it = 0, key, val;
	int rc;

	if (all->t->n > (size_t)limits->batch_bytes)
		return too_long(
		    err, "the body", "batch", all->t->n, limits->batch_bytes);
	if (n == 0)
		return cdp_fail_rule(err, CDP_EDATA, "empty_batch", NULL,
		    "there is no event in it");
	if (n > (size_t)limits->batch_events)
		return cdp_fail_rule(err, CDP_EDATA, "too_many_events", NULL,
		    "the body has %zu events, the limit (ingest.batch_events) "
		    "is %lld",
		    n, (long long)limits->batch_events);
	while (cdp_tape_next(all->t, list, &it, &key, &val))
		if ((rc = one_of(
			 s, all, cdp_tape_raw(all->t, val), ++item, err)) != 0)
			return rc;
	return 0;
}

/* {"batch":[...], ...} */
static int
batch(const struct split *s, uint32_t list, struct cdp_err *err)
{
	const struct cdp_tape *t = &s->b->tape;
	const struct common all = { .t = t,
		.context = cdp_tape_get(t, 0, CDP_STR("context")),
		.integrations = cdp_tape_get(t, 0, CDP_STR("integrations")),
		.sent = cdp_tape_get(t, 0, CDP_STR("sentAt")),
		.received = cdp_tape_get(t, 0, CDP_STR("receivedAt")),
		.timestamp = cdp_tape_get(t, 0, CDP_STR("timestamp")) };

	if (!cdp_tape_isa(t, list, CDP_ARRAY))
		return bad_body(err, "batch", "is not a list");
	if (given(t, all.context) && !cdp_tape_isa(t, all.context, CDP_OBJECT))
		return bad_body(err, "context", "is not an object");
	if (given(t, all.integrations) &&
	    !cdp_tape_isa(t, all.integrations, CDP_OBJECT))
		return bad_body(err, "integrations", "is not an object");
	return several(s, &all, list, err);
}

/* A text that is no event: a list, a body, or nothing that we know. */
static int
no_event(const struct split *s, struct cdp_err *err)
{
	const struct cdp_tape *t = &s->b->tape;
	const struct common none = { t, CDP_NOTOK, CDP_NOTOK, CDP_NOTOK,
		CDP_NOTOK, CDP_NOTOK };

	if (cdp_tape_isa(t, 0, CDP_OBJECT))
		return batch(s, cdp_tape_get(t, 0, CDP_STR("batch")), err);
	return several(s, &none, 0, err);
}

/* Whether an object is a body: it has a batch, and no type of its own. */
static bool
is_body(const struct cdp_line *ln)
{
	const struct cdp_tape *t = ln->tape;

	return ln->type == CDP_OTHER &&
	    given(t, cdp_tape_get(t, 0, CDP_STR("batch"))) &&
	    !given(t, cdp_tape_get(t, 0, CDP_STR("type")));
}

int
cdp_body_split(struct cdp_body *b, const struct cdp_limits *limits,
    struct cdp_str text, uint64_t lineno, struct cdp_arena *mem,
    const struct cdp_each *each, struct cdp_err *err)
{
	const struct split s = { b, limits, lineno, mem, each };
	struct cdp_tape *t = &b->tape;
	struct cdp_line ln;
	int rc = cdp_line_parse(text, lineno, t, mem, &ln, err);

	if (rc == 0 && !is_body(&ln)) {
		if (text.n <= (size_t)limits->event_bytes)
			return each->line(each->arg, &ln, err);
		rc = too_long(
		    err, "the event", "event", text.n, limits->event_bytes);
	} else if (rc == 0 || (t->ntok != 0 && cdp_tape_isa(t, 0, CDP_ARRAY))) {
		rc = no_event(&s, err);
	}
	return rc == CDP_EDATA
	    ? refuse(&s, text, t->ntok != 0 ? t : NULL, 0, err)
	    : rc;
}

void
cdp_body_free(struct cdp_body *b)
{
	cdp_tape_free(&b->tape);
	cdp_tape_free(&b->item);
	cdp_buf_free(&b->text);
}
