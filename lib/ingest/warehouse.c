#include "lib/ingest/warehouse.h"

#include "lib/base/time.h"
#include "lib/json/write.h"

/* ---- times ---- */

/* The same with a zone that RFC 3339 has, in the 40 bytes at ret. */
static struct cdp_str
with_zone(struct cdp_str s, char ret[40])
{
	const char *add = "Z";
	size_t n = s.n;

	if (n > 4 && memcmp(s.p + n - 4, " UTC", 4) == 0)
		n -= 4;
	else if (n == 10)
		add = "T00:00:00Z";
	if (n > 28)
		return s;
	memcpy(ret, s.p, n);
	strcpy(ret + n, add);
	return (struct cdp_str){ ret, n + strlen(add) };
}

void
cdp_warehouse_time(struct cdp_buf *b, struct cdp_str s)
{
	char z[40], t[CDP_TIME_SIZE];
	int64_t ms;

	if (cdp_time_parse(s, &ms) != 0 &&
	    cdp_time_parse(with_zone(s, z), &ms) != 0) {
		cdp_json_str(b, s);
		return;
	}
	cdp_time_format(ms, t);
	cdp_json_str(b, cdp_str_of(t));
}

/* ---- columns ---- */

/* What a column is; those of a table's own are named in shapes[]. */
static const struct column {
	const char *name, *to;
	bool time;
} common[] = {
	{ "anonymous_id", "anonymousId", false },
	{ "original_timestamp", "originalTimestamp", true },
	{ "received_at", "receivedAt", true },
	{ "sent_at", "sentAt", true },
	{ "timestamp", "timestamp", true },
	{ "user_id", "userId", false },
	{ "uuid", NULL, false }, /* the loader's own */
	{ "uuid_ts", NULL, false },
};

static const struct shape {
	const char *type;
	const char *rest; /* where other columns go */
	struct column own[4];
} shapes[] = {
	[CDP_WAREHOUSE_ACCOUNTS] = { "object\",\"collection\":\"accounts",
	    "properties",
	    { { "id", "id", false }, { "received_at", "timestamp", true } } },
	[CDP_WAREHOUSE_ALIASES] = { "alias", "traits",
	    { { "id", "messageId", false },
		{ "previous_id", "previousId", false } } },
	[CDP_WAREHOUSE_GROUPS] = { "group", "traits",
	    { { "id", "messageId", false },
		{ "group_id", "groupId", false } } },
	[CDP_WAREHOUSE_IDENTIFIES] = { "identify", "traits",
	    { { "id", "messageId", false } } },
	[CDP_WAREHOUSE_PAGES] = { "page", "properties",
	    { { "id", "messageId", false }, { "name", "name", false },
		{ "category", "category", false } } },
	[CDP_WAREHOUSE_SCREENS] = { "screen", "properties",
	    { { "id", "messageId", false }, { "name", "name", false } } },
	[CDP_WAREHOUSE_TRACKS] = { "track", "properties",
	    { { "id", "messageId", false }, { "event_text", "event", false },
		{ "event", "event", false } } },
	[CDP_WAREHOUSE_USERS] = { "identify", "traits",
	    { { "id", "userId", false },
		{ "received_at", "timestamp", true } } },
};

static const struct column *
among(const struct column *v, size_t n, struct cdp_str name)
{
	size_t i;

	for (i = 0; i < n && v[i].name != NULL; i++)
		if (cdp_str_is(name, v[i].name))
			return &v[i];
	return NULL;
}

static const struct column *
column(const struct shape *sh, struct cdp_str name)
{
	const struct column *c = among(sh->own, 4, name);

	return c != NULL
	    ? c
	    : among(common, sizeof(common) / sizeof(common[0]), name);
}

/* ---- context ---- */

/*
 * The objects in a context; what is joined with "_" in a column's name was
 * apart in one of them, and nowhere else.
 */
static const char *const inner[] = { "app", "campaign", "device", "library",
	"location", "network", "os", "page", "referrer", "screen", "traits" };

#define NINNER (sizeof(inner) / sizeof(inner[0]))

static size_t
inner_of(struct cdp_str name)
{
	size_t i, n;

	for (i = 0; i < NINNER; i++) {
		n = strlen(inner[i]);
		if (name.n > n + 1 && name.p[n] == '_' &&
		    memcmp(name.p, inner[i], n) == 0)
			break;
	}
	return i;
}

/* ,"userAgent": of user_agent: the Spec's names are in camel case. */
static void
camel_key(struct cdp_buf *b, struct cdp_str name)
{
	char text[64];
	size_t i, n = 0;

	cdp_json_comma(b);
	for (i = 0; i < name.n && name.n < sizeof(text); i++)
		if (name.p[i] == '_' && i + 1 < name.n && i != 0 &&
		    name.p[i + 1] >= 'a' && name.p[i + 1] <= 'z')
			text[n++] = (char)(name.p[++i] - 'a' + 'A');
		else
			text[n++] = name.p[i];
	cdp_json_str(b, n != 0 ? (struct cdp_str){ text, n } : name);
	cdp_buf_putc(b, ':');
}

struct row {
	struct cdp_buf *b;
	const struct cdp_tape *t;
	const struct shape *shape;
	struct cdp_arena *mem;
};

/* Of each column of context_ in that inner object, or in none (NINNER). */
static void
put_context(const struct row *r, size_t in)
{
	const struct cdp_str head = CDP_STR("context_");
	uint32_t it = 0, key, val;
	struct cdp_str name;
	size_t n = 0, own;

	while (cdp_tape_next(r->t, 0, &it, &key, &val)) {
		name = cdp_tape_str(r->t, key, r->mem);
		if (!cdp_str_starts(name, head) ||
		    cdp_tape_kind(r->t, val) == CDP_NULL)
			continue;
		name.p += head.n;
		name.n -= head.n;
		own = inner_of(name);
		if (own != in)
			continue;
		if (n++ == 0 && in < NINNER) {
			cdp_json_key(r->b, inner[in]);
			cdp_buf_putc(r->b, '{');
		}
		if (in < NINNER) {
			name.p += strlen(inner[in]) + 1;
			name.n -= strlen(inner[in]) + 1;
		}
		camel_key(r->b, name);
		cdp_buf_put(r->b, cdp_tape_raw(r->t, val));
	}
	if (n != 0 && in < NINNER)
		cdp_buf_putc(r->b, '}');
}

/* ---- a row ---- */

static void
put_known(const struct row *r)
{
	/* An event's own name, and what became of it in the name of a table. */
	const struct column *plain = &shapes[CDP_WAREHOUSE_TRACKS].own[2], *c;
	bool named = cdp_tape_isa(
	    r->t, cdp_tape_get(r->t, 0, CDP_STR("event_text")), CDP_STRING);
	uint32_t it = 0, key, val;

	while (cdp_tape_next(r->t, 0, &it, &key, &val)) {
		c = column(r->shape, cdp_tape_str(r->t, key, r->mem));
		if (c == NULL || c->to == NULL || (c == plain && named) ||
		    cdp_tape_kind(r->t, val) == CDP_NULL)
			continue;
		cdp_json_key(r->b, c->to);
		if (c->time && cdp_tape_isa(r->t, val, CDP_STRING))
			cdp_warehouse_time(
			    r->b, cdp_tape_str(r->t, val, r->mem));
		else
			cdp_buf_put(r->b, cdp_tape_raw(r->t, val));
	}
}

static void
put_rest(const struct row *r)
{
	uint32_t it = 0, key, val;
	struct cdp_str name;

	cdp_json_key(r->b, r->shape->rest);
	cdp_buf_putc(r->b, '{');
	while (cdp_tape_next(r->t, 0, &it, &key, &val)) {
		name = cdp_tape_str(r->t, key, r->mem);
		if (cdp_tape_kind(r->t, val) == CDP_NULL ||
		    column(r->shape, name) != NULL ||
		    cdp_str_starts(name, CDP_STR("context_")))
			continue;
		cdp_json_comma(r->b);
		cdp_buf_put(r->b, cdp_tape_raw(r->t, key));
		cdp_buf_putc(r->b, ':');
		cdp_buf_put(r->b, cdp_tape_raw(r->t, val));
	}
	cdp_buf_putc(r->b, '}');
}

void
cdp_warehouse_event(struct cdp_buf *b, const struct cdp_tape *row,
    enum cdp_warehouse table, struct cdp_arena *mem)
{
	const struct row r = { b, row, &shapes[table], mem };
	size_t i, n;

	cdp_buf_puts(b, "{\"type\":\"");
	cdp_buf_puts(b, r.shape->type);
	cdp_buf_putc(b, '"');
	put_known(&r);
	n = b->n;
	cdp_json_key(b, "context");
	cdp_buf_putc(b, '{');
	for (i = 0; i <= NINNER; i++)
		put_context(&r, i);
	if (b->p[b->n - 1] == '{')
		b->n = n;
	else
		cdp_buf_putc(b, '}');
	put_rest(&r);
	cdp_buf_putc(b, '}');
}
