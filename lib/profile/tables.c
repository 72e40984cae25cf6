#include "lib/profile/tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/time.h"
#include "lib/json/tape.h"

const struct cdp_table_def cdp_tables[CDP_NTABLES] = {
	[CDP_TABLE_TRAITS] = { "user_traits", 6,
	    { "canonical_segment_id", "name", "value", "seq", "timestamp",
		"triggering_event_id" } },
	[CDP_TABLE_IDENTIFIERS] = { "user_identifiers", 5,
	    { "canonical_segment_id", "type", "value", "seq", "timestamp" } },
	[CDP_TABLE_GRAPH] = { "id_graph_updates", 6,
	    { "segment_id", "canonical_segment_id", "triggering_event_type",
		"triggering_event_id", "timestamp", "seq" } },
	[CDP_TABLE_MERGES] = { "profile_merges", 5,
	    { "canonical_segment_id", "segment_id", "triggering_event_id",
		"timestamp", "seq" } },
};

/* A profile that is, or was before it became a part of another. */
struct who {
	struct cdp_str id;
	struct who *into;     /* in the end; by the states */
	struct who *canon;    /* at this point of the walk */
	struct who *next;     /* of those with the same canon */
	uint64_t first, last; /* records that show it; 0: none */
	uint64_t merged;      /* the record that merged it away */
	struct cdp_str born;  /* messageId of the founding event */
	int64_t born_ms;
};

struct walk {
	struct cdp_log *log;
	const struct cdp_tables_opt *opt;
	struct cdp_err *err;
	struct cdp_map map; /* id to struct who */
	struct who **list;  /* as they were met */
	size_t n, cap;
	struct cdp_arena keep, mem;
	struct cdp_tape tape, state;
	struct cdp_buf val;
};

/* ---- cells ------------------------------------------------------- */

static struct cdp_cell
text(struct cdp_str s)
{
	return (struct cdp_cell){ s.n != 0 ? CDP_CELL_TEXT : CDP_CELL_NULL, s };
}

static struct cdp_cell
number(struct walk *w, uint64_t v)
{
	return (struct cdp_cell){ CDP_CELL_JSON,
		cdp_arena_printf(&w->mem, "%" PRIu64, v) };
}

static struct cdp_cell
instant(struct walk *w, int64_t ms)
{
	char z[CDP_TIME_SIZE];

	if (ms == CDP_TIME_NONE)
		return text(CDP_STR(""));
	cdp_time_format(ms, z);
	return text(cdp_arena_dup(&w->mem, cdp_str_of(z)));
}

static struct cdp_cell
value(struct walk *w, const struct cdp_tape *t, uint32_t at)
{
	if (at == CDP_NOTOK || cdp_tape_kind(t, at) == CDP_NULL)
		return text(CDP_STR(""));
	if (cdp_tape_isa(t, at, CDP_STRING)) /* "" is a value, too */
		return (struct cdp_cell){ CDP_CELL_TEXT,
			cdp_tape_str(t, at, &w->mem) };
	return (struct cdp_cell){ CDP_CELL_JSON, cdp_tape_raw(t, at) };
}

static int
row(struct walk *w, enum cdp_table table, const struct cdp_cell *cell)
{
	return w->opt->want[table] ? w->opt->row(w->opt->arg, table, cell) : 0;
}

/* ---- who there is ------------------------------------------------ */

static struct who *
who(struct walk *w, struct cdp_str id)
{
	struct who *p = cdp_map_get(&w->map, id);

	if (p != NULL)
		return p;
	p = cdp_arena_calloc(&w->keep, 1, sizeof(*p));
	p->id = cdp_arena_dup(&w->keep, id);
	p->canon = p;
	p->born_ms = CDP_TIME_NONE;
	*cdp_map_at(&w->map, p->id) = p;
	if (w->n == w->cap) {
		w->cap = w->cap != 0 ? w->cap * 2 : 256;
		w->list = cdp_xreallocarray(w->list, w->cap, sizeof(*w->list));
	}
	w->list[w->n++] = p;
	return p;
}

/* Bounded, because a forged state may lead in a circle. */
static const struct who *
last_of(const struct walk *w, const struct who *p)
{
	size_t hops;

	for (hops = 0; p->into != NULL && hops < w->n; hops++)
		p = p->into;
	return p;
}

static uint32_t
nth(const struct cdp_tape *t, uint32_t at, size_t i)
{
	uint32_t it = 0, key, val;

	while (cdp_tape_next(t, at, &it, &key, &val))
		if (i-- == 0)
			return val;
	return CDP_NOTOK;
}

static struct cdp_str
member(struct walk *w, uint32_t at, const char *name)
{
	const struct cdp_tape *t = &w->tape;

	return cdp_tape_str(t, cdp_tape_get(t, at, cdp_str_of(name)), &w->mem);
}

/* The state of a profile, or of what it became. */
static void
meet(struct walk *w, struct cdp_str key, uint32_t v)
{
	const struct cdp_tape *t = &w->tape;
	struct cdp_str into = member(w, v, "into");
	uint32_t born = cdp_tape_get(t, v, CDP_STR("born"));
	struct who *p = who(w, key);

	if (into.n != 0 && !cdp_str_eq(into, key))
		p->into = who(w, into);
	cdp_tape_i64(t, nth(t, born, 0), &p->born_ms);
	p->born =
	    cdp_arena_dup(&w->keep, cdp_tape_str(t, nth(t, born, 1), &w->mem));
}

static bool
is_profile(struct cdp_str key)
{
	return cdp_str_starts(key, CDP_STR("p_"));
}

/* ---- the identity graph ------------------------------------------ */

static int
graph_row(struct walk *w, const struct who *p, const struct who *canon,
    struct cdp_str by, int64_t ms, uint64_t seq)
{
	struct cdp_cell c[] = { text(p->id), text(canon->id), text(CDP_STR("")),
		text(by), instant(w, ms), number(w, seq) };

	return row(w, CDP_TABLE_GRAPH, c);
}

static int
merges_row(struct walk *w, const struct who *p, struct cdp_str by, int64_t ms,
    uint64_t seq)
{
	struct cdp_cell c[] = { text(last_of(w, p->into)->id), text(p->id),
		text(by), instant(w, ms), number(w, seq) };

	return row(w, CDP_TABLE_MERGES, c);
}

/* What pointed at from now points at into: a row each, from's own first. */
static int
merge(struct walk *w, struct who *from, struct who *into, struct cdp_str by,
    int64_t ms, uint64_t seq)
{
	struct who *p, *end = from;
	int rc = 0;

	into = into->canon;
	if (from->merged != 0 || into == from)
		return 0;
	from->merged = seq;
	if (from->into == NULL)
		from->into = into;
	for (p = from; rc == 0 && p != NULL; p = p->next) {
		p->canon = into;
		end = p;
		rc = graph_row(w, p, into, by, ms, seq);
	}
	end->next = into->next;
	into->next = from;
	return rc != 0 ? rc : merges_row(w, from, by, ms, seq);
}

/* One record: somebody is shown, or became a part of somebody. */
static int
record(struct walk *w, uint32_t rec)
{
	const struct cdp_tape *t = &w->tape;
	uint32_t line = cdp_tape_get(t, rec, CDP_STR("line")), at;
	struct cdp_str id, from, into;
	int64_t n = 0, ms = CDP_TIME_NONE;
	struct who *p;

	cdp_tape_i64(t, cdp_tape_get(t, rec, CDP_STR("n")), &n);
	from = member(w, line, "from");
	into = member(w, line, "into");
	if (cdp_str_is(member(w, line, "type"), "merge") && from.n != 0 &&
	    into.n != 0) {
		(void)cdp_time_parse(member(w, line, "timestamp"), &ms);
		return merge(w, who(w, from), who(w, into),
		    member(w, line, "by"), ms, (uint64_t)n);
	}
	at = line != CDP_NOTOK ? line : cdp_tape_get(t, rec, CDP_STR("set"));
	at = cdp_tape_get(t, at, CDP_STR("profile"));
	id = member(w, at, "id");
	if (id.n == 0)
		return 0;
	p = who(w, id);
	p->last = (uint64_t)n;
	if (p->first != 0)
		return 0;
	p->first = (uint64_t)n;
	return graph_row(w, p, p, p->born, p->born_ms, p->first);
}

static int
read_line(struct walk *w, struct cdp_str line)
{
	cdp_arena_reset(&w->mem);
	if (cdp_tape_parse(&w->tape, line, w->err) != 0)
		return cdp_fail(w->err, CDP_ECORRUPT,
		    "the log 'merge' holds a line that cannot be read");
	return 0;
}

static int
first_walk(void *arg, struct cdp_str line)
{
	struct walk *w = arg;
	uint32_t it = 0, i, rec;
	struct cdp_str key;
	int rc = read_line(w, line);

	if (rc != 0)
		return rc;
	key = member(w, 0, "k");
	if (is_profile(key))
		meet(w, key, cdp_tape_get(&w->tape, 0, CDP_STR("v")));
	while (rc == 0 &&
	    cdp_tape_next(&w->tape, cdp_tape_get(&w->tape, 0, CDP_STR("out")),
		&it, &i, &rec))
		rc = record(w, rec);
	return rc;
}

/* What no record tells any more: the states still know how it ended. */
static int
untold(struct walk *w)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < w->n; i++) {
		struct who *p = w->list[i];

		cdp_arena_reset(&w->mem);
		if (p->first == 0)
			rc = graph_row(w, p, p, p->born, p->born_ms, 0);
		if (rc == 0 && p->into != NULL && p->merged == 0) {
			rc = graph_row(
			    w, p, last_of(w, p), CDP_STR(""), CDP_TIME_NONE, 0);
			if (rc == 0)
				rc = merges_row(
				    w, p, CDP_STR(""), CDP_TIME_NONE, 0);
		}
	}
	return rc;
}

/* ---- traits and identifiers -------------------------------------- */

static int
identifiers(struct walk *w, const struct who *p, uint32_t list)
{
	const struct cdp_tape *t = &w->tape;
	uint32_t it = 0, key, val;
	int rc = 0;

	while (rc == 0 && cdp_tape_next(t, list, &it, &key, &val)) {
		int64_t ms = CDP_TIME_NONE;
		struct cdp_cell c[5] = { text(p->id),
			value(w, t, nth(t, val, 0)),
			value(w, t, nth(t, val, 1)), number(w, p->last) };

		cdp_tape_i64(t, nth(t, val, 2), &ms);
		c[4] = instant(w, ms);
		rc = row(w, CDP_TABLE_IDENTIFIERS, c);
	}
	return rc;
}

/* One trait; set is what the state keeps of it: [ms, messageId, value]. */
static int
trait(struct walk *w, const struct who *p, struct cdp_str name,
    struct cdp_cell val, const struct cdp_tape *t, uint32_t set)
{
	int64_t ms = CDP_TIME_NONE;
	struct cdp_cell c[6] = { text(p->id), { CDP_CELL_TEXT, name }, val,
		number(w, p->last) };

	cdp_tape_i64(t, nth(t, set, 0), &ms);
	c[4] = instant(w, ms);
	c[5] = text(cdp_tape_str(t, nth(t, set, 1), &w->mem));
	return row(w, CDP_TABLE_TRAITS, c);
}

/* Of somebody whom no record shows: what was said in so many words. */
static int
told_traits(struct walk *w, const struct who *p, uint32_t list)
{
	const struct cdp_tape *t = &w->tape;
	uint32_t it = 0, key, val, v;
	int rc = 0;

	while (rc == 0 && cdp_tape_next(t, list, &it, &key, &val))
		if ((v = nth(t, val, 2)) != CDP_NOTOK)
			rc = trait(w, p, cdp_tape_str(t, key, &w->mem),
			    value(w, t, v), t, val);
	return rc;
}

/*
 * The traits as the newest record shows them.  What the state says of one is
 * of use only if it is the same one: a computed trait hides a told one.
 */
static int
shown_traits(struct walk *w, const struct who *p, uint32_t list)
{
	const struct cdp_tape *t = &w->tape, *s = &w->state;
	uint32_t it = 0, key, val, told, set;
	struct cdp_str name;
	int rc;

	cdp_buf_reset(&w->val);
	rc = cdp_log_get(w->log, p->id, &w->val, w->err);
	if (rc != 0)
		return rc == CDP_END ? 0 : rc; /* deleted since */
	if (cdp_tape_parse(&w->state, cdp_buf_str(&w->val), w->err) != 0)
		return cdp_fail(w->err, CDP_ECORRUPT,
		    "the state of '%.*s' cannot be read", (int)p->id.n,
		    p->id.p);
	told = cdp_tape_get(s, 0, CDP_STR("traits"));
	for (rc = 0; rc == 0 && cdp_tape_next(t, list, &it, &key, &val);) {
		name = cdp_tape_str(t, key, &w->mem);
		set = cdp_tape_get(s, told, name);
		if (!cdp_tape_equal(t, val, s, nth(s, set, 2)))
			set = CDP_NOTOK;
		rc = trait(w, p, name, value(w, t, val), s, set);
	}
	return rc;
}

static int
second_walk(void *arg, struct cdp_str line)
{
	struct walk *w = arg;
	const struct cdp_tape *t = &w->tape;
	uint32_t it = 0, i, rec, at;
	struct cdp_str key;
	struct who *p;
	int64_t n;
	int rc = read_line(w, line);

	if (rc != 0)
		return rc;
	key = member(w, 0, "k");
	p = is_profile(key) ? cdp_map_get(&w->map, key) : NULL;
	if (p != NULL && p->into == NULL) {
		at = cdp_tape_get(t, 0, CDP_STR("v"));
		rc = identifiers(w, p, cdp_tape_get(t, at, CDP_STR("ids")));
		if (rc == 0 && p->last == 0)
			rc = told_traits(
			    w, p, cdp_tape_get(t, at, CDP_STR("traits")));
	}
	at = cdp_tape_get(t, 0, CDP_STR("out"));
	while (rc == 0 && cdp_tape_next(t, at, &it, &i, &rec)) {
		uint32_t set = cdp_tape_get(t, rec, CDP_STR("set"));

		if (set == CDP_NOTOK)
			set = cdp_tape_get(t, rec, CDP_STR("line"));
		set = cdp_tape_get(t, set, CDP_STR("profile"));
		p = cdp_map_get(&w->map, member(w, set, "id"));
		n = 0;
		cdp_tape_i64(t, cdp_tape_get(t, rec, CDP_STR("n")), &n);
		if (p != NULL && p->into == NULL && p->last == (uint64_t)n)
			rc = shown_traits(
			    w, p, cdp_tape_get(t, set, CDP_STR("traits")));
	}
	return rc;
}

int
cdp_tables_write(
    struct cdp_log *log, const struct cdp_tables_opt *opt, struct cdp_err *err)
{
	struct walk w = { .log = log, .opt = opt, .err = err };
	int rc = cdp_log_lines(log, false, first_walk, &w, err);

	if (rc == 0)
		rc = untold(&w);
	if (rc == 0 &&
	    (opt->want[CDP_TABLE_TRAITS] || opt->want[CDP_TABLE_IDENTIFIERS]))
		rc = cdp_log_lines(log, false, second_walk, &w, err);
	cdp_map_free(&w.map);
	free(w.list);
	cdp_arena_free(&w.keep);
	cdp_arena_free(&w.mem);
	cdp_tape_free(&w.tape);
	cdp_tape_free(&w.state);
	cdp_buf_free(&w.val);
	return rc;
}
