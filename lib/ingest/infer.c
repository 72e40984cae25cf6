#include "lib/ingest/infer.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/ingest/field.h"

struct event {
	struct cdp_str name;
	struct cdp_field *body; /* properties or traits */
	uint64_t n;
};

/* Of the types of calls that have one rule each. */
static const struct {
	enum cdp_type type;
	const char *rule, *body;
} kinds[] = {
	{ CDP_IDENTIFY, "identify", "traits" },
	{ CDP_GROUP, "group", "traits" },
	{ CDP_PAGE, "page", "properties" },
	{ CDP_SCREEN, "screen", "properties" },
};

#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

struct cdp_infer {
	struct cdp_fields fields;
	struct cdp_map by_name; /* of track calls, to struct event */
	struct event kind[NKINDS];
	uint64_t n, others; /* events; those of names too many */
};

struct cdp_infer *
cdp_infer_new(void)
{
	return cdp_xcalloc(1, sizeof(struct cdp_infer));
}

void
cdp_infer_free(struct cdp_infer *in)
{
	if (in == NULL)
		return;
	cdp_map_free(&in->by_name);
	cdp_fields_free(&in->fields);
	free(in);
}

static struct event *
track(struct cdp_infer *in, struct cdp_str name)
{
	struct event *ev = cdp_map_get(&in->by_name, name);

	if (ev != NULL)
		return ev;
	if (in->by_name.n >= CDP_INFER_EVENTS) {
		in->others++;
		return NULL;
	}
	ev = cdp_arena_calloc(&in->fields.mem, 1, sizeof(*ev));
	ev->name = cdp_arena_dup(&in->fields.mem, name);
	*cdp_map_at(&in->by_name, ev->name) = ev;
	return ev;
}

void
cdp_infer_line(struct cdp_infer *in, const struct cdp_line *ln)
{
	const char *body = "properties";
	struct event *ev = NULL;
	uint32_t at;

	if (!cdp_type_is_event(ln->type))
		return;
	in->n++;
	if (ln->type == CDP_TRACK)
		ev = track(in, ln->event);
	for (size_t i = 0; i < NKINDS; i++)
		if (kinds[i].type == ln->type) {
			ev = &in->kind[i];
			body = kinds[i].body;
		}
	if (ev == NULL)
		return;
	ev->n++;
	at = cdp_tape_get(ln->tape, 0, cdp_str_of(body));
	if (cdp_tape_isa(ln->tape, at, CDP_OBJECT))
		cdp_field_see(&in->fields, &ev->body, ln->tape, at, 0);
}

/* ---- writing ---- */

static int
by_name(const void *a, const void *b)
{
	const struct event *x = *(const struct event *const *)a;
	const struct event *y = *(const struct event *const *)b;

	return cdp_str_cmp(x->name, y->name);
}

/* A rule: its name, and how often there was such a call. */
static void
put_rule(
    struct cdp_buf *b, const struct event *ev, struct cdp_str name, size_t in)
{
	cdp_buf_printf(b, "%*s", (int)in, "");
	cdp_field_put_name(b, name);
	cdp_buf_puts(b, ":");
	if (ev->body == NULL || cdp_field_is_bare(ev->body)) {
		cdp_buf_printf(b, " {}  # %llu\n", (unsigned long long)ev->n);
		return;
	}
	cdp_buf_printf(b, "  # %llu\n", (unsigned long long)ev->n);
	cdp_field_put_object(b, ev->body, ev->n, in + 2);
}

static void
put_events(const struct cdp_infer *in, struct cdp_buf *b)
{
	const struct event **v = cdp_xcalloc(in->by_name.n, sizeof(*v));
	struct cdp_map_ent *e;
	size_t i = 0, n = 0;

	while ((e = cdp_map_next(&in->by_name, &i)) != NULL)
		v[n++] = e->val;
	qsort(v, n, sizeof(*v), by_name);
	cdp_buf_puts(b, "  events:\n");
	for (i = 0; i < n; i++)
		put_rule(b, v[i], v[i]->name, 4);
	free(v);
}

void
cdp_infer_write(const struct cdp_infer *in, struct cdp_buf *b)
{
	cdp_buf_printf(b,
	    "# What %llu events had in common, as cdp-ingest --infer saw "
	    "it: the numbers say\n# how often. Look at each line before it "
	    "becomes a promise.\nplan:\n"
	    "  mode: {unplanned_event: allow, unplanned_property: allow, "
	    "violation: allow}\n",
	    (unsigned long long)in->n);
	if (in->others != 0)
		cdp_buf_printf(b,
		    "  # Of names beyond the first %d there were %llu.\n",
		    CDP_INFER_EVENTS, (unsigned long long)in->others);
	if (in->by_name.n != 0)
		put_events(in, b);
	for (size_t i = 0; i < NKINDS; i++)
		if (in->kind[i].n != 0)
			put_rule(b, &in->kind[i], cdp_str_of(kinds[i].rule), 2);
}
