#include "lib/tool/against.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/tool/rig.h"

#define SAY(s) (int)(s).n, (s).n != 0 ? (s).p : ""

/* What one person gets of one kind, in each of the two. */
struct got {
	struct cdp_str kind, who;
	int64_t n[2];
	int64_t first_ms[2];
	uint64_t times[2]; /* the sum of all instants, to tell them apart */
};

struct against;

struct side {
	struct against *all;
	int i; /* 0: the other version, 1: this one */
	struct cdp_rig *rig;
};

struct against {
	struct cdp_run *run;
	struct cdp_project *other;
	struct side side[2];
	struct cdp_arena mem;
	struct cdp_map by_key; /* to struct got */
	uint64_t faults[2];
};

/* ---- counting ---- */

static void
note_passage(void *arg, const struct cdp_passage *p)
{
	struct side *s = arg;
	struct against *ag = s->all;
	struct cdp_buf b = { 0 };
	struct got *g;
	size_t kind;

	cdp_buf_printf(&b, "%.*s: ", SAY(p->journey));
	if (p->action.n != 0)
		cdp_buf_printf(&b, "%.*s %.*s", SAY(p->step), SAY(p->action));
	else if (p->outcome.n != 0)
		cdp_buf_printf(&b, "end %.*s", SAY(p->outcome));
	else
		cdp_buf_puts(&b, p->control ? "held out" : "enter");
	kind = b.n;
	cdp_buf_putc(&b, '\n');
	cdp_buf_put(&b, p->profile);
	g = cdp_map_get(&ag->by_key, cdp_buf_str(&b));
	if (g == NULL) {
		struct cdp_str key = cdp_arena_dup(&ag->mem, cdp_buf_str(&b));

		g = cdp_arena_calloc(&ag->mem, 1, sizeof(*g));
		g->kind = (struct cdp_str){ key.p, kind };
		g->who = (struct cdp_str){ key.p + kind + 1, key.n - kind - 1 };
		*cdp_map_at(&ag->by_key, key) = g;
	}
	cdp_buf_free(&b);
	if (g->n[s->i]++ == 0)
		g->first_ms[s->i] = p->at_ms;
	g->times[s->i] += (uint64_t)p->at_ms;
}

static int
note_line(void *arg, const struct cdp_line *ln, struct cdp_err *err)
{
	(void)arg;
	(void)ln;
	(void)err;
	return 0;
}

static void
note_fault(void *arg, const struct cdp_line *ln, const char *code,
    struct cdp_str field, struct cdp_str message)
{
	struct side *s = arg;

	(void)ln;
	(void)code;
	(void)field;
	(void)message;
	s->all->faults[s->i]++;
}

/* ---- the tool ---- */

static int
start(struct cdp_run *run, void **self, struct cdp_err *err)
{
	struct against *ag = cdp_xcalloc(1, sizeof(*ag));
	struct cdp_diags diags = { 0 };
	struct cdp_str dir;
	int rc;

	*self = ag;
	ag->run = run;
	rc = cdp_project_find(run->args.pub.against, &run->mem, &dir, err);
	if (rc == 0)
		rc = cdp_project_load(dir, run->args.def, run->args.ndef,
		    &diags, &ag->other, err);
	if (diags.nerrors != 0)
		cdp_diags_print(&diags, run->tool->name, stderr);
	cdp_diags_free(&diags);
	if (rc != 0)
		return rc;
	for (int i = 0; rc == 0 && i < 2; i++) {
		struct side *s = &ag->side[i];
		const struct cdp_rig_watch watch = { s, note_line, note_line,
			note_passage, note_fault };

		*s = (struct side){ .all = ag, .i = i };
		rc = cdp_rig_new(
		    i == 0 ? ag->other : run->project, &watch, &s->rig, err);
	}
	return rc;
}

/* What stages behind cdp-ingest have made is made anew, by either version. */
static bool
made_here(const struct cdp_line *ln)
{
	return ln->type == CDP_MERGE || ln->type == CDP_PROFILE ||
	    ln->type == CDP_ACTIVATION || ln->type == CDP_DELIVERY ||
	    cdp_str_starts(ln->message_id, CDP_STR("aud_"));
}

static int
line(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err)
{
	struct against *ag = self;
	int rc = 0;

	(void)sg;
	for (int i = 0; rc == 0 && i < 2 && !made_here(ln); i++)
		rc = cdp_rig_feed(ag->side[i].rig, ln->raw, err);
	return rc;
}

/* ---- the answer ---- */

static int
by_kind(const void *a, const void *b)
{
	const struct got *x = *(struct got *const *)a;
	const struct got *y = *(struct got *const *)b;
	int c = cdp_str_cmp(x->kind, y->kind);

	return c != 0 ? c : cdp_str_cmp(x->who, y->who);
}

static bool
differs(const struct got *g)
{
	return g->n[0] != g->n[1] || g->times[0] != g->times[1];
}

static int64_t
earlier(const struct got *g)
{
	if (g->n[0] == 0 || (g->n[1] != 0 && g->first_ms[1] < g->first_ms[0]))
		return g->first_ms[1];
	return g->first_ms[0];
}

static void
put_first(const struct got *g)
{
	char when[2][CDP_TIME_SIZE];

	for (int i = 0; i < 2; i++)
		if (g->n[i] != 0)
			cdp_time_format(g->first_ms[i], when[i]);
	printf("    first %.*s: %s -> %s\n", SAY(g->who),
	    g->n[0] != 0 ? when[0] : "never", g->n[1] != 0 ? when[1] : "never");
}

/* n things of one kind; whether they differ. */
static bool
put_kind(struct got *const *v, size_t n)
{
	const struct got *first = NULL;
	long long sum[2] = { 0 }, more = 0, less = 0, moved = 0;

	for (size_t i = 0; i < n; i++) {
		const struct got *g = v[i];

		sum[0] += g->n[0];
		sum[1] += g->n[1];
		more += g->n[1] > g->n[0];
		less += g->n[1] < g->n[0];
		moved += g->n[1] == g->n[0] && differs(g);
		if (differs(g) &&
		    (first == NULL || earlier(g) < earlier(first)))
			first = g;
	}
	printf("%-44.*s %8lld -> %lld", SAY(v[0]->kind), sum[0], sum[1]);
	if (first == NULL) {
		putchar('\n');
		return false;
	}
	printf("  (%lld get more, %lld less, %lld at another time)\n", more,
	    less, moved);
	put_first(first);
	return true;
}

static int
finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	struct against *ag = self;
	struct got **v = cdp_xcalloc(ag->by_key.n + 1, sizeof(*v));
	const struct cdp_map_ent *e;
	size_t n = 0, i = 0, k;

	(void)sg;
	while ((e = cdp_map_next(&ag->by_key, &i)) != NULL)
		v[n++] = e->val;
	qsort(v, n, sizeof(*v), by_kind);
	for (i = 0; i < n; i = k) {
		for (k = i + 1; k < n && cdp_str_eq(v[k]->kind, v[i]->kind);)
			k++;
		ag->run->no |= put_kind(v + i, k - i);
	}
	free(v);
	if (ag->faults[0] + ag->faults[1] != 0)
		cdp_run_say(ag->run, "rejected: %llu -> %llu",
		    (unsigned long long)ag->faults[0],
		    (unsigned long long)ag->faults[1]);
	if (fflush(stdout) != 0)
		return cdp_fail(err, CDP_EIO, "cannot write standard output");
	return 0;
}

static void
stop(void *self)
{
	struct against *ag = self;

	for (int i = 0; i < 2; i++)
		cdp_rig_free(ag->side[i].rig);
	cdp_project_free(ag->other);
	cdp_map_free(&ag->by_key);
	cdp_arena_free(&ag->mem);
	free(ag);
}

const struct cdp_tool cdp_against_tool = {
	.name = "cdp-journey",
	.start = start,
	.line = line,
	.finish = finish,
	.stop = stop,
};
