#include "lib/profile/hubs.h"

#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"

struct hub {
	struct cdp_str name, profile;
	int64_t shared, refused, first_ms;
	size_t of; /* so many identifiers */
};

struct walk {
	const struct cdp_project *pr;
	struct cdp_arena mem, keep;
	struct hub *v;
	size_t n, cap;
};

static size_t
rank(const struct cdp_identity *rules, struct cdp_str type)
{
	size_t i;

	for (i = 0; i < rules->nid; i++)
		if (cdp_str_eq(rules->id[i].name, type))
			break;
	return i;
}

/*
 * As links.c counts it: of each type above that of the identifier at that
 * place, the values that it came together with; the most.
 */
static int64_t
above(struct walk *w, const struct cdp_net *net, size_t at)
{
	const struct cdp_identity *rules = &w->pr->identity;
	size_t mine = rank(rules, net->id[at].type), i, j;
	bool *seen = cdp_arena_calloc(&w->mem, net->nid + 1, sizeof(*seen));
	int64_t most = 0, n = 0;

	for (i = 0; i < net->nlink; i++) {
		const struct cdp_net_link *l = &net->link[i];

		for (j = 0; j < l->n && l->id[j] != at; j++)
			;
		if (j == l->n)
			continue;
		for (j = 0; j < l->n; j++)
			seen[l->id[j]] =
			    rank(rules, net->id[l->id[j]].type) < mine;
	}
	for (i = 0; i < net->nid; i++) { /* they stand by type */
		if (i != 0 && !cdp_str_eq(net->id[i].type, net->id[i - 1].type))
			n = 0;
		n += seen[i];
		most = n > most ? n : most;
	}
	return most;
}

static void
keep(struct walk *w, const struct cdp_net *net, size_t at, int64_t shared)
{
	const struct cdp_net_id *id = &net->id[at];

	if (w->n == w->cap) {
		w->cap = w->cap != 0 ? 2 * w->cap : 16;
		w->v = cdp_xreallocarray(w->v, w->cap, sizeof(*w->v));
	}
	w->v[w->n++] = (struct hub){ cdp_arena_dup(&w->keep, id->name),
		cdp_arena_dup(&w->keep, net->profile), shared, id->refused,
		id->first_ms, net->nid };
}

static int
profile(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct walk *w = arg;
	struct cdp_net net;
	int64_t n;
	size_t i;

	(void)due_ms;
	if (!cdp_str_starts(key, CDP_STR("p_")) ||
	    !cdp_net_read(val, key, &w->mem, &net))
		return 0;
	for (i = 0; i < net.nid; i++) {
		n = net.id[i].refused;
		if (n + (int64_t)net.nlink >= w->pr->identity.hub)
			n += above(w, &net, i);
		if (n >= w->pr->identity.hub)
			keep(w, &net, i, n);
	}
	cdp_arena_reset(&w->mem);
	return 0;
}

static int
widest(const void *a, const void *b)
{
	const struct hub *x = a, *y = b;

	if (x->shared != y->shared)
		return x->shared > y->shared ? -1 : 1;
	return cdp_str_cmp(x->name, y->name);
}

int
cdp_hubs_write(struct cdp_log *log, const struct cdp_project *pr,
    int (*fn)(void *arg, struct cdp_str line), void *arg, struct cdp_err *err)
{
	struct walk w = { .pr = pr };
	struct cdp_buf b = { 0 };
	size_t i;
	int rc =
	    pr->identity.hub != 0 ? cdp_log_each(log, profile, &w, err) : 0;

	if (w.n != 0)
		qsort(w.v, w.n, sizeof(*w.v), widest);
	for (i = 0; rc == 0 && i < w.n; i++) {
		cdp_buf_reset(&b);
		cdp_buf_putc(&b, '{');
		cdp_json_kstr(&b, "identifier", w.v[i].name);
		cdp_json_ki64(&b, "shared", w.v[i].shared);
		cdp_json_ki64(&b, "refused", w.v[i].refused);
		cdp_json_kstr(&b, "profile", w.v[i].profile);
		cdp_json_ki64(&b, "identifiers", (int64_t)w.v[i].of);
		cdp_json_ktime(&b, "since", w.v[i].first_ms);
		cdp_buf_putc(&b, '}');
		rc = fn(arg, cdp_buf_str(&b));
	}
	free(w.v);
	cdp_buf_free(&b);
	cdp_arena_free(&w.mem);
	cdp_arena_free(&w.keep);
	return rc;
}
