#include "lib/rule/suppress.h"

#include "lib/base/mem.h"
#include "lib/base/time.h"
#include "lib/json/write.h"

#define COUNT_KEY CDP_STR("s:n")
#define KEY_SIZE 67 /* "s:" and 64 digits */

static const struct cdp_suppressed nothing = { CDP_TIME_NONE, CDP_TIME_NONE,
	CDP_TIME_NONE };

int
cdp_suppress_open(
    struct cdp_suppress *s, struct cdp_log *log, struct cdp_err *err)
{
	int rc;

	s->log = log;
	if (log == NULL)
		return 0;
	cdp_buf_reset(&s->text);
	rc = cdp_log_get(log, COUNT_KEY, &s->text, err);
	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	if (cdp_tape_parse(&s->tape, cdp_buf_str(&s->text), err) != 0 ||
	    !cdp_tape_i64(&s->tape, 0, &s->n))
		return cdp_fail(err, CDP_ECORRUPT,
		    "the count of suppressed identifiers is no number");
	return 0;
}

void
cdp_suppress_free(struct cdp_suppress *s)
{
	cdp_map_free(&s->by_key);
	cdp_buf_free(&s->text);
	cdp_tape_free(&s->tape);
	cdp_arena_free(&s->mem);
}

static struct cdp_str
make_key(struct cdp_suppress *s, struct cdp_str type, struct cdp_str value,
    char ret[KEY_SIZE])
{
	struct cdp_buf *b = &s->text;

	cdp_buf_reset(b);
	cdp_buf_put(b, type);
	cdp_buf_putc(b, ':');
	cdp_buf_put(b, value);
	memcpy(ret, "s:", 2);
	cdp_log_hmac(s->log, cdp_buf_str(b), ret + 2);
	return (struct cdp_str){ ret, KEY_SIZE - 1 };
}

static int
get(struct cdp_suppress *s, struct cdp_str key, struct cdp_suppressed *ret,
    struct cdp_err *err)
{
	const struct cdp_suppressed *known;
	const struct cdp_tape *t = &s->tape;
	int rc;

	*ret = nothing;
	if (s->log == NULL) {
		known = cdp_map_get(&s->by_key, key);
		if (known == NULL)
			return CDP_END;
		*ret = *known;
		return 0;
	}
	cdp_buf_reset(&s->text);
	if ((rc = cdp_log_get(s->log, key, &s->text, err)) != 0)
		return rc;
	if (cdp_tape_parse(&s->tape, cdp_buf_str(&s->text), err) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "what is kept of a suppressed identifier is not JSON");
	cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("since")), &ret->since_ms);
	cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("until")), &ret->until_ms);
	cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("erased")), &ret->erased_ms);
	return 0;
}

int
cdp_suppress_get(struct cdp_suppress *s, struct cdp_str type,
    struct cdp_str value, struct cdp_suppressed *ret, struct cdp_err *err)
{
	char key[KEY_SIZE];

	if (s->n == 0) {
		*ret = nothing;
		return CDP_END;
	}
	return get(s, make_key(s, type, value, key), ret, err);
}

static bool
says_nothing(const struct cdp_suppressed *v)
{
	return v->since_ms == CDP_TIME_NONE && v->until_ms == CDP_TIME_NONE;
}

static void
put(struct cdp_suppress *s, struct cdp_str type, struct cdp_str key,
    const struct cdp_suppressed *v)
{
	struct cdp_buf *b = &s->text;

	cdp_buf_reset(b);
	if (!says_nothing(v)) {
		cdp_buf_putc(b, '{');
		cdp_json_kstr(b, "type", type);
		if (v->since_ms != CDP_TIME_NONE)
			cdp_json_ki64(b, "since", v->since_ms);
		if (v->until_ms != CDP_TIME_NONE)
			cdp_json_ki64(b, "until", v->until_ms);
		if (v->erased_ms != CDP_TIME_NONE)
			cdp_json_ki64(b, "erased", v->erased_ms);
		cdp_buf_putc(b, '}');
	}
	cdp_log_put(s->log, key, cdp_buf_str(b), INT64_MAX);
	cdp_buf_reset(b);
	cdp_buf_i64(b, s->n);
	cdp_log_put(s->log, COUNT_KEY, cdp_buf_str(b), INT64_MAX);
}

int
cdp_suppress_set(struct cdp_suppress *s, struct cdp_str type,
    struct cdp_str value, const struct cdp_suppressed *v, struct cdp_err *err)
{
	struct cdp_suppressed was, *own;
	char text[KEY_SIZE];
	struct cdp_str key = make_key(s, type, value, text);
	int rc = get(s, key, &was, err);

	if (rc < 0)
		return rc;
	s->n += !says_nothing(v) - !says_nothing(&was);
	if (s->log != NULL) {
		put(s, type, key, v);
		return 0;
	}
	own = cdp_map_get(&s->by_key, key);
	if (own == NULL) {
		own = cdp_arena_alloc(&s->mem, sizeof(*own));
		*cdp_map_at(&s->by_key, cdp_arena_dup(&s->mem, key)) = own;
	}
	*own = *v;
	return 0;
}

int
cdp_suppress_erase(struct cdp_suppress *s, struct cdp_str key,
    struct cdp_str type, int64_t until_ms, struct cdp_err *err)
{
	struct cdp_suppressed now;
	int rc = get(s, key, &now, err);

	if (rc < 0)
		return rc;
	s->n += rc == CDP_END;
	if (now.until_ms < until_ms)
		now.until_ms = until_ms;
	now.erased_ms = now.until_ms;
	put(s, type, key, &now);
	return 0;
}

int
cdp_suppress_apply(struct cdp_suppress *s, enum cdp_type type,
    const struct cdp_ident_value *v, size_t n, int64_t at_ms,
    struct cdp_err *err)
{
	struct cdp_suppressed now;
	struct cdp_str name;
	size_t i;
	int rc;

	if (type == CDP_UNMERGE)
		return 0;
	for (i = 0; i < n; i++) {
		name = v[i].name;
		rc = cdp_suppress_get(s, name, v[i].value, &now, err);
		if (rc < 0)
			return rc;
		if (type == CDP_DELETE && now.until_ms < at_ms)
			now.until_ms = at_ms;
		else if (type == CDP_SUPPRESS && now.since_ms == CDP_TIME_NONE)
			now.since_ms = at_ms == CDP_TIME_NONE ? 0 : at_ms;
		else if (type == CDP_UNSUPPRESS)
			now.since_ms = CDP_TIME_NONE;
		rc = cdp_suppress_set(s, name, v[i].value, &now, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static enum cdp_suppress_why
judge(const struct cdp_suppressed *v, int64_t ts_ms)
{
	if (v->erased_ms != CDP_TIME_NONE && ts_ms <= v->erased_ms)
		return CDP_SUPPRESS_ERASED;
	if (v->until_ms != CDP_TIME_NONE && ts_ms <= v->until_ms)
		return CDP_SUPPRESS_UNTIL;
	return v->since_ms != CDP_TIME_NONE ? CDP_SUPPRESS_SINCE
					    : CDP_SUPPRESS_NO;
}

int
cdp_suppress_judge(struct cdp_suppress *s, const struct cdp_identity *rules,
    const struct cdp_line *ln, int64_t ts_ms, enum cdp_suppress_why *why,
    struct cdp_str *type, struct cdp_err *err)
{
	struct cdp_ident_value v[CDP_IDENTS_MAX];
	enum cdp_suppress_why now_why;
	struct cdp_suppressed now;
	size_t i, n;
	int rc;

	*why = CDP_SUPPRESS_NO;
	if (s->n == 0)
		return 0;
	if ((rc = cdp_ident_values(rules, ln, v, &n, err)) != 0)
		return rc;
	for (i = 0; i < n && *why != CDP_SUPPRESS_ERASED; i++) {
		rc = cdp_suppress_get(s, v[i].name, v[i].value, &now, err);
		if (rc < 0)
			return rc;
		now_why = judge(&now, ts_ms);
		/* Erased is erased, whatever came to be said of the others. */
		if (now_why == CDP_SUPPRESS_NO ||
		    (*why != CDP_SUPPRESS_NO && now_why != CDP_SUPPRESS_ERASED))
			continue;
		*why = now_why;
		*type = v[i].name;
	}
	return 0;
}
