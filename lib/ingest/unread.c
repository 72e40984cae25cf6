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
		    cdp_str_same(
			t->p + k->off + k->len - name_len, name, name_len))
			return false;
	return true;
}

/*
 * What is added to an event goes behind its last byte but one: it begins with
 * its first member, ends with the last, and has no "cdp".
 */
static bool
is_whole(const struct cdp_line *ln, const struct cdp_envelope *env)
{
	struct cdp_str raw = ln->raw;

	return cdp_type_is_event(ln->type) &&
	    env->at[CDP_ENV_CDP] == CDP_NOTOK && raw.p[0] == '{' &&
	    raw.p[1] == '"' && raw.p[raw.n - 1] == '}' &&
	    (unsigned char)raw.p[raw.n - 2] > ' ';
}

/* What a look would find is what reading found. */
static bool
is_plain(const struct cdp_line *ln, const struct cdp_envelope *env)
{
	uint32_t id = env->at[CDP_ENV_MESSAGE_ID];
	uint32_t ts = env->at[CDP_ENV_TIMESTAMP];

	return is_whole(ln, env) && ln->item == 0 &&
	    cdp_tape_isa(ln->tape, id, CDP_STRING) &&
	    is_found(ln->tape, id, strlen("messageId")) &&
	    cdp_tape_isa(ln->tape, ts, CDP_STRING) &&
	    is_found(ln->tape, ts, strlen("timestamp")) &&
	    ln->message_id.n != 0 && ln->ts_ms != CDP_TIME_NONE;
}

/* Whether the line that was read is changed as each is. */
static bool
is_usual(const struct cdp_ingest *ig)
{
	struct cdp_str usual = cdp_buf_str(&ig->usual);

	/* What is still to be closed. */
	usual.n -= usual.n != 0;
	return usual.n == 0 ? ig->edit.n == 1
			    : cdp_str_eq(cdp_buf_str(&ig->edit), usual);
}

/* A hash of marks, and one more. */
static uint64_t
add_mark(uint64_t marks, uint64_t mark)
{
	marks = (marks ^ mark) * 0x9e3779b97f4a7c15;
	return marks ^ marks >> 29;
}

void
cdp_ingest_seen(struct cdp_ingest *ig, const struct cdp_line *ln,
    const struct cdp_envelope *env, struct cdp_waiting *w, bool judged)
{
	struct cdp_stretches *kn = &ig->known;

	w->whole =
	    ig->edit.n == 1 && ln->ts_ms != CDP_TIME_NONE && is_whole(ln, env);
	if (kn->until == 0 || kn->ngood != kn->nline)
		return;
	cdp_stretch_line(kn, !judged && is_usual(ig) && is_plain(ln, env));
	kn->more = add_mark(kn->more, w->mark);
}

/* Where the first name of a message id ends, by its one rare letter. */
static const char *
behind_id(struct cdp_str raw)
{
	const char *p = raw.p, *end = raw.p + raw.n;

	for (; (p = memchr(p, 'I', (size_t)(end - p))) != NULL; p++)
		if (p - raw.p >= 8 && end - p >= 4 &&
		    memcmp(p - 8, "\"message", 8) == 0 &&
		    memcmp(p, "Id\":", 4) == 0)
			return p + 4;
	return NULL;
}

static const char *
behind_time(struct cdp_str raw)
{
	const char *p = memmem(raw.p, raw.n, "\"timestamp\":", 12);

	return p != NULL ? p + 12 : NULL;
}

/* The string that stands at p, as it is written. */
static bool
string_at(struct cdp_str raw, const char *p, struct cdp_str *ret)
{
	const char *end = raw.p + raw.n, *quote;

	if (p == NULL)
		return false;
	p += p < end && *p == ' ';
	if (p == end || *p != '"')
		return false;
	p++;
	quote = memchr(p, '"', (size_t)(end - p));
	if (quote == NULL)
		return false;
	*ret = (struct cdp_str){ p, (size_t)(quote - p) };
	return true;
}

/*
 * What a look at a line takes for its message id and its time: the first
 * strings behind those names.  A function of its bytes, and not always right.
 * False: there are none, or it goes on behind its end.
 */
static bool
look_at(struct cdp_waiting *w)
{
	struct cdp_str ts;

	return w->raw.n != 0 && w->raw.p[w->raw.n - 1] == '}' &&
	    string_at(w->raw, behind_id(w->raw), &w->id) &&
	    string_at(w->raw, behind_time(w->raw), &ts) &&
	    cdp_time_parse(ts, &w->ts_ms) == 0;
}

/* What a look finds in a stretch, and what the log has under those ids. */
static int
look(struct cdp_ingest *ig, struct cdp_stage *sg, const char *p,
    uint64_t lineno, uint64_t marks, struct cdp_err *err)
{
	const struct cdp_stretch *st = &ig->known.now;
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
			.plain = true,
			.edit = cdp_buf_str(&ig->usual) };
		if (!look_at(w) || w->ts_ms - ahead_ms > greatest)
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
		have = add_mark(have, w->mark);
	}
	return have == marks ? 0 : CDP_END;
}

static int
take(struct cdp_ingest *ig, struct cdp_stage *sg, struct cdp_peek *ret,
    struct cdp_err *err)
{
	const struct cdp_stretch *st = &ig->known.now;
	size_t i;
	int rc = 0;

	ret->bytes = st->end[st->n - 1] + 1;
	ret->lines = st->n;
	ig->nunread += st->n;
	for (i = 0; rc == 0 && i < st->n; i++)
		rc = cdp_ingest_wait(
		    ig, sg, &ig->unread[i], ig->unread[i].ts_ms, err);
	return rc;
}

int
cdp_ingest_peek(void *self, struct cdp_stage *sg, struct cdp_str lines,
    uint64_t lineno, bool last, struct cdp_peek *ret, struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	uint64_t marks;
	int rc = CDP_END;

	/* The first line of all opens the log, and begins the run. */
	ret->until = ig->hold.begun ? UINT64_MAX : lineno;
	if (!ig->known.open ||
	    !cdp_stretch_cut(&ig->known, lines, lineno, last, ret))
		return 0;
	if (cdp_stretch_known(&ig->known, &marks))
		rc = look(ig, sg, lines.p, lineno, marks, err);
	if (rc == 0)
		return take(ig, sg, ret, err);
	if (rc == CDP_END)
		cdp_stretch_read(&ig->known, ret);
	return rc == CDP_END ? 0 : rc;
}
