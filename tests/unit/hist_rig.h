#ifndef TESTS_HIST_RIG_H
#define TESTS_HIST_RIG_H

#include <stdio.h>

#include "tests/unit/cond_world.h"

/*
 * A rig for what is kept of a history: random events, some late and some of
 * a profile that is merged, are given to it and noted down whole, so that a
 * test can ask both the same at every instant.
 */
struct ev {
	char name; /* A, B or C */
	int val;   /* what the test makes properties of; 0: none */
	int ms;
};

struct events {
	struct ev v[400];
	int n;
};

struct rig {
	struct world w;
	struct cdp_wset *ws;
	struct cdp_hist hist, other;
	struct events all, others;
	int nval; /* values go from 0 to nval - 1 */
	/* The insides of an event's properties. */
	const char *(*props)(int val);
	/* Compare; quiet: no event has come since the last time. */
	void (*ask)(struct rig *r, int now, bool quiet);
};

static uint64_t seed = 88172645463325252ull;

static inline int
below(int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)((seed >> 20) % (unsigned)n);
}

static inline void
rig_init(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	world_init(&r->w);
	r->ws = cdp_wset_new();
}

/* A condition that is asked over and over. */
struct rig_watch {
	struct cdp_cond *cond;
	int64_t next; /* when it said that it may change by itself */
	bool last;
};

/* It holds if want, and has changed by itself only when it said so. */
static inline void
rig_expect(
    struct rig_watch *w, const struct cdp_ctx *ctx, bool want, bool quiet)
{
	long long now = ctx->now_ms;

	if (cdp_cond_test(w->cond, ctx) != want)
		fail_msg(
		    "%s at %lld: not %d", cdp_cond_text(w->cond).p, now, want);
	if (quiet && want != w->last && now < w->next)
		fail_msg("%s changed at %lld, before %lld",
		    cdp_cond_text(w->cond).p, now, (long long)w->next);
	if (!quiet || now >= w->next)
		w->next = cdp_cond_next(w->cond, ctx);
	assert_true(w->next > now);
	w->last = want;
}

static inline void
rig_free(struct rig *r)
{
	cdp_hist_free(&r->hist);
	cdp_hist_free(&r->other);
	cdp_wset_free(r->ws);
	world_free(&r->w);
}

static inline struct cdp_cond *
rig_cond(struct rig *r, const char *text)
{
	struct cdp_cond *c = world_cond(&r->w, text);

	cdp_wset_add(r->ws, c);
	return c;
}

/* An event at ms, added to a history. */
static inline void
rig_track(struct rig *r, struct cdp_hist *h, const char *event,
    const char *props, int64_t ms)
{
	char json[200], ts[CDP_TIME_SIZE];

	cdp_time_format(ms, ts);
	snprintf(json, sizeof(json),
	    "{\"type\":\"track\",\"event\":\"%s\",\"timestamp\":\"%s\","
	    "\"properties\":{%s}}",
	    event, ts, props);
	cdp_hist_event(h, r->ws, world_line(&r->w, json), NULL, NULL);
}

static inline void
rig_happen(struct rig *r, struct cdp_hist *h, struct events *l, int ms)
{
	struct ev *e = &l->v[l->n++];
	char name[2] = "";

	*e = (struct ev){ (char)('A' + below(3)), below(r->nval), ms };
	name[0] = e->name;
	rig_track(r, h, name, r->props(e->val), ms);
}

/* What was written reads back as the same. */
static inline void
rig_reread(struct rig *r)
{
	struct cdp_buf a = { 0 }, b = { 0 };
	struct cdp_hist h = { 0 };

	cdp_hist_write(&a, &r->hist, r->ws);
	assert_int_equal(cdp_tape_parse(&r->w.tape, cdp_buf_str(&a), NULL), 0);
	cdp_hist_read(&h, r->ws, &r->w.tape, 0);
	cdp_hist_write(&b, &h, r->ws);
	assert_true(cdp_str_eq(cdp_buf_str(&a), cdp_buf_str(&b)));
	cdp_hist_free(&r->hist);
	r->hist = h;
	cdp_buf_free(&a);
	cdp_buf_free(&b);
}

static inline void
rig_merge(struct rig *r)
{
	cdp_hist_merge(&r->hist, &r->other, r->ws);
	cdp_hist_free(&r->other);
	for (int i = 0; i < r->others.n; i++)
		r->all.v[r->all.n++] = r->others.v[i];
	r->others.n = 0;
}

/* From 0 to steps; others: one in so many instants has an event of other. */
static inline void
rig_live(struct rig *r, int steps, int others)
{
	r->ask(r, 0, false);
	for (int now = 1; now < steps; now++) {
		r->ask(r, now, true);
		if (below(12) == 0)
			cdp_hist_expire(&r->hist, r->ws, now);
		if (below(40) == 0)
			rig_reread(r);
		if (below(others) == 0)
			rig_happen(r, &r->other, &r->others, now);
		if (below(50) == 0) {
			rig_merge(r);
			r->ask(r, now, false);
		}
		for (int k = below(6) == 0 ? below(3) : 0; k > 0; k--) {
			int late = below(4) == 0 ? below(25) : 0;

			rig_happen(r, &r->hist, &r->all,
			    now > late ? now - late : now);
			r->ask(r, now, false);
		}
	}
}

/* How many commas there are in what is kept: its values, less one each. */
static inline size_t
rig_commas(struct rig *r, struct cdp_buf *b)
{
	size_t n = 0;

	cdp_buf_reset(b);
	cdp_hist_write(b, &r->hist, r->ws);
	for (size_t i = 0; i < b->n; i++)
		n += b->p[i] == ',';
	return n;
}

#endif
