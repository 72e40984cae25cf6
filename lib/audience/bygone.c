#include "lib/audience/bygone.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/tape.h"
#include "lib/store/history.h"

struct span {
	uint64_t q, n;
	int64_t t_ms;
};

struct walk {
	struct cdp_bygone *p;
	struct cdp_log *log;
	struct cdp_str only;
	struct span *v;
	size_t n, cap;
	struct cdp_tape tape;
	struct cdp_arena tmp;
	struct cdp_buf whole;
};

/* ---- what was told ---- */

static struct cdp_bygone_told *
told(
    struct cdp_bygone *p, struct cdp_str audience, struct cdp_str id, bool make)
{
	struct cdp_buf b = { 0 };
	struct cdp_bygone_told *t;
	struct cdp_str key;

	cdp_buf_put(&b, audience);
	cdp_buf_putc(&b, ' ');
	cdp_buf_put(&b, id);
	t = cdp_map_get(&p->told, cdp_buf_str(&b));
	if (t == NULL && make) {
		key = cdp_arena_dup(&p->mem, cdp_buf_str(&b));
		t = cdp_arena_calloc(&p->mem, 1, sizeof(*t));
		*t = (struct cdp_bygone_told){ .entered_ms = CDP_TIME_NONE };
		t->audience = (struct cdp_str){ key.p, audience.n };
		t->id = (struct cdp_str){ key.p + audience.n + 1, id.n };
		*cdp_map_at(&p->told, key) = t;
	}
	cdp_buf_free(&b);
	return t;
}

static void
note(struct walk *w, struct cdp_str json)
{
	const struct cdp_str lead =
	    CDP_STR("{\"type\":\"track\",\"event\":\"Audience ");
	struct cdp_tape *t = &w->tape;
	struct cdp_bygone_told *v;
	struct cdp_str key, id, ts;
	int64_t ms;
	bool entered;

	if (!cdp_str_starts(json, lead) || cdp_tape_parse(t, json, NULL) != 0)
		return;
	cdp_arena_reset(&w->tmp);
	entered = cdp_tape_streq(t, cdp_tape_get(t, 0, CDP_STR("event")),
	    CDP_STR("Audience Entered"));
	ts = cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("timestamp")), &w->tmp);
	key = cdp_tape_str(t,
	    cdp_tape_get(t, cdp_tape_get(t, 0, CDP_STR("properties")),
		CDP_STR("audience_key")),
	    &w->tmp);
	id = cdp_tape_str(t,
	    cdp_tape_get(
		t, cdp_tape_get(t, 0, CDP_STR("profile")), CDP_STR("id")),
	    &w->tmp);
	if (cdp_time_parse(ts, &ms) != 0 ||
	    (w->only.n != 0 && !cdp_str_eq(key, w->only)))
		return;
	v = told(w->p, key, id, true);
	if (ms <= w->p->at_ms) {
		if (entered)
			v->entered_ms = ms;
	} else if (!v->since || ms < v->first_ms) {
		v->since = true;
		v->was = !entered;
		v->first_ms = ms;
	}
}

/* ---- the log ---- */

static int
add_span(void *arg, const struct cdp_epoch_info *in)
{
	struct walk *w = arg;

	if (in->t_ms > w->p->last_ms)
		w->p->last_ms = in->t_ms;
	if (w->n == w->cap) {
		w->cap = w->cap == 0 ? 64 : w->cap * 2;
		w->v = cdp_xreallocarray(w->v, w->cap, sizeof(*w->v));
	}
	w->v[w->n++] = (struct span){ in->q, in->inputs, in->t_ms };
	return 0;
}

static int
read_input(struct walk *w, uint64_t q, int64_t t_ms, struct cdp_err *err)
{
	const struct cdp_rec *rec;
	uint64_t first;
	size_t n;
	int rc = cdp_log_caused(w->log, q, &first, &rec, &n, err);

	for (size_t i = 0; rc == 0 && i < n; i++)
		if (rec[i].kind == CDP_REC_LINE)
			note(w, cdp_rec_whole(&rec[i], &w->whole));
		else if (rec[i].kind == CDP_REC_GONE && t_ms > w->p->at_ms)
			return cdp_fail(err, CDP_ECONF,
			    "what was told since then is not kept any more: "
			    "compaction has left it out");
	return rc == CDP_END ? 0 : rc;
}

int
cdp_bygone_read(struct cdp_bygone *p, struct cdp_log *log, int64_t at_ms,
    struct cdp_str key, struct cdp_err *err)
{
	struct walk w = { .p = p, .log = log, .only = key };
	int rc;

	*p = (struct cdp_bygone){ .at_ms = at_ms, .last_ms = CDP_TIME_NONE };
	rc = cdp_log_epochs(log, add_span, &w, err);
	for (size_t i = 0; rc == 0 && i < w.n; i++)
		for (uint64_t k = 0; rc == 0 && k < w.v[i].n; k++)
			rc = read_input(&w, w.v[i].q + k, w.v[i].t_ms, err);
	free(w.v);
	cdp_tape_free(&w.tape);
	cdp_buf_free(&w.whole);
	cdp_arena_free(&w.tmp);
	return rc;
}

void
cdp_bygone_free(struct cdp_bygone *p)
{
	cdp_map_free(&p->told);
	cdp_arena_free(&p->mem);
}

bool
cdp_bygone_in(struct cdp_bygone *p, struct cdp_str audience, struct cdp_str id,
    int64_t since_ms, int64_t *ret)
{
	struct cdp_bygone_told *t = told(p, audience, id, false);

	*ret = since_ms;
	if (t != NULL)
		t->seen = true;
	if (t == NULL || !t->since)
		return since_ms != CDP_TIME_NONE && since_ms <= p->at_ms;
	*ret = t->entered_ms;
	return t->was;
}
