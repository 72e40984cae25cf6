#include "lib/ingest/snowplow.h"

#include "lib/base/map.h"
#include "lib/base/utf8.h"
#include "lib/ingest/snowplow_fields.h"
#include "lib/ingest/warehouse.h"
#include "lib/json/write.h"

/* ---- the fields ---- */

enum kind { TEXT, NUM, BOOL, TIME, SELF };

#define NAME_OF(name, kind) F_##name,
#define ROW_OF(name, kind) { #name, kind },

enum { FIELDS(NAME_OF) NFIELDS };

static const struct {
	const char *name;
	enum kind kind;
} fields[] = { FIELDS(ROW_OF) };

_Static_assert(NFIELDS == CDP_SNOWPLOW_FIELDS, "all fields");

int
cdp_snowplow_read(
    struct cdp_snowplow *s, struct cdp_str line, struct cdp_err *err)
{
	const char *p = line.p, *end = line.p + line.n, *tab;
	size_t n = 0, bad = cdp_utf8_valid(line);

	if (bad != line.n)
		return cdp_fail_rule(err, CDP_EDATA, "snowplow_field", NULL,
		    "column %zu: not UTF-8", bad + 1);
	for (;; p = tab + 1) {
		tab = memchr(p, '\t', (size_t)(end - p));
		if (n < NFIELDS)
			s->f[n] = (struct cdp_str){ p,
				(size_t)((tab != NULL ? tab : end) - p) };
		n++;
		if (tab == NULL)
			break;
	}
	if (n == NFIELDS)
		return 0;
	return cdp_fail_rule(err, CDP_EDATA, "snowplow_fields", NULL,
	    "%zu fields between tabs; an enriched event has %d", n, NFIELDS);
}

static int
bad_field(int i, const char *what, struct cdp_err *err)
{
	return cdp_fail_rule(err, CDP_EDATA, "snowplow_field", fields[i].name,
	    "%s %s", fields[i].name, what);
}

/* ---- single fields ---- */

/* ,"key":value of field i, if there is something in it. */
static int
put(struct cdp_snowplow *s, struct cdp_buf *b, const char *key, int i,
    struct cdp_err *err)
{
	struct cdp_str v = s->f[i];
	bool yes;

	if (v.n == 0)
		return 0;
	switch (fields[i].kind) {
	case NUM:
		if (cdp_tape_parse(&s->tape, v, NULL) != 0 ||
		    !cdp_tape_isa(&s->tape, 0, CDP_NUM))
			return bad_field(i, "is not a number", err);
		cdp_json_kraw(b, key, v);
		return 0;
	case BOOL:
		yes = cdp_str_is(v, "1") || cdp_str_is(v, "true");
		if (!yes && !cdp_str_is(v, "0") && !cdp_str_is(v, "false"))
			return bad_field(i, "is neither 1 nor 0", err);
		cdp_json_kraw(b, key, cdp_str_of(yes ? "true" : "false"));
		return 0;
	case TIME:
		cdp_json_key(b, key);
		cdp_warehouse_time(b, v);
		return 0;
	default:
		cdp_json_kstr(b, key, v);
		return 0;
	}
}

/* Several: pairs of a key and a field, to -1. */
struct pair {
	const char *key;
	int i;
};

static int
put_all(struct cdp_snowplow *s, struct cdp_buf *b, const struct pair *v,
    size_t n, struct cdp_err *err)
{
	int rc = 0;

	for (; rc == 0 && n-- > 0; v++)
		rc = put(s, b, v->key, v->i, err);
	return rc;
}

#define PUT_ALL(s, b, v, err)                                                  \
	put_all((s), (b), (v), sizeof(v) / sizeof((v)[0]), (err))

/* The same in an object of its own, which is left out if it stays empty. */
static int
put_object(struct cdp_snowplow *s, struct cdp_buf *b, const char *name,
    const struct pair *v, size_t n, struct cdp_err *err)
{
	size_t before = b->n, start;
	int rc;

	cdp_json_key(b, name);
	cdp_buf_putc(b, '{');
	start = b->n;
	rc = put_all(s, b, v, n, err);
	if (b->n == start)
		b->n = before;
	else
		cdp_buf_putc(b, '}');
	return rc;
}

#define PUT_OBJECT(s, b, name, v, err)                                         \
	put_object((s), (b), (name), (v), sizeof(v) / sizeof((v)[0]), (err))

/* ---- what describes itself ---- */

/*
 * "contexts_com_acme_cart_1" of "iglu:com.acme/cart/jsonschema/1-0-2": all in
 * lower case, where an upper one was behind a "_".
 */
static int
loader_name(struct cdp_buf *b, const char *head, struct cdp_str schema)
{
	const char *p = schema.p, *end = schema.p + schema.n;
	int part = 0;

	if (!cdp_str_starts(schema, CDP_STR("iglu:")))
		return CDP_EDATA;
	cdp_buf_puts(b, head);
	for (p += 5; p < end && part < 4; p++) {
		if (*p == '/') {
			part++;
			if (part != 2)
				cdp_buf_putc(b, '_');
		} else if (part == 3 && *p == '-') {
			part++;
		} else if (part != 2 && *p >= 'A' && *p <= 'Z') {
			if (p[-1] >= 'a' && p[-1] <= 'z')
				cdp_buf_putc(b, '_');
			cdp_buf_putc(b, (char)(*p - 'A' + 'a'));
		} else if (part != 2) {
			cdp_buf_putc(b, *p == '.' || *p == '-' ? '_' : *p);
		}
	}
	return part < 3 ? CDP_EDATA : 0;
}

/* The schema and the data of what describes itself. */
static bool
opened(const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem,
    struct cdp_str *schema, uint32_t *data)
{
	uint32_t s = cdp_tape_get(t, at, CDP_STR("schema"));

	*data = cdp_tape_get(t, at, CDP_STR("data"));
	*schema = cdp_tape_str(t, s, mem);
	return *data != CDP_NOTOK && cdp_tape_isa(t, s, CDP_STRING);
}

/* A context, and the next one of the same name. */
struct context {
	struct cdp_str name;
	uint32_t data;
	struct context *next, *last; /* last: of the first one of a name */
};

/* Read the list at into v, those of a name as a chain; 0 or CDP_EDATA. */
static int
chain(const struct cdp_tape *t, uint32_t list, struct context *v,
    struct cdp_arena *mem)
{
	struct cdp_map first = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_str schema;
	struct context *head;
	uint32_t it = 0, key, val;
	int rc = 0;

	for (; rc == 0 && cdp_tape_next(t, list, &it, &key, &val); v++) {
		cdp_buf_reset(&b);
		if (!opened(t, val, mem, &schema, &v->data) ||
		    loader_name(&b, "contexts_", schema) != 0) {
			rc = CDP_EDATA;
			break;
		}
		v->name = cdp_arena_dup(mem, cdp_buf_str(&b));
		head = *cdp_map_at(&first, v->name);
		if (head == NULL) {
			*cdp_map_at(&first, v->name) = v;
			v->last = v;
		} else {
			head->last->next = v;
			head->last = v;
		}
	}
	cdp_map_free(&first);
	cdp_buf_free(&b);
	return rc;
}

static int
put_contexts(struct cdp_snowplow *s, struct cdp_buf *b, int i,
    struct cdp_arena *mem, struct cdp_err *err)
{
	const struct cdp_tape *t = &s->tape;
	struct context *v, *c;
	struct cdp_str schema;
	uint32_t list;
	size_t k, n;

	if (s->f[i].n == 0)
		return 0;
	if (cdp_tape_parse(&s->tape, s->f[i], NULL) != 0 ||
	    !opened(t, 0, mem, &schema, &list) ||
	    !cdp_tape_isa(t, list, CDP_ARRAY))
		return bad_field(i, "is not a list that describes itself", err);
	n = cdp_tape_count(t, list);
	v = cdp_arena_calloc(mem, n, sizeof(*v));
	if (chain(t, list, v, mem) != 0)
		return bad_field(i, "holds what does not describe itself", err);
	for (k = 0; k < n; k++) {
		if (v[k].last == NULL)
			continue; /* not the first of its name */
		cdp_json_comma(b);
		cdp_json_str(b, v[k].name);
		cdp_buf_puts(b, ":[");
		for (c = &v[k]; c != NULL; c = c->next) {
			cdp_json_comma(b);
			cdp_buf_put(b, cdp_tape_raw(t, c->data));
		}
		cdp_buf_putc(b, ']');
	}
	return 0;
}

/* The event of a tracker's own: its data, under key or its loaders' name. */
static int
put_own(struct cdp_snowplow *s, struct cdp_buf *b, const char *key,
    struct cdp_arena *mem, struct cdp_err *err)
{
	const struct cdp_tape *t = &s->tape;
	struct cdp_str schema;
	uint32_t outer, data;

	if (s->f[F_unstruct_event].n == 0)
		return 0;
	if (cdp_tape_parse(&s->tape, s->f[F_unstruct_event], NULL) != 0 ||
	    !opened(t, 0, mem, &schema, &outer) ||
	    !opened(t, outer, mem, &schema, &data))
		return bad_field(
		    F_unstruct_event, "does not describe itself", err);
	cdp_json_comma(b);
	cdp_buf_putc(b, '"');
	if (key != NULL)
		cdp_buf_puts(b, key);
	else if (loader_name(b, "unstruct_event_", schema) != 0)
		return bad_field(F_unstruct_event, "has no schema", err);
	cdp_buf_puts(b, "\":");
	cdp_buf_put(b, cdp_tape_raw(t, data));
	return 0;
}

/* ---- whole events ---- */

int
cdp_snowplow_object(struct cdp_snowplow *s, struct cdp_buf *b,
    struct cdp_arena *mem, struct cdp_err *err)
{
	int i, rc = 0;

	cdp_buf_putc(b, '{');
	for (i = 0; rc == 0 && i < NFIELDS; i++)
		if (fields[i].kind != SELF)
			rc = put(s, b, fields[i].name, i, err);
	if (rc != 0 || (rc = put_contexts(s, b, F_contexts, mem, err)) != 0 ||
	    (rc = put_contexts(s, b, F_derived_contexts, mem, err)) != 0 ||
	    (rc = put_own(s, b, NULL, mem, err)) != 0)
		return rc;
	cdp_buf_putc(b, '}');
	return 0;
}

/* What the Spec knows of a visitor's surroundings. */
static int
put_surroundings(struct cdp_snowplow *s, struct cdp_buf *b,
    struct cdp_arena *mem, struct cdp_err *err)
{
	static const struct pair plain[] = { { "ip", F_user_ipaddress },
		{ "userAgent", F_useragent }, { "locale", F_br_lang },
		{ "timezone", F_os_timezone },
		{ "sessionId", F_domain_sessionid } };
	static const struct pair page[] = { { "url", F_page_url },
		{ "title", F_page_title }, { "path", F_page_urlpath },
		{ "referrer", F_page_referrer } };
	static const struct pair campaign[] = { { "name", F_mkt_campaign },
		{ "source", F_mkt_source }, { "medium", F_mkt_medium },
		{ "term", F_mkt_term }, { "content", F_mkt_content } };
	static const struct pair screen[] = { { "width", F_dvce_screenwidth },
		{ "height", F_dvce_screenheight } };
	static const struct pair os[] = { { "name", F_os_name } };
	static const struct pair location[] = { { "country", F_geo_country },
		{ "region", F_geo_region_name }, { "city", F_geo_city },
		{ "latitude", F_geo_latitude },
		{ "longitude", F_geo_longitude } };
	static const struct pair library[] = { { "name", F_v_tracker } };
	static const struct pair own[] = { { "app_id", F_app_id },
		{ "platform", F_platform }, { "event_vendor", F_event_vendor },
		{ "event_version", F_event_version },
		{ "network_userid", F_network_userid },
		{ "domain_sessionidx", F_domain_sessionidx } };
	int rc;

	if ((rc = PUT_ALL(s, b, plain, err)) != 0 ||
	    (rc = PUT_OBJECT(s, b, "page", page, err)) != 0 ||
	    (rc = PUT_OBJECT(s, b, "campaign", campaign, err)) != 0 ||
	    (rc = PUT_OBJECT(s, b, "screen", screen, err)) != 0 ||
	    (rc = PUT_OBJECT(s, b, "os", os, err)) != 0 ||
	    (rc = PUT_OBJECT(s, b, "location", location, err)) != 0 ||
	    (rc = PUT_OBJECT(s, b, "library", library, err)) != 0)
		return rc;
	cdp_json_key(b, "snowplow");
	cdp_buf_putc(b, '{');
	if ((rc = PUT_ALL(s, b, own, err)) != 0 ||
	    (rc = put_contexts(s, b, F_contexts, mem, err)) != 0 ||
	    (rc = put_contexts(s, b, F_derived_contexts, mem, err)) != 0)
		return rc;
	cdp_buf_putc(b, '}');
	return 0;
}

/*
 * Who, when, and which.  derived_tstamp is what the formula of ingest gives
 * of the other three, so they go with it; what was set by hand stands alone.
 */
static int
put_envelope(struct cdp_snowplow *s, struct cdp_buf *b, struct cdp_err *err)
{
	static const struct pair who[] = { { "messageId", F_event_id },
		{ "userId", F_user_id } };
	static const struct pair when[] = { { "timestamp", F_derived_tstamp },
		{ "originalTimestamp", F_dvce_created_tstamp },
		{ "sentAt", F_dvce_sent_tstamp },
		{ "receivedAt", F_collector_tstamp } };
	int rc = PUT_ALL(s, b, who, err);

	if (rc == 0)
		rc = put(s, b, "anonymousId",
		    s->f[F_domain_userid].n != 0 ? F_domain_userid
						 : F_network_userid,
		    err);
	if (rc != 0)
		return rc;
	if (s->f[F_true_tstamp].n != 0)
		return put(s, b, "timestamp", F_true_tstamp, err);
	if (s->f[F_derived_tstamp].n == 0)
		rc = put(s, b, "timestamp", F_collector_tstamp, err);
	return rc != 0 ? rc : PUT_ALL(s, b, when, err);
}

/* A kind of event: what it is called, and its properties. */
static const struct call {
	const char *event; /* the field's value */
	const char *type;
	const char *name; /* of the event; NULL: what the field name holds */
	int from;
	struct pair property[8];
} calls[] = {
	{ "page_view", "page", NULL, -1,
	    { { "url", F_page_url }, { "title", F_page_title },
		{ "path", F_page_urlpath }, { "search", F_page_urlquery },
		{ "referrer", F_page_referrer } } },
	{ "page_ping", "track", "Page Ping", -1,
	    { { "url", F_page_url }, { "xoffset_min", F_pp_xoffset_min },
		{ "xoffset_max", F_pp_xoffset_max },
		{ "yoffset_min", F_pp_yoffset_min },
		{ "yoffset_max", F_pp_yoffset_max } } },
	{ "struct", "track", NULL, F_se_action,
	    { { "category", F_se_category }, { "label", F_se_label },
		{ "property", F_se_property }, { "value", F_se_value } } },
	{ "transaction", "track", "Order Completed", -1,
	    { { "order_id", F_tr_orderid }, { "affiliation", F_tr_affiliation },
		{ "total", F_tr_total }, { "tax", F_tr_tax },
		{ "shipping", F_tr_shipping },
		{ "currency", F_tr_currency } } },
	{ "transaction_item", "track", "Order Item", -1,
	    { { "order_id", F_ti_orderid }, { "sku", F_ti_sku },
		{ "name", F_ti_name }, { "category", F_ti_category },
		{ "price", F_ti_price }, { "quantity", F_ti_quantity },
		{ "currency", F_ti_currency } } },
	{ "", "track", NULL, F_event_name, { { NULL, 0 } } },
};

static const struct call *
call_of(const struct cdp_snowplow *s)
{
	const struct call *c = calls;

	while (*c->event != '\0' && !cdp_str_is(s->f[F_event], c->event))
		c++;
	return c;
}

int
cdp_snowplow_event(struct cdp_snowplow *s, struct cdp_buf *b,
    struct cdp_arena *mem, struct cdp_err *err)
{
	const struct call *c = call_of(s);
	size_t n = 0;
	int rc = 0;

	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "type", cdp_str_of(c->type));
	if (c->name != NULL)
		cdp_json_kstr(b, "event", cdp_str_of(c->name));
	else if (c->from >= 0)
		rc = put(s, b, "event", c->from, err);
	if (rc != 0 || (rc = put_envelope(s, b, err)) != 0)
		return rc;
	cdp_json_key(b, "context");
	cdp_buf_putc(b, '{');
	if ((rc = put_surroundings(s, b, mem, err)) != 0)
		return rc;
	cdp_buf_putc(b, '}');
	while (n < 8 && c->property[n].key != NULL)
		n++;
	if (*c->event == '\0')
		rc = put_own(s, b, "properties", mem, err);
	else
		rc = put_object(s, b, "properties", c->property, n, err);
	cdp_buf_putc(b, '}');
	return rc;
}

void
cdp_snowplow_free(struct cdp_snowplow *s)
{
	cdp_tape_free(&s->tape);
}
