#include "lib/profile/people.h"

#include "lib/json/write.h"
#include "lib/profile/identifiers.h"
#include "lib/profile/merge.h"
#include "lib/profile/state.h"
#include "lib/profile/view.h"

#define CHUNK ((size_t)64 << 10)
#define AHEAD ((size_t)4 << 20) /* is made while an epoch becomes durable */

struct walk {
	struct cdp_merge *m;
	int (*fn)(void *arg, struct cdp_str profile, struct cdp_err *err);
	void *arg; /* if fn is not NULL: it is told, and nothing is written */
	struct cdp_stage *sg; /* to be flushed before the first byte */
	const struct cdp_io *io;
	int fd;
	struct cdp_err *err;
	struct cdp_buf out;
	struct cdp_arena mem;
};

/* What was read of these people is durable. */
static int
settle(struct walk *w)
{
	struct cdp_stage *sg = w->sg;

	w->sg = NULL;
	return sg != NULL ? cdp_stage_flush(sg, w->err) : 0;
}

static int
flush(struct walk *w)
{
	int rc = settle(w);

	if (rc == 0)
		rc = cdp_io_write_all(w->io, w->fd, w->out.p, w->out.n, w->err);
	cdp_buf_reset(&w->out);
	return rc;
}

static bool
is_full(const struct walk *w)
{
	return w->out.n >= CHUNK &&
	    (w->sg == NULL || w->out.n >= AHEAD || !cdp_stage_busy(w->sg));
}

static void
put_external_ids(
    struct cdp_buf *b, const struct cdp_merge *m, const struct cdp_profile *p)
{
	size_t i;

	cdp_json_key(b, "external_ids");
	cdp_buf_putc(b, '[');
	for (i = 0; i < p->nident; i++) {
		cdp_buf_puts(b, i == 0 ? "{" : ",{");
		cdp_json_kstr(b, "collection", CDP_STR("users"));
		cdp_json_kstr(b, "type", m->type[p->ident[i]->type]);
		cdp_json_kstr(b, "id", cdp_ident_value(p->ident[i]));
		cdp_json_kstr(b, "encoding", CDP_STR("none"));
		cdp_json_ktime(b, "created_at", p->ident[i]->first_ms);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, ']');
}

static void
put_links(
    struct cdp_buf *b, const struct cdp_merge *m, const struct cdp_profile *p)
{
	size_t i;

	cdp_json_key(b, "links");
	cdp_buf_putc(b, '[');
	for (i = 0; i < p->nmember; i++) {
		const struct cdp_circle *c = p->member[i].circle;

		cdp_buf_puts(b, i == 0 ? "{" : ",{");
		cdp_json_kstr(b, "to_collection", m->pr->group[c->kind].name);
		cdp_buf_puts(b, ",\"external_ids\":[{");
		cdp_json_kstr(b, "type", CDP_STR("group_id"));
		cdp_json_kstr(b, "id", c->id);
		cdp_json_ktime(b, "created_at", p->member[i].joined.ms);
		cdp_buf_puts(b, "}]}");
	}
	cdp_buf_putc(b, ']');
}

static int
put_person(struct walk *w, struct cdp_profile *p)
{
	struct cdp_buf *b = &w->out;

	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "id", cdp_str_of(p->id));
	put_external_ids(b, w->m, p);
	cdp_view_known(w->m, p, b);
	put_links(b, w->m, p);
	cdp_buf_puts(b, ",\"metadata\":{");
	cdp_json_ktime(b, "created_at", p->born.ms);
	cdp_json_kstr(b, "first_message_id", p->born.mid);
	cdp_buf_puts(b, "}}\n");
	return is_full(w) ? flush(w) : 0;
}

static int
tell(struct walk *w, struct cdp_profile *p)
{
	const struct cdp_tape *t = &w->m->view;
	int rc;

	cdp_view_profile(w->m, p);
	rc = cdp_tape_parse(&w->m->view, cdp_buf_str(&p->edit), w->err);
	return rc != 0
	    ? rc
	    : w->fn(w->arg,
		  cdp_tape_raw(t, cdp_tape_get(t, 0, CDP_STR("profile"))),
		  w->err);
}

/* A profile that was merged away is another's. */
static int
person(struct walk *w, struct cdp_profile *p)
{
	struct cdp_profile *now = p;
	size_t i;
	int rc;

	if ((rc = cdp_state_load(w->m, &now, w->err)) != 0)
		return rc;
	if (now == p && !p->gone) {
		for (i = 0; i < p->nmember; i++)
			cdp_view_circle(w->m, p->member[i].circle);
		rc = w->fn != NULL ? tell(w, p) : put_person(w, p);
	}
	cdp_arena_reset(&w->mem);
	return rc;
}

static int
saved(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct walk *w = arg;
	int rc;

	(void)val;
	(void)due_ms;
	if (!cdp_str_starts(key, CDP_STR("p_")))
		return 0;
	rc = person(w, cdp_state_profile(w->m, key));
	return rc != 0 ? rc : cdp_state_trim(w->m, w->err);
}

static int
by_id(const void *a, const void *b)
{
	const struct cdp_profile *const *p = a, *const *q = b;

	return strcmp((*p)->id, (*q)->id);
}

/* Whom the log would name, if there is one: of whom something was saved. */
static bool
is_known(const struct walk *w, const struct cdp_profile *p)
{
	return w->m->log == NULL || p->u.bytes != 0;
}

/* Without a store, or while everybody whom it knows is in memory. */
static int
all_held(struct walk *w)
{
	struct cdp_profile **v =
	    cdp_xcalloc(w->m->profiles.n + 1, sizeof(struct cdp_profile *));
	struct cdp_map_ent *e;
	size_t n = 0, i = 0;
	int rc = 0;

	while ((e = cdp_map_next(&w->m->profiles, &i)) != NULL)
		if (is_known(w, e->val))
			v[n++] = e->val;
	qsort(v, n, sizeof(struct cdp_profile *), by_id);
	for (i = 0; i < n && rc == 0; i++)
		rc = person(w, v[i]);
	free(v);
	return rc;
}

int
cdp_people_write(struct cdp_merge *m, struct cdp_stage *sg,
    const struct cdp_io *io, int fd, struct cdp_err *err)
{
	struct walk w = { .m = m, .sg = sg, .io = io, .fd = fd, .err = err };
	struct cdp_arena *mem = m->mem;
	int rc = cdp_stage_begin(sg, err);

	if (rc != 0)
		return rc;
	m->people = false;
	m->mem = &w.mem;
	if (m->log == NULL || m->all)
		rc = all_held(&w);
	else if ((rc = settle(&w)) == 0)
		rc = cdp_log_each(m->log, saved, &w, err);
	if (rc == 0)
		rc = flush(&w);
	m->mem = mem;
	cdp_buf_free(&w.out);
	cdp_arena_free(&w.mem);
	return rc;
}

static int
view(struct cdp_merge *m, struct cdp_str id, struct cdp_buf *ret,
    struct cdp_err *err)
{
	struct cdp_profile *p = cdp_state_profile(m, id);
	struct cdp_tape t = { 0 };
	size_t i;
	int rc = cdp_state_load(m, &p, err);

	if (rc != 0)
		return rc;
	if (p->gone || p->nident == 0)
		return CDP_END;
	for (i = 0; i < p->nmember; i++)
		cdp_view_circle(m, p->member[i].circle);
	cdp_view_profile(m, p);
	if ((rc = cdp_tape_parse(&t, cdp_buf_str(&p->edit), err)) == 0)
		cdp_buf_put(ret,
		    cdp_tape_raw(&t, cdp_tape_get(&t, 0, CDP_STR("profile"))));
	cdp_tape_free(&t);
	return rc;
}

int
cdp_people_view(struct cdp_project *pr, struct cdp_log *log, struct cdp_str id,
    struct cdp_buf *ret, int64_t *now_ms, struct cdp_err *err)
{
	struct cdp_merge *m;
	struct cdp_arena mem = { 0 }, *was;
	int rc;

	if (log == NULL)
		return CDP_END;
	m = cdp_merge_new(pr);
	was = m->mem;
	m->mem = &mem;
	if ((rc = cdp_merge_ops.open(m, log, err)) == 0)
		rc = view(m, id, ret, err);
	*now_ms = m->clock_ms > 0 ? m->clock_ms : 0;
	m->mem = was;
	cdp_merge_free(m);
	cdp_arena_free(&mem);
	return rc;
}

int
cdp_people_each(struct cdp_merge *m,
    int (*fn)(void *arg, struct cdp_str profile, struct cdp_err *err),
    void *arg, struct cdp_err *err)
{
	struct walk w = { .m = m, .fn = fn, .arg = arg, .err = err };
	struct cdp_arena *mem = m->mem;
	int rc;

	m->mem = &w.mem;
	rc = cdp_log_each(m->log, saved, &w, err);
	m->mem = mem;
	cdp_arena_free(&w.mem);
	return rc;
}
