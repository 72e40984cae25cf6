#include "lib/tool/against.h"

#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/tool/rig.h"
#include "lib/tool/version.h"

#define SAY(s) (int)(s).n, (s).n != 0 ? (s).p : ""

#define AROUND 24 /* bytes of a text beside what differs in it */
#define END "{\"type\":\"clock\",\"now\":\"9999-12-31T23:59:59.999Z\"}"

/* What one person gets of one kind, in each of the two. */
struct got {
	struct cdp_str kind, who;
	int64_t n[2];
	int64_t first_ms[2];
	uint64_t times[2]; /* the sum of all instants, to tell them apart */
	uint64_t says[2];  /* of what deliveries say, the same */
	struct cdp_str text[2]; /* the first of those */
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
	struct cdp_buf buf;
	uint64_t faults[2];
};

/* ---- counting ---- */

/* What that person has of the kind that is in b. */
static struct got *
find(struct against *ag, struct cdp_buf *b, struct cdp_str who)
{
	size_t kind = b->n;
	struct cdp_str key;
	struct got *g;

	cdp_buf_putc(b, '\n');
	cdp_buf_put(b, who);
	g = cdp_map_get(&ag->by_key, cdp_buf_str(b));
	if (g == NULL) {
		key = cdp_arena_dup(&ag->mem, cdp_buf_str(b));
		g = cdp_arena_calloc(&ag->mem, 1, sizeof(*g));
		g->kind = (struct cdp_str){ key.p, kind };
		g->who = (struct cdp_str){ key.p + kind + 1, key.n - kind - 1 };
		*cdp_map_at(&ag->by_key, key) = g;
	}
	cdp_buf_reset(b);
	return g;
}

static void
count(struct side *s, struct cdp_buf *b, struct cdp_str who, int64_t at_ms)
{
	struct got *g = find(s->all, b, who);

	if (g->n[s->i]++ == 0)
		g->first_ms[s->i] = at_ms;
	g->times[s->i] += (uint64_t)at_ms;
}

static void
note_passage(void *arg, const struct cdp_passage *p)
{
	struct side *s = arg;
	struct cdp_buf *b = &s->all->buf;

	cdp_buf_printf(b, "%.*s: ", SAY(p->journey));
	if (p->action.n != 0)
		cdp_buf_printf(b, "%.*s %.*s", SAY(p->step), SAY(p->action));
	else if (p->outcome.n != 0)
		cdp_buf_printf(b, "end %.*s", SAY(p->outcome));
	else
		cdp_buf_puts(b, p->control ? "held out" : "enter");
	count(s, b, p->profile, p->at_ms);
}

static struct cdp_str
member(const struct cdp_line *ln, uint32_t at, const char *key)
{
	return cdp_tape_str(
	    ln->tape, cdp_tape_get(ln->tape, at, cdp_str_of(key)), ln->mem);
}

/* Who comes into an audience, and who leaves it. */
static int
note_line(void *arg, const struct cdp_line *ln, struct cdp_err *err)
{
	struct side *s = arg;
	struct cdp_buf *b = &s->all->buf;
	uint32_t props = cdp_tape_get(ln->tape, 0, CDP_STR("properties"));

	(void)err;
	if (ln->type != CDP_TRACK ||
	    !cdp_str_starts(ln->message_id, CDP_STR("aud_")))
		return 0;
	cdp_buf_printf(b, "audience %.*s: %s",
	    SAY(member(ln, props, "audience_key")),
	    cdp_str_is(ln->event, "Audience Entered") ? "enter" : "leave");
	count(s, b, ln->profile_id, ln->ts_ms);
	return 0;
}

/* What becomes of what a journey sends, to whom, and what it says. */
static int
note_delivery(void *arg, const struct cdp_line *ln, struct cdp_err *err)
{
	static const char *const says[] = { "status", "reason", "to", "from",
		"message", "body", "request", "item" };
	struct side *s = arg;
	struct cdp_buf *b = &s->all->buf;
	struct cdp_str journey = member(ln, 0, "journey"), text;
	struct got *g;
	uint32_t at;

	(void)err;
	/* Who is held out gets nothing by either. */
	if (ln->type != CDP_DELIVERY || journey.n == 0 ||
	    cdp_str_is(member(ln, 0, "reason"), "holdout"))
		return 0;
	cdp_buf_printf(b, "%.*s: %.*s %.*s", SAY(journey),
	    SAY(member(ln, 0, "step")), SAY(member(ln, 0, "action")));
	g = find(s->all, b, member(ln, 0, "profile"));
	for (size_t i = 0; i < sizeof(says) / sizeof(*says); i++) {
		at = cdp_tape_get(ln->tape, 0, cdp_str_of(says[i]));
		if (at != CDP_NOTOK)
			cdp_buf_printf(
			    b, "%s%s ", b->n != 0 ? ", " : "", says[i]);
		if (at != CDP_NOTOK)
			cdp_buf_put(b, cdp_tape_raw(ln->tape, at));
	}
	text = cdp_buf_str(b);
	if (g->text[s->i].n == 0)
		g->text[s->i] = cdp_arena_dup(&s->all->mem, text);
	g->says[s->i] += cdp_hash64(text);
	cdp_buf_reset(b);
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
	int rc;

	*self = ag;
	ag->run = run;
	rc = cdp_version_load(run, &ag->other, err);
	for (int i = 0; rc == 0 && i < 2; i++) {
		struct side *s = &ag->side[i];
		const struct cdp_rig_watch watch = { s, note_line,
			note_delivery, note_passage, note_fault };

		*s = (struct side){ .all = ag, .i = i };
		rc = cdp_rig_new(
		    i == 0 ? ag->other : run->project, &watch, &s->rig, err);
		if (rc == 0 && run->args.pub.store != NULL)
			rc = cdp_rig_open(s->rig, run->store, err);
	}
	return rc;
}

static int
line(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err)
{
	struct against *ag = self;
	int rc = cdp_version_line(ln, err);

	(void)sg;
	for (int i = 0; rc == 0 && i < 2 && !cdp_rig_makes(ln); i++)
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
same_when(const struct got *g)
{
	return g->n[0] == g->n[1] && g->times[0] == g->times[1];
}

static bool
differs(const struct got *g)
{
	return !same_when(g) || g->says[0] != g->says[1];
}

static int64_t
earlier(const struct got *g)
{
	if (g->n[0] == 0 || (g->n[1] != 0 && g->first_ms[1] < g->first_ms[0]))
		return g->first_ms[1];
	return g->first_ms[0];
}

/* From where two texts differ, with a little before it, of one line. */
static void
put_text(const struct got *g)
{
	size_t n = 0, from;

	while (n < g->text[0].n && n < g->text[1].n &&
	    g->text[0].p[n] == g->text[1].p[n])
		n++;
	from = n > AROUND ? n - AROUND : 0;
	while (from > 0 && ((unsigned char)g->text[0].p[from] & 0xc0) == 0x80)
		from--; /* no half characters */
	for (int i = 0; i < 2; i++) {
		struct cdp_str t = { g->text[i].p + from, g->text[i].n - from };

		n = t.n < 2 * AROUND ? t.n : 2 * AROUND;
		while (n < t.n && ((unsigned char)t.p[n] & 0xc0) == 0x80)
			n++;
		printf("      %c %s%.*s%s\n", i == 0 ? '-' : '+',
		    from != 0 ? "..." : "", (int)n, t.p, n < t.n ? "..." : "");
	}
}

static void
put_first(const struct got *g)
{
	char when[2][CDP_TIME_SIZE];

	if (same_when(g)) {
		cdp_time_format(g->first_ms[0], when[0]);
		printf("    first %.*s: %s, but not the same\n", SAY(g->who),
		    when[0]);
		put_text(g);
		return;
	}
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
	long long sum[2] = { 0 }, more = 0, less = 0, moved = 0, other = 0;

	for (size_t i = 0; i < n; i++) {
		const struct got *g = v[i];

		sum[0] += g->n[0];
		sum[1] += g->n[1];
		more += g->n[1] > g->n[0];
		less += g->n[1] < g->n[0];
		moved += g->n[1] == g->n[0] && !same_when(g);
		other += same_when(g) && differs(g);
		if (differs(g) &&
		    (first == NULL || earlier(g) < earlier(first)))
			first = g;
	}
	printf("%-44.*s %8lld -> %lld", SAY(v[0]->kind), sum[0], sum[1]);
	if (first == NULL) {
		putchar('\n');
		return false;
	}
	printf("  (%lld get more, %lld less, %lld at another time", more, less,
	    moved);
	printf(other != 0 ? ", %lld not the same)\n" : ")\n", other);
	put_first(first);
	return true;
}

/* Of those in a store, also what is pending. */
static int
run_out(struct side *s, struct cdp_err *err)
{
	static const struct cdp_str end = { END, sizeof(END) - 1 };

	return s->all->run->args.pub.store != NULL
	    ? cdp_rig_feed(s->rig, end, err)
	    : 0;
}

static int
finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	struct against *ag = self;
	struct got **v;
	const struct cdp_map_ent *e;
	size_t n = 0, i = 0, k;
	int rc = 0;

	(void)sg;
	for (int j = 0; rc == 0 && j < 2; j++)
		rc = run_out(&ag->side[j], err);
	if (rc != 0)
		return rc;
	if (ag->run->args.pub.store == NULL)
		cdp_version_end(ag->run);
	v = cdp_xcalloc(ag->by_key.n + 1, sizeof(*v));
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
	cdp_buf_free(&ag->buf);
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
