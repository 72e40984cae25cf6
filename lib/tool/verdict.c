#include "lib/tool/trial.h"

#include "lib/base/utf8.h"
#include "lib/json/write.h"

#define SAY(s) (int)(s).n, (s).n != 0 ? (s).p : ""

struct cdp_str
cdp_trial_offset(struct cdp_trial *tr, const struct cdp_test *t, int64_t at_ms)
{
	char text[24];

	if (at_ms == t->start_ms)
		return CDP_STR("0m");
	cdp_time_duration_format(at_ms - t->start_ms, text);
	return cdp_arena_dup(&tr->mem, cdp_str_of(text));
}

/* ---- who ---- */

/* The newest that is known of that profile when i happened, or NULL. */
static const struct cdp_happened *
known(const struct cdp_trial *tr, struct cdp_str id, size_t i)
{
	const struct cdp_happened *ret = NULL;

	for (size_t k = 0; k < tr->n; k++)
		if (tr->v[k].kind == CDP_WANT_PROFILE &&
		    cdp_str_eq(tr->v[k].id, id) && (k <= i || ret == NULL))
			ret = &tr->v[k];
	return ret;
}

static bool
is_user(struct cdp_trial *tr, size_t i, struct cdp_str user)
{
	const struct cdp_happened *h = known(tr, tr->v[i].id, i);
	struct cdp_tape t = { 0 };
	uint32_t it = 0, key, val, at;
	bool is = user.n == 0;

	if (is || h == NULL || cdp_tape_parse(&t, h->json, NULL) != 0)
		return is;
	at = cdp_tape_get(&t, 0, CDP_STR("identifiers"));
	at = cdp_tape_get(&t, at, CDP_STR("user_id"));
	while (!is && cdp_tape_next(&t, at, &it, &key, &val))
		is = cdp_tape_streq(&t, val, user);
	cdp_tape_free(&t);
	return is;
}

/* ---- does it fit ---- */

static bool
fits_where(const struct cdp_happened *h, const struct cdp_pred *where)
{
	struct cdp_tape t = { 0 };
	bool is;

	if (where == NULL)
		return true;
	is = h->json.n != 0 && cdp_tape_parse(&t, h->json, NULL) == 0 &&
	    cdp_pred_test(where, &t, 0, h->at_ms);
	cdp_tape_free(&t);
	return is;
}

static bool
same(struct cdp_str want, struct cdp_str is)
{
	return want.n == 0 || cdp_str_eq(want, is);
}

/* All but its time and its where. */
static bool
fits(struct cdp_trial *tr, size_t i, const struct cdp_want *w)
{
	const struct cdp_happened *h = &tr->v[i];

	return h->kind == w->kind && same(w->name, h->name) &&
	    same(w->journey, h->journey) && same(w->step, h->step) &&
	    same(w->action, h->action) && same(w->reason, h->reason) &&
	    h->exited == w->exited && is_user(tr, i, w->user);
}

static bool
in_time(const struct cdp_test *t, const struct cdp_happened *h,
    const struct cdp_want *w)
{
	return !w->timed || h->at_ms == t->start_ms + w->at_ms;
}

/* What is known of a profile holds until something newer is. */
static const struct cdp_happened *
profile_then(
    struct cdp_trial *tr, const struct cdp_test *t, const struct cdp_want *w)
{
	const struct cdp_happened *ret = NULL;

	for (size_t i = 0; i < tr->n; i++)
		if (fits(tr, i, w) &&
		    (!w->timed || tr->v[i].at_ms <= t->start_ms + w->at_ms))
			ret = &tr->v[i];
	return ret;
}

/* ---- saying it ---- */

struct values {
	struct cdp_buf *b;
	struct cdp_tape t;
};

static void
put_value(void *arg, const struct cdp_path *path, const struct cdp_ops *ops,
    const struct cdp_node *at)
{
	struct values *v = arg;
	uint32_t val = cdp_tape_path(&v->t, 0, path);

	(void)ops;
	(void)at;
	cdp_buf_printf(
	    v->b, "%s%.*s is ", v->b->n != 0 ? ", " : "", SAY(path->text));
	if (val == CDP_NOTOK)
		cdp_buf_puts(v->b, "not there");
	else
		cdp_buf_put(v->b, cdp_tape_raw(&v->t, val));
}

static struct cdp_str
values(struct cdp_trial *tr, const struct cdp_happened *h,
    const struct cdp_pred *where)
{
	struct cdp_buf b = { 0 };
	struct values v = { .b = &b };
	struct cdp_str ret;

	if (h->json.n != 0 && cdp_tape_parse(&v.t, h->json, NULL) == 0)
		cdp_pred_paths(where, put_value, &v);
	ret = cdp_arena_dup(&tr->mem, cdp_buf_str(&b));
	cdp_tape_free(&v.t);
	cdp_buf_free(&b);
	return ret;
}

static struct cdp_str
what(struct cdp_trial *tr, enum cdp_want_kind kind, struct cdp_str name,
    struct cdp_str action, bool exited)
{
	static const char *const form[] = {
		[CDP_WANT_SEND] = "send %.*s%s%.*s",
		[CDP_WANT_HELD] = "",
		[CDP_WANT_ENTER] = "enter %.*s%s%.*s",
		[CDP_WANT_END] = "end %.*s%s%.*s",
		[CDP_WANT_AUDIENCE] = "enter audience %.*s%s%.*s",
		[CDP_WANT_PROFILE] = "profile%.*s%s%.*s",
	};
	struct cdp_buf b = { 0 };
	struct cdp_str ret;

	if (kind == CDP_WANT_HELD)
		cdp_buf_printf(&b, "held %.*s", SAY(name));
	else if (kind == CDP_WANT_AUDIENCE && exited)
		cdp_buf_printf(&b, "leave audience %.*s", SAY(name));
	else if (kind == CDP_WANT_SEND && cdp_str_is(action, "send"))
		cdp_buf_printf(&b, "send %.*s", SAY(name));
	else
		cdp_buf_printf(&b, form[kind], SAY(name),
		    action.n != 0 ? " " : "", SAY(action));
	ret = cdp_arena_dup(&tr->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return ret;
}

/* What comes nearest to what did not happen. */
static struct cdp_str
instead(
    struct cdp_trial *tr, const struct cdp_test *t, const struct cdp_want *w)
{
	struct cdp_happened *h, *near = NULL, *any = NULL;
	struct cdp_want held = *w;

	held.kind = CDP_WANT_HELD;
	for (size_t i = 0; i < tr->n && w->kind == CDP_WANT_SEND; i++)
		if (fits(tr, i, &held) && in_time(t, &tr->v[i], w))
			return cdp_arena_printf(
			    &tr->mem, "it is held: %.*s", SAY(tr->v[i].why));
	for (size_t i = 0; i < tr->n; i++) {
		h = &tr->v[i];
		if (h->kind == w->kind && any == NULL)
			any = h;
		if (!fits(tr, i, w) || h->expected)
			continue;
		if (near == NULL || (in_time(t, h, w) && !in_time(t, near, w)))
			near = h;
	}
	if (near != NULL)
		near->expected = true; /* one failure is enough for it */
	if (near != NULL && in_time(t, near, w) && w->where != NULL)
		return cdp_arena_printf(&tr->mem, "it does, but %.*s",
		    SAY(values(tr, near, w->where)));
	if (near != NULL)
		return cdp_arena_printf(&tr->mem, "it happens at %.*s%s%.*s",
		    SAY(cdp_trial_offset(tr, t, near->at_ms)),
		    near->why.n != 0 ? ": " : "", SAY(near->why));
	if (any != NULL)
		return cdp_arena_printf(&tr->mem,
		    "it never happens; at %.*s: %.*s%s%.*s",
		    SAY(cdp_trial_offset(tr, t, any->at_ms)),
		    SAY(what(
			tr, any->kind, any->name, any->action, any->exited)),
		    any->why.n != 0 ? ": " : "", SAY(any->why));
	return CDP_STR("nothing of the kind happens");
}

static struct cdp_str
missing(
    struct cdp_trial *tr, const struct cdp_test *t, const struct cdp_want *w)
{
	struct cdp_str head = what(tr, w->kind, w->name, w->action, w->exited);
	const struct cdp_happened *h;
	struct cdp_str tail;

	if (w->kind == CDP_WANT_PROFILE) {
		h = profile_then(tr, t, w);
		tail = h != NULL ? values(tr, h, w->where)
				 : CDP_STR("nobody is known");
	} else {
		tail = instead(tr, t, w);
	}
	if (w->user.n != 0)
		head = cdp_arena_printf(
		    &tr->mem, "%.*s of %.*s", SAY(head), SAY(w->user));
	return cdp_arena_printf(&tr->mem, "expected%s%.*s: %.*s; %.*s",
	    w->timed ? " at " : "",
	    SAY(w->timed ? cdp_trial_offset(tr, t, t->start_ms + w->at_ms)
			 : CDP_STR("")),
	    SAY(head), SAY(tail));
}

/* ---- the verdict ---- */

static bool
met(struct cdp_trial *tr, const struct cdp_test *t, const struct cdp_want *w)
{
	const struct cdp_happened *now;
	struct cdp_happened *h;

	if (w->kind == CDP_WANT_PROFILE) {
		now = profile_then(tr, t, w);
		return now != NULL && fits_where(now, w->where);
	}
	for (size_t i = 0; i < tr->n; i++) {
		h = &tr->v[i];
		if (h->expected || !fits(tr, i, w) || !in_time(t, h, w) ||
		    !fits_where(h, w->where))
			continue;
		h->expected = true;
		return true;
	}
	return false;
}

void
cdp_trial_judge(struct cdp_trial *tr, const struct cdp_test *t,
    void (*tell)(void *arg, const struct cdp_node *at, struct cdp_str text),
    void *arg)
{
	const struct cdp_happened *h;
	bool *is = cdp_arena_calloc(&tr->mem, t->nwant + 1, sizeof(*is));
	size_t i;

	for (i = 0; i < t->nwant; i++)
		is[i] = met(tr, t, &t->want[i]);
	for (i = 0; i < t->nwant; i++)
		if (!is[i])
			tell(arg, t->want[i].node, missing(tr, t, &t->want[i]));
	for (i = 0; i < tr->n; i++) {
		h = &tr->v[i];
		if (h->kind == CDP_WANT_SEND && !h->expected)
			tell(arg, t->node,
			    cdp_arena_printf(&tr->mem,
				"at %.*s nothing expects: %.*s (%.*s)",
				SAY(cdp_trial_offset(tr, t, h->at_ms)),
				SAY(what(
				    tr, h->kind, h->name, h->action, false)),
				SAY(h->why)));
	}
	if (tr->fault.n != 0)
		tell(arg, t->node, tr->fault);
}

void
cdp_trial_story(
    struct cdp_trial *tr, const struct cdp_test *t, struct cdp_buf *b)
{
	const struct cdp_happened *h;

	for (size_t i = 0; i < tr->n; i++) {
		h = &tr->v[i];
		if (h->kind == CDP_WANT_PROFILE)
			continue;
		cdp_buf_printf(b, "%6.*s  %.*s",
		    SAY(cdp_trial_offset(tr, t, h->at_ms)),
		    SAY(cdp_utf8_printable(
			what(tr, h->kind, h->name, h->action, h->exited),
			&tr->mem)));
		if (h->why.n != 0)
			cdp_buf_printf(b, "  (%.*s)",
			    SAY(cdp_utf8_printable(h->why, &tr->mem)));
		cdp_buf_putc(b, '\n');
	}
}
