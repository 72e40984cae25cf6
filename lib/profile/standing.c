#include "lib/profile/standing.h"

#include "lib/json/write.h"
#include "lib/profile/state.h"

#define CHAIN_MAX 1000 /* merges of merges */

void
cdp_standing_free(struct cdp_standing *s)
{
	cdp_buf_free(&s->val);
	cdp_tape_free(&s->tape);
	cdp_arena_free(&s->mem);
}

static int
get(struct cdp_standing *s, struct cdp_log *log, struct cdp_str key,
    struct cdp_err *err)
{
	int rc;

	cdp_buf_reset(&s->val);
	rc = cdp_log_get(log, key, &s->val, err);
	return rc != 0 ? rc
		       : cdp_tape_parse(&s->tape, cdp_buf_str(&s->val), err);
}

/* What it has become, in tape. */
static int
find(struct cdp_standing *s, struct cdp_log *log, struct cdp_str *id,
    struct cdp_err *err)
{
	const struct cdp_tape *t = &s->tape;
	int rc = get(s, log, *id, err);
	uint32_t into;

	for (int i = 0; rc == 0 && i < CHAIN_MAX; i++) {
		into = cdp_tape_get(t, 0, CDP_STR("into"));
		if (into == CDP_NOTOK)
			return 0;
		*id = cdp_arena_dup(&s->mem, cdp_tape_str(t, into, &s->mem));
		rc = get(s, log, *id, err);
	}
	return rc;
}

/* Of [type, value, ms, suppressed, ...]; they stand by type. */
static bool
put_identifiers(struct cdp_standing *s, struct cdp_buf *b)
{
	const struct cdp_tape *t = &s->tape;
	uint32_t ids = cdp_tape_get(t, 0, CDP_STR("ids"));
	uint32_t it = 0, sub, key, id, v, last = CDP_NOTOK;
	bool suppressed = false;

	cdp_json_key(b, "identifiers");
	cdp_buf_putc(b, '{');
	while (cdp_tape_next(t, ids, &it, &key, &id)) {
		sub = 0;
		for (int i = 0; i < 4 && cdp_tape_next(t, id, &sub, &key, &v);
		     i++) {
			if (i == 0 &&
			    (last == CDP_NOTOK ||
				!cdp_tape_equal(t, v, t, last))) {
				cdp_buf_puts(b, last != CDP_NOTOK ? "]," : "");
				cdp_buf_put(b, cdp_tape_raw(t, v));
				cdp_buf_puts(b, ":[");
				last = v;
			} else if (i == 1) {
				cdp_json_comma(b);
				cdp_buf_put(b, cdp_tape_raw(t, v));
			}
			suppressed |= i == 3 && cdp_tape_isa(t, v, CDP_TRUE);
		}
	}
	cdp_buf_puts(b, last != CDP_NOTOK ? "]}" : "}");
	return suppressed;
}

/* [ms, messageId, {category: 0 no, 1 yes, 2 conflict}] */
static void
put_consent(struct cdp_standing *s, struct cdp_buf *b)
{
	static const char *const word[] = { "false", "true", "\"conflict\"" };
	const struct cdp_tape *t = &s->tape;
	uint32_t list = cdp_tape_get(t, 0, CDP_STR("consent"));
	uint32_t it = 0, key, v, said = CDP_NOTOK;
	int64_t n;

	while (cdp_tape_next(t, list, &it, &key, &v))
		said = v;
	if (!cdp_tape_isa(t, said, CDP_OBJECT))
		return;
	cdp_json_key(b, "consent");
	cdp_buf_putc(b, '{');
	for (it = 0; cdp_tape_next(t, said, &it, &key, &v);) {
		if (!cdp_tape_i64(t, v, &n) || n < 0 || n > 2)
			n = 0;
		cdp_json_comma(b);
		cdp_buf_put(b, cdp_tape_raw(t, key));
		cdp_buf_putc(b, ':');
		cdp_buf_puts(b, word[n]);
	}
	cdp_buf_putc(b, '}');
}

int
cdp_standing_get(struct cdp_standing *s, struct cdp_log *log, struct cdp_str id,
    struct cdp_buf *ret, bool *gone, struct cdp_err *err)
{
	struct cdp_str now = id;
	int rc = find(s, log, &now, err);

	*gone = false;
	if (rc == 0) {
		cdp_buf_puts(ret, "{");
		cdp_json_kstr(ret, "id", now);
		if (put_identifiers(s, ret))
			cdp_json_kraw(ret, "suppressed", CDP_STR("true"));
		put_consent(s, ret);
		cdp_buf_putc(ret, '}');
	} else if (rc == CDP_END) {
		rc = get(s, log,
		    cdp_arena_printf(&s->mem, "x:%.*s", (int)id.n, id.p), err);
		*gone = rc == 0;
		rc = rc == 0 ? CDP_END : rc;
	}
	cdp_arena_reset(&s->mem);
	return rc;
}

int
cdp_standing_clock(struct cdp_standing *s, struct cdp_log *log, int64_t *ret,
    struct cdp_err *err)
{
	int rc = get(s, log, CDP_STATE_CLOCK, err);

	*ret = 0;
	if (rc == 0)
		cdp_tape_i64(&s->tape, 0, ret);
	return rc == CDP_END ? 0 : rc;
}
