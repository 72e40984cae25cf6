#include "lib/rule/catalog.h"

#include "lib/base/time.h"
#include "lib/json/write.h"

#define HELD_MAX ((size_t)64 << 20) /* bytes of rows in memory */

/* Before what is kept of a row, and of the rows with one value. */
#define ROW "e:"
#define SAME "e::"
#define NONE "{\"keys\":["

static const struct cdp_entity *
find(const struct cdp_project *pr, struct cdp_str name)
{
	size_t i;

	for (i = 0; i < pr->nentity; i++)
		if (cdp_str_eq(pr->entity[i].name, name))
			return &pr->entity[i];
	return NULL;
}

/* Text of a string or number; empty if it is neither. */
static struct cdp_str
text_at(const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem)
{
	if (cdp_tape_isa(t, at, CDP_STRING))
		return cdp_tape_str(t, at, mem);
	if (cdp_tape_isa(t, at, CDP_NUM))
		return cdp_tape_raw(t, at);
	return CDP_STR("");
}

/* The log's key in r->key, of a row or of those that have key in common;
 * false if there can be none. */
static bool
make_key(struct cdp_catalog *r, const char *lead, struct cdp_str entity,
    struct cdp_str key)
{
	cdp_buf_reset(&r->key);
	cdp_buf_puts(&r->key, lead);
	cdp_buf_put(&r->key, entity);
	cdp_buf_putc(&r->key, ':');
	cdp_buf_put(&r->key, key);
	return key.n != 0 && r->key.n <= 512;
}

static void
forget(struct cdp_catalog *r)
{
	cdp_map_free(&r->known);
	r->known = (struct cdp_map){ 0 };
	cdp_arena_free(&r->mem);
	r->mem = (struct cdp_arena){ 0 };
	r->bytes = 0;
}

/* What is in memory of a key; there is room for more than it has. */
struct held {
	struct cdp_str val;
	size_t cap;
};

/* Let val be in memory for r->key: where the one before it stood, if it fits,
 * for a list of keys is another one with each row. */
static struct held *
hold(struct cdp_catalog *r, struct cdp_str val)
{
	struct held *own;
	char *p;
	void **at;

	if (r->log != NULL && r->bytes > HELD_MAX)
		forget(r);
	own = cdp_map_get(&r->known, cdp_buf_str(&r->key));
	if (own == NULL) {
		own = cdp_arena_calloc(&r->mem, 1, sizeof(*own));
		at = cdp_map_at(
		    &r->known, cdp_arena_dup(&r->mem, cdp_buf_str(&r->key)));
		*at = own;
		r->bytes += r->key.n + 64;
	}
	p = (char *)own->val.p;
	if (val.n > own->cap) {
		own->cap = val.n > 2 * own->cap ? val.n : 2 * own->cap;
		p = cdp_arena_alloc(&r->mem, own->cap);
		r->bytes += own->cap;
	}
	if (val.n != 0)
		memcpy(p, val.p, val.n);
	own->val = (struct cdp_str){ p, val.n };
	return own;
}

/* What is kept under r->key: 0; *val is empty if there is nothing. */
static int
get(struct cdp_catalog *r, struct cdp_str *val, struct cdp_err *err)
{
	const struct held *own = cdp_map_get(&r->known, cdp_buf_str(&r->key));
	int rc;

	*val = CDP_STR("");
	if (own == NULL && r->log != NULL) {
		cdp_buf_reset(&r->text);
		rc = cdp_log_get(r->log, cdp_buf_str(&r->key), &r->text, err);
		if (rc < 0)
			return rc;
		own = hold(r, cdp_buf_str(&r->text));
	}
	if (own != NULL)
		*val = own->val;
	return 0;
}

/* ---- lookup ---- */

static int
lookup(void *arg, struct cdp_str args, struct cdp_buf *ret, struct cdp_err *err)
{
	struct cdp_catalog *r = arg;
	struct cdp_arena mem = { 0 };
	uint32_t it = 0, none, name, key, same;
	struct cdp_str entity, val;
	bool keys;
	int rc = 0;

	if ((rc = cdp_tape_parse(&r->tape, args, err)) != 0 ||
	    !cdp_tape_next(&r->tape, 0, &it, &none, &name) ||
	    !cdp_tape_next(&r->tape, 0, &it, &none, &key))
		return rc;
	keys = cdp_tape_next(&r->tape, 0, &it, &none, &same);
	entity = text_at(&r->tape, name, &mem);
	if (find(r->pr, entity) == NULL)
		rc = cdp_fail(err, CDP_EDATA,
		    "lookup: the project has no entity '%.*s'", (int)entity.n,
		    entity.p);
	else if (make_key(r, keys ? SAME : ROW, entity,
		     text_at(&r->tape, key, &mem)))
		rc = get(r, &val, err);
	else
		val = CDP_STR("");
	if (rc == 0 && val.n != 0 &&
	    (rc = cdp_tape_parse(&r->tape, val, err)) == 0)
		cdp_buf_put(ret,
		    cdp_tape_raw(&r->tape,
			cdp_tape_get(&r->tape, 0,
			    keys ? CDP_STR("keys") : CDP_STR("row"))));
	cdp_arena_free(&mem);
	return rc;
}

void
cdp_catalog_open(
    struct cdp_catalog *r, const struct cdp_project *pr, struct cdp_log *log)
{
	r->pr = pr;
	r->log = log;
	if (pr->nentity != 0 && pr->jq != NULL)
		cdp_jq_on_lookup(pr->jq, lookup, r);
}

void
cdp_catalog_free(struct cdp_catalog *r)
{
	forget(r);
	cdp_buf_free(&r->key);
	cdp_buf_free(&r->text);
	cdp_tape_free(&r->tape);
}

/* ---- rows ---- */

static bool
is_newer(struct cdp_catalog *r, struct cdp_str was, const struct cdp_line *ln)
{
	struct cdp_arena mem = { 0 };
	struct cdp_err err = { 0 };
	int64_t ms = INT64_MIN;
	bool ret = true;

	if (ln->ts_ms == CDP_TIME_NONE || was.n == 0 ||
	    cdp_tape_parse(&r->tape, was, &err) != 0)
		return true;
	if (cdp_tape_i64(
		&r->tape, cdp_tape_get(&r->tape, 0, CDP_STR("at")), &ms)) {
		struct cdp_str mid = text_at(&r->tape,
		    cdp_tape_get(&r->tape, 0, CDP_STR("messageId")), &mem);

		ret = ln->ts_ms > ms ||
		    (ln->ts_ms == ms && cdp_str_cmp(ln->message_id, mid) >= 0);
	}
	cdp_arena_free(&mem);
	return ret;
}

/* {"at":..,"messageId":..,"row":{"id":..,...}} */
static void
write_row(
    struct cdp_buf *b, const struct cdp_line *ln, uint32_t id, uint32_t props)
{
	struct cdp_str raw = cdp_tape_raw(ln->tape, props);

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	if (ln->ts_ms != CDP_TIME_NONE) {
		cdp_json_ki64(b, "at", ln->ts_ms);
		cdp_json_kstr(b, "messageId", ln->message_id);
	}
	cdp_json_comma(b);
	cdp_buf_puts(b, "\"row\":");
	if (!cdp_tape_isa(ln->tape, props, CDP_OBJECT) ||
	    cdp_tape_isa(ln->tape,
		cdp_tape_get(ln->tape, 0, CDP_STR("deleted")), CDP_TRUE)) {
		cdp_buf_puts(b, "null}");
		return;
	}
	if (cdp_tape_get(ln->tape, props, CDP_STR("id")) != CDP_NOTOK) {
		cdp_buf_put(b, raw);
	} else {
		cdp_buf_puts(b, "{\"id\":");
		cdp_buf_put(b, cdp_tape_raw(ln->tape, id));
		if (!cdp_str_is(raw, "{}"))
			cdp_buf_putc(b, ',');
		cdp_buf_put(b, (struct cdp_str){ raw.p + 1, raw.n - 1 });
	}
	cdp_buf_putc(b, '}');
}

/* ---- which rows have a value ---- */

static void
keep(struct cdp_catalog *r)
{
	hold(r, cdp_buf_str(&r->text));
	if (r->log != NULL)
		cdp_log_put(r->log, cdp_buf_str(&r->key), cdp_buf_str(&r->text),
		    INT64_MAX);
}

/* Let the row be among those with that value, the last if it is new, or not. */
static int
file_under(struct cdp_catalog *r, const struct cdp_entity *e,
    struct cdp_str value, struct cdp_str row, bool put, struct cdp_err *err)
{
	uint32_t it = 0, keys, none, val;
	struct cdp_str was;
	size_t drop = 0;
	int rc;

	if (!make_key(r, SAME, e->name, value))
		return 0;
	if ((rc = get(r, &was, err)) != 0)
		return rc;
	if (was.n == 0)
		was = CDP_STR(NONE "]}");
	if ((rc = cdp_tape_parse(&r->tape, was, err)) != 0)
		return rc;
	keys = cdp_tape_get(&r->tape, 0, CDP_STR("keys"));
	if (put && cdp_tape_count(&r->tape, keys) >= CDP_SAME_MAX)
		drop = cdp_tape_count(&r->tape, keys) - CDP_SAME_MAX + 1;
	cdp_buf_reset(&r->text);
	cdp_buf_puts(&r->text, NONE);
	while (cdp_tape_next(&r->tape, keys, &it, &none, &val)) {
		bool same = cdp_tape_streq(&r->tape, val, row);

		if (same && put)
			return 0;
		if (same || (drop != 0 && drop-- != 0))
			continue;
		cdp_json_comma(&r->text);
		cdp_buf_put(&r->text, cdp_tape_raw(&r->tape, val));
	}
	if (put) {
		cdp_json_comma(&r->text);
		cdp_json_str(&r->text, row);
	}
	if (cdp_str_is(cdp_buf_str(&r->text), NONE))
		cdp_buf_reset(&r->text); /* nothing is kept of it */
	else
		cdp_buf_puts(&r->text, "]}");
	keep(r);
	return 0;
}

/* What a row that is kept has at the path. */
static struct cdp_str
value_of(struct cdp_catalog *r, struct cdp_str row, const struct cdp_path *on,
    struct cdp_arena *mem)
{
	if (row.n == 0 || cdp_tape_parse(&r->tape, row, NULL) != 0)
		return CDP_STR("");
	return cdp_arena_dup(mem,
	    text_at(&r->tape,
		cdp_tape_path(
		    &r->tape, cdp_tape_get(&r->tape, 0, CDP_STR("row")), on),
		mem));
}

/* A row was kept as "is"; before, it had the value had. */
static int
refile(struct cdp_catalog *r, const struct cdp_entity *e, struct cdp_str row,
    struct cdp_str had, struct cdp_str is, struct cdp_arena *mem,
    struct cdp_err *err)
{
	struct cdp_str has = value_of(r, is, &e->on, mem);
	int rc = 0;

	if (had.n != 0 && !cdp_str_eq(had, has))
		rc = file_under(r, e, had, row, false, err);
	if (rc == 0 && has.n != 0)
		rc = file_under(r, e, has, row, true, err);
	return rc;
}

int
cdp_catalog_line(
    struct cdp_catalog *r, const struct cdp_line *ln, struct cdp_err *err)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t id = cdp_tape_get(t, 0, CDP_STR("id")),
		 props = cdp_tape_get(t, 0, CDP_STR("properties")), key;
	const struct cdp_entity *e = NULL;
	struct cdp_str was, row, had;
	size_t i;
	int rc;

	for (i = 0; i < r->pr->nentity; i++) {
		e = &r->pr->entity[i];
		if (!cdp_str_eq(e->collection,
			text_at(t, cdp_tape_get(t, 0, CDP_STR("collection")),
			    ln->mem)))
			continue;
		key = e->key.n != 0 ? cdp_tape_path(t, props, &e->key) : id;
		if (key == CDP_NOTOK)
			key = id;
		row = text_at(t, key, ln->mem);
		if (!make_key(r, ROW, e->name, row))
			continue;
		if ((rc = get(r, &was, err)) != 0)
			return rc;
		if (!is_newer(r, was, ln))
			continue;
		had = value_of(
		    r, e->on.n != 0 ? was : CDP_STR(""), &e->on, ln->mem);
		write_row(&r->text, ln, id, props);
		keep(r);
		if (e->on.n != 0 &&
		    (rc = refile(r, e, row, had,
			 cdp_arena_dup(ln->mem, cdp_buf_str(&r->text)), ln->mem,
			 err)) != 0)
			return rc;
	}
	return 0;
}
