#include "lib/ingest/same.h"
#include "lib/ingest/state.h"

/*
 * Whether a look for that name finds the value at: nothing before it ends in
 * the name, and a quote, and so can be followed by a colon.
 */
static bool
is_found(const struct cdp_tape *t, uint32_t at, size_t name_len)
{
	const struct cdp_tok *key = &t->tok[at - 1], *val = &t->tok[at], *k;
	const char *name = t->p + key->off, *p = name + name_len;

	if (key->len != name_len || val->escaped || p[1] != ':' ||
	    val->off - key->off - name_len != (p[2] == ' ' ? 4 : 3))
		return false;
	for (k = t->tok + 1; k < key; k++)
		if (k->kind == CDP_STRING && k->len >= name_len &&
		    memcmp(t->p + k->off + k->len - name_len, name, name_len) ==
			0)
			return false;
	return true;
}

/*
 * What a look would find is what reading found; and what the stage adds goes
 * behind the last byte but one.
 */
static bool
is_plain(const struct cdp_line *ln, const struct cdp_envelope *env)
{
	uint32_t id = env->at[CDP_ENV_MESSAGE_ID];
	uint32_t ts = env->at[CDP_ENV_TIMESTAMP];
	struct cdp_str raw = ln->raw;

	return cdp_type_is_event(ln->type) && ln->item == 0 &&
	    env->at[CDP_ENV_CDP] == CDP_NOTOK && raw.p[0] == '{' &&
	    raw.p[1] == '"' && raw.p[raw.n - 1] == '}' &&
	    (unsigned char)raw.p[raw.n - 2] > ' ' &&
	    cdp_tape_isa(ln->tape, id, CDP_STRING) &&
	    is_found(ln->tape, id, strlen("messageId")) &&
	    cdp_tape_isa(ln->tape, ts, CDP_STRING) &&
	    is_found(ln->tape, ts, strlen("timestamp")) &&
	    ln->message_id.n != 0 && ln->ts_ms != CDP_TIME_NONE;
}

void
cdp_ingest_seen(struct cdp_ingest *ig, const struct cdp_line *ln,
    const struct cdp_envelope *env, const struct cdp_waiting *w, bool judged)
{
	struct cdp_stretches *kn = &ig->known;

	if (kn->until == 0 || kn->ngood != kn->nline++)
		return;
	kn->ngood += !judged && ig->edit.n == 1 && is_plain(ln, env);
	kn->marks = cdp_stretch_mark(kn->marks, w->mark);
}

/* What a look finds in a stretch, and what the log has under those ids. */
static int
look(struct cdp_ingest *ig, struct cdp_stage *sg, const char *p,
    uint64_t lineno, uint64_t marks, struct cdp_err *err)
{
	const struct cdp_stretch *st = &ig->stretch;
	int64_t ahead_ms = ig->opt.ahead_ms, greatest = ig->greatest;
	struct cdp_waiting *w;
	uint64_t have = 0;
	size_t i, at = 0;
	int rc;

	for (i = 0; i < st->n; at = st->end[i++] + 1) {
		w = &ig->unread[i];
		*w = (struct cdp_waiting){ .lineno = lineno + i,
			.raw = { p + at, st->end[i] - at },
			.type = CDP_TRACK,
			.plain = true };
		if (!cdp_stretch_look(w->raw, &w->id, &w->ts_ms) ||
		    w->ts_ms - ahead_ms > greatest)
			return CDP_END;
		if (w->ts_ms > greatest)
			greatest = w->ts_ms;
		cdp_same_key(&ig->key, ig->opt.source, w, 0);
		rc = cdp_stage_key(sg, cdp_buf_str(&ig->key), &w->key, err);
		if (rc != 0)
			return rc;
	}
	for (i = 0; i < st->n; i++) {
		w = &ig->unread[i];
		if (!cdp_stage_mark(sg, w->key, &w->mark))
			return CDP_END;
		have = cdp_stretch_mark(have, w->mark);
	}
	return have == marks ? 0 : CDP_END;
}

/* Where lines are taken one by one: does a stretch end with this one? */
static void
drift(struct cdp_stretches *kn, struct cdp_str lines, uint64_t lineno)
{
	const char *nl = memchr(lines.p, '\n', lines.n);

	lines.n = (size_t)(nl - lines.p);
	kn->start = lineno + cdp_stretch_ends(lines);
}

static int
take(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_str lines,
    struct cdp_peek *ret, struct cdp_err *err)
{
	const struct cdp_stretch *st = &ig->stretch;
	size_t i;
	int rc = 0;

	ret->bytes = lines.n;
	ret->lines = st->n;
	ig->nunread += st->n;
	for (i = 0; rc == 0 && i < st->n; i++)
		rc = cdp_ingest_wait(
		    ig, sg, &ig->unread[i], ig->unread[i].ts_ms, err);
	return rc;
}

static int
begin(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_str lines,
    struct cdp_peek *ret, struct cdp_err *err)
{
	struct cdp_stretches *kn = &ig->known;
	const struct cdp_stretch *st = &ig->stretch;
	uint64_t lineno = kn->start, marks;
	int rc = CDP_END;

	lines.n = st->end[st->n - 1] + 1;
	kn->start += st->n;
	if (cdp_stretch_has(kn, lines, &kn->h, &marks))
		rc = look(ig, sg, lines.p, lineno, marks, err);
	if (rc != CDP_END)
		return rc != 0 ? rc : take(ig, sg, lines, ret, err);
	ret->until = kn->until = kn->start - 1;
	ret->end = st->end;
	ret->nend = st->n;
	kn->lines = st->n;
	kn->nline = kn->ngood = 0;
	kn->marks = 0;
	return 0;
}

int
cdp_ingest_peek(void *self, struct cdp_stage *sg, struct cdp_str lines,
    uint64_t lineno, bool last, struct cdp_peek *ret, struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	struct cdp_stretches *kn = &ig->known;

	cdp_stretch_end(kn);
	/* The first line of all opens the log, and begins the run. */
	ret->until = lineno;
	if (!kn->open) {
		ret->until = ig->hold.begun ? UINT64_MAX : lineno;
		return 0;
	}
	/* The first line of a file is there when there is a file. */
	if (lineno <= 2)
		kn->start = lineno;
	ret->more = lines.n == 0;
	if (lines.n == 0)
		return 0;
	if (kn->start != lineno) {
		drift(kn, lines, lineno + 1);
		return 0;
	}
	if (cdp_stretch_cut(lines, last, &ig->stretch))
		return begin(ig, sg, lines, ret, err);
	ret->more = true;
	drift(kn, lines, lineno);
	return 0;
}
