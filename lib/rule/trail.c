#include "lib/rule/trail.h"

#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/rule/pred.h"
#include "lib/rule/tree.h"

/* An answer that more events, or time, may still change is UNSURE. */
enum sure { NO, YES, UNSURE };

/* All events that are kept, to be asked about. */
struct look {
	const struct cdp_measure_def *d;
	const struct cdp_trail_def *tr;
	const struct cdp_ctx *ctx;
	struct cdp_buf text; /* [[bits, member, ...], ...] */
	struct cdp_tape tape;
	struct cdp_arena mem;
	size_t n;
	int64_t *ms;
	uint64_t *bits;
	uint32_t *val; /* ncol of each */
};

/* Whose members are asked about. */
struct at {
	struct look *l;
	size_t own;
	const struct at *parent;
};

/* ---- what is kept ---- */

static bool
names(const struct cdp_trigger *on, struct cdp_str event)
{
	for (size_t i = 0; i < on->nevent; i++)
		if (cdp_str_eq(on->event[i], event))
			return true;
	return false;
}

bool
cdp_trail_line(const struct cdp_trail_def *tr, const struct cdp_line *ln,
    struct cdp_str *ret)
{
	struct cdp_buf b = { 0 };
	uint64_t bits = 0;

	for (size_t i = 0; i < tr->npart; i++)
		if (names(&tr->part[i].on, ln->event) &&
		    cdp_pred_test(tr->part[i].on.where, ln->tape, 0, ln->ts_ms))
			bits |= UINT64_C(1) << i;
	if (bits == 0)
		return false;
	cdp_buf_putc(&b, '[');
	cdp_buf_u64(&b, bits);
	for (size_t i = 0; i < tr->ncol; i++) {
		cdp_buf_putc(&b, ',');
		if (tr->col[i].many)
			cdp_each_show(&b, ln->tape, 0, &tr->col[i].path);
		else
			cdp_json_canonical(&b, ln->tape,
			    cdp_tape_path(ln->tape, 0, &tr->col[i].path));
	}
	cdp_buf_putc(&b, ']');
	*ret = cdp_arena_dup(ln->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return true;
}

/* ---- all of it, read ---- */

static void
read_event(struct look *l, uint32_t at, size_t i)
{
	uint32_t it = 0, key, val;
	int64_t bits = 0;

	if (cdp_tape_next(&l->tape, at, &it, &key, &val))
		cdp_tape_i64(&l->tape, val, &bits);
	l->bits[i] = (uint64_t)bits;
	for (size_t c = 0; c < l->tr->ncol; c++)
		l->val[i * l->tr->ncol + c] =
		    cdp_tape_next(&l->tape, at, &it, &key, &val) ? val
								 : CDP_NOTOK;
}

static void
look_init(struct look *l, const struct cdp_points *kept,
    const struct cdp_measure_def *d, const struct cdp_ctx *ctx)
{
	uint32_t it = 0, key, val;

	*l = (struct look){ .d = d, .tr = d->trail, .ctx = ctx };
	cdp_buf_putc(&l->text, '[');
	for (size_t i = 0; i < kept->n; i++) {
		cdp_json_comma(&l->text);
		cdp_buf_put(
		    &l->text, cdp_val_json(cdp_points_at(kept, i)->u.val));
	}
	cdp_buf_putc(&l->text, ']');
	if (cdp_tape_parse(&l->tape, cdp_buf_str(&l->text), NULL) != 0)
		return;
	l->ms = cdp_arena_calloc(&l->mem, kept->n + 1, sizeof(*l->ms));
	l->bits = cdp_arena_calloc(&l->mem, kept->n + 1, sizeof(*l->bits));
	l->val = cdp_arena_calloc(
	    &l->mem, kept->n * l->tr->ncol + 1, sizeof(*l->val));
	for (; cdp_tape_next(&l->tape, 0, &it, &key, &val); l->n++) {
		l->ms[l->n] = cdp_points_at(kept, l->n)->ms;
		read_event(l, val, l->n);
	}
}

static void
look_free(struct look *l)
{
	cdp_buf_free(&l->text);
	cdp_tape_free(&l->tape);
	cdp_arena_free(&l->mem);
}

static uint32_t
member(const struct look *l, size_t i, uint32_t col)
{
	return l->val[i * l->tr->ncol + col];
}

/* ---- whether an event is one ---- */

/* What is kept of each element, or the value itself. */
static const struct cdp_path itself = { 0 };

static const struct cdp_path *
in_col(bool many)
{
	return many ? &cdp_each_element : &itself;
}

static bool
look_at(void *arg, const struct cdp_ref *ref, cdp_each_fn *fn, void *of)
{
	const struct at *at = arg;

	if (ref->of == CDP_REF_TRAIT)
		return cdp_cond_look(at->l->tr->pr, at->l->ctx, ref, fn, of);
	if (ref->of == CDP_REF_PARENT)
		at = at->parent;
	return at != NULL &&
	    cdp_each(&at->l->tape, member(at->l, at->own, ref->col),
		in_col(ref->many), fn, of);
}

static bool
compares(const struct at *at, const struct cdp_ops *op, enum cdp_op_kind kind,
    const struct cdp_tape *t, uint32_t val)
{
	const struct cdp_refs refs = { look_at, (void *)at };
	struct cdp_ops alone = *op;

	alone.kind = kind;
	alone.next = NULL;
	return cdp_ops_test_refs(&alone, t, val, at->l->ctx->now_ms, &refs);
}

/* How many there are, of which there may be more. */
static enum sure
count_sure(const struct at *at, const struct cdp_ops *op,
    const struct cdp_tape *t, uint32_t val)
{
	bool over, upto, yes = compares(at, op, op->kind, t, val);

	if (op->kind > CDP_OP_LTE)
		return UNSURE;
	over = compares(at, op, CDP_OP_GT, t, val);
	upto = compares(at, op, CDP_OP_LTE, t, val);
	if (op->kind == CDP_OP_GTE)
		over = yes;
	if (op->kind == CDP_OP_LT)
		over = upto && !yes;
	/* It stays so, or is no number that this could be compared with. */
	return over || !(over || upto) ? (yes ? YES : NO) : UNSURE;
}

/* What the measure of a part says; open: there may be more of it. */
static enum sure
verdict(const struct at *at, const struct cdp_trail_part *p,
    struct cdp_measure *y, bool open)
{
	bool many = p->measure.def.kind == CDP_TRAIT_COUNT ||
	    p->measure.def.kind == CDP_TRAIT_UNIQUE_COUNT;
	struct cdp_buf b = { 0 };
	struct cdp_tape t = { 0 };
	enum sure all = YES, one;
	uint32_t val = CDP_NOTOK;

	cdp_measure_show(&b, y, &p->measure);
	if (b.n != 0 && cdp_tape_parse(&t, cdp_buf_str(&b), NULL) == 0)
		val = 0;
	for (const struct cdp_ops *op = p->ops; op != NULL && all != NO;
	     op = op->next) {
		if (many && open)
			one = count_sure(at, op, &t, val);
		else if (compares(at, op, op->kind, &t, val))
			one = open && b.n == 0 ? UNSURE : YES;
		else
			one = open ? UNSURE : NO;
		if (one != YES)
			all = one;
	}
	cdp_tape_free(&t);
	cdp_buf_free(&b);
	return all;
}

static enum sure where(const struct at *at, const struct cdp_pred *p);

static enum sure
is_part(const struct at *at, const struct cdp_trail_part *p)
{
	size_t bit = (size_t)(p - at->l->tr->part);

	if ((at->l->bits[at->own] >> bit & 1) == 0)
		return NO;
	return p->open == NULL ? YES : where(at, p->open);
}

/* What the i-th event adds to the measure of p, which is about nothing else. */
static void
put(struct look *l, struct cdp_measure *y, const struct cdp_trail_part *p,
    const struct cdp_measure_def *d, size_t i)
{
	const struct cdp_datum like = { .at.ms = l->ms[i], .weight = 1 }, *in;
	uint32_t at = CDP_NOTOK;
	size_t n;

	if (d->def.kind != CDP_TRAIT_COUNT)
		at = member(l, i, p->col);
	in = cdp_measure_data(
	    d, &l->tape, at, in_col(d->many || d->whole), &like, &l->mem, &n);
	for (size_t k = 0; k < n; k++)
		cdp_measure_put(y, d, &in[k]);
}

/* What came behind the event. */
static enum sure
then(const struct at *at, const struct cdp_trail_part *p)
{
	struct look *l = at->l;
	int64_t end = p->within_ms == 0
	    ? INT64_MAX
	    : cdp_ops_plus(l->ms[at->own], p->within_ms);
	bool open = p->within_ms != 0 && l->ctx->now_ms < end;
	struct cdp_measure y = { 0 };
	enum sure ret = UNSURE, is;

	for (size_t k = at->own + 1; k < l->n && l->ms[k] < end; k++) {
		if (l->ms[k] < cdp_ops_plus(l->ms[at->own], p->from_ms))
			continue;
		is = is_part(&(struct at){ l, k, at }, p);
		if (is == YES)
			put(l, &y, p, &p->measure, k);
		if (is == YES && open &&
		    p->measure.def.kind == CDP_TRAIT_COUNT &&
		    (ret = verdict(at, p, &y, true)) != UNSURE)
			break;
		open |= is == UNSURE;
	}
	if (ret == UNSURE)
		ret = verdict(at, p, &y, open);
	cdp_measure_free(&y, &p->measure);
	return ret;
}

static enum sure
kids(const struct at *at, const struct cdp_pred *p)
{
	enum sure ret = p->any ? NO : YES, one;

	if (p->contrary) {
		one = where(at, p->kid[0]);
		return one == UNSURE ? UNSURE : one == YES ? NO : YES;
	}
	for (size_t i = 0; i < p->nkid; i++) {
		one = where(at, p->kid[i]);
		if (one == (p->any ? YES : NO))
			return one;
		if (one == UNSURE)
			ret = UNSURE;
	}
	return ret;
}

static bool
ops_hold(const struct at *at, const struct cdp_pred *p)
{
	const struct cdp_refs refs = { look_at, (void *)at };
	const struct cdp_tape *t = &at->l->tape;
	struct cdp_path path = p->path;
	int64_t now = at->l->ms[at->own];
	uint32_t val;

	if (p->trait) {
		val = cdp_cond_traits(at->l->tr->pr, at->l->ctx, &path, &t);
		now = at->l->ctx->now_ms;
	} else {
		path = *in_col(p->many);
		val = member(at->l, at->own, p->col);
	}
	if (p->many)
		return cdp_each_test(p->ops, t, val, &path, now, &refs);
	return cdp_ops_test_refs(p->ops, t,
	    t == NULL ? CDP_NOTOK : cdp_tape_path(t, val, &path), now, &refs);
}

static enum sure
where(const struct at *at, const struct cdp_pred *p)
{
	enum sure ret = YES, one;

	for (; p != NULL; p = p->next) {
		if (p->then != NULL)
			one = then(at, p->then);
		else if (p->audience.n != 0)
			one = cdp_cond_is_in(at->l->ctx, p->audience) != p->out
			    ? YES
			    : NO;
		else if (p->ops != NULL)
			one = ops_hold(at, p) ? YES : NO;
		else
			one = kids(at, p);
		if (one == NO)
			return NO;
		if (one == UNSURE)
			ret = UNSURE;
	}
	return ret;
}

/* ---- the answer ---- */

void
cdp_trail_value(struct cdp_buf *b, const struct cdp_points *kept,
    const struct cdp_measure_def *d, const struct cdp_ctx *ctx)
{
	struct cdp_measure_def plain = *d;
	const struct cdp_trail_part *root = d->trail->part;
	struct cdp_measure y = { 0 };
	struct look l;

	plain.trail = NULL;
	look_init(&l, kept, d, ctx);
	for (size_t i = 0; i < l.n; i++)
		if (is_part(&(struct at){ &l, i, NULL }, root) == YES)
			put(&l, &y, root, &plain, i);
	cdp_measure_expire(&y, &plain, ctx->now_ms);
	cdp_measure_show(b, &y, &plain);
	cdp_measure_free(&y, &plain);
	look_free(&l);
}

static void
sooner(int64_t *next, int64_t ms, int64_t length, int64_t now_ms)
{
	ms = cdp_ops_plus(ms, length);
	if (length != 0 && ms > now_ms && ms < *next)
		*next = ms;
}

struct timed {
	const struct cdp_project *pr;
	const struct cdp_ctx *ctx;
	int64_t next;
};

static void
trait_next(void *arg, const struct cdp_pred *p)
{
	const struct cdp_tape *t;
	struct timed *tm = arg;
	struct cdp_path path = p->path;
	uint32_t at;
	int64_t ms;

	if (!p->trait || p->audience.n != 0)
		return;
	at = cdp_cond_traits(tm->pr, tm->ctx, &path, &t);
	ms = t == NULL ? INT64_MAX
		       : cdp_each_next(p->ops, t, at, &path, tm->ctx->now_ms);
	if (ms < tm->next)
		tm->next = ms;
}

/* Of what came behind an event: whether it is asked how long ago it is. */
static bool
is_timed(const struct cdp_trail_part *p)
{
	return p->measure.def.kind != CDP_TRAIT_COUNT && cdp_ops_timed(p->ops);
}

/*
 * What came behind an event may add up to an instant, that of any of them, and
 * be as long ago as is asked.
 */
static void
value_next(const struct cdp_points *kept, const struct cdp_measure_def *d,
    struct timed *tm)
{
	size_t k = 1, n = d->trail->npart;
	struct look l;

	while (k < n && !is_timed(&d->trail->part[k]))
		k++;
	if (k == n)
		return;
	look_init(&l, kept, d, tm->ctx);
	for (; k < n; k++) {
		const struct cdp_trail_part *p = &d->trail->part[k];
		bool many = p->measure.many || p->measure.whole;

		if (!is_timed(p))
			continue;
		for (size_t i = 0; i < l.n; i++) {
			int64_t ms = cdp_each_next(p->ops, &l.tape,
			    member(&l, i, p->col), in_col(many),
			    tm->ctx->now_ms);

			if (ms < tm->next)
				tm->next = ms;
		}
	}
	look_free(&l);
}

/* Whenever a window of an event ends or begins, of itself or behind it. */
int64_t
cdp_trail_next(const struct cdp_points *kept, const struct cdp_measure_def *d,
    const struct cdp_ctx *ctx)
{
	struct timed tm = { d->trail->pr, ctx, INT64_MAX };
	int64_t now = ctx->now_ms;

	for (size_t i = 0; i < kept->n; i++) {
		int64_t ms = cdp_points_at(kept, i)->ms;

		sooner(&tm.next, ms, d->from_ms, now);
		sooner(&tm.next, ms, d->def.session_ms, now);
		if (d->def.within_ms != 0)
			sooner(
			    &tm.next, ms, d->from_ms + d->def.within_ms, now);
		for (size_t k = 1; k < d->trail->npart; k++)
			sooner(&tm.next, ms, d->trail->part[k].within_ms, now);
	}
	for (size_t k = 0; k < d->trail->npart; k++)
		cdp_pred_each(d->trail->part[k].open, trait_next, &tm);
	value_next(kept, d, &tm);
	return tm.next;
}
