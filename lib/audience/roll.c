#include "lib/audience/roll.h"

#include <stdlib.h>

#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"

struct roll {
	const struct cdp_project *pr;
	struct cdp_tape tape;
	struct cdp_buf line;
	struct cdp_map by_key; /* an audience's key to its size; or */
	struct cdp_str key;    /* of the one whose members are asked for */
	int (*print)(void *arg, struct cdp_str line);
	void *arg;
};

/* The audiences of the profile under key, or CDP_NOTOK. */
static uint32_t
memberships(struct roll *r, struct cdp_str key, struct cdp_str val)
{
	if (!cdp_str_starts(key, CDP_STR("p_")) ||
	    cdp_tape_parse(&r->tape, val, NULL) != 0)
		return CDP_NOTOK;
	return cdp_tape_get(&r->tape, 0, CDP_STR("in"));
}

static int
count(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct roll *r = arg;
	uint32_t in = memberships(r, key, val), it = 0, name, since;
	struct cdp_str s;
	int64_t *size;

	(void)due_ms;
	while (cdp_tape_next(&r->tape, in, &it, &name, &since)) {
		s = cdp_tape_raw(&r->tape, name); /* needs no escapes */
		if (s.n < 2)
			continue;
		s = (struct cdp_str){ s.p + 1, s.n - 2 };
		if ((size = cdp_map_get(&r->by_key, s)) != NULL)
			++*size;
	}
	return 0;
}

static int
member(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct roll *r = arg;
	char ts[CDP_TIME_SIZE];
	int64_t since;
	uint32_t in;

	(void)due_ms;
	in = memberships(r, key, val);
	if (!cdp_tape_i64(&r->tape, cdp_tape_get(&r->tape, in, r->key), &since))
		return 0;
	cdp_time_format(since, ts);
	cdp_buf_reset(&r->line);
	cdp_buf_putc(&r->line, '{');
	cdp_json_kstr(&r->line, "id", key);
	cdp_json_kstr(&r->line, "since", cdp_str_of(ts));
	cdp_buf_putc(&r->line, '}');
	return r->print(r->arg, cdp_buf_str(&r->line));
}

int
cdp_roll_sizes(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_buf *b, struct cdp_err *err)
{
	struct roll r = { .pr = pr };
	int64_t *size = cdp_xcalloc(pr->naudience + 1, sizeof(*size));
	int rc;

	for (size_t i = 0; i < pr->naudience; i++)
		*cdp_map_at(&r.by_key, pr->audience[i].key) = &size[i];
	rc = cdp_log_each(log, count, &r, err);
	for (size_t i = 0; rc == 0 && i < pr->naudience; i++) {
		cdp_buf_putc(b, '{');
		cdp_json_kstr(b, "audience", pr->audience[i].key);
		cdp_json_ki64(b, "size", size[i]);
		cdp_buf_puts(b, "}\n");
	}
	free(size);
	cdp_map_free(&r.by_key);
	cdp_tape_free(&r.tape);
	return rc;
}

static int
known(const struct cdp_project *pr, struct cdp_str key, struct cdp_err *err)
{
	struct cdp_str *names;
	int near;

	names = cdp_xcalloc(pr->naudience + 1, sizeof(*names));
	for (size_t i = 0; i < pr->naudience; i++)
		names[i] = pr->audience[i].key;
	near = cdp_str_nearest(key, names, pr->naudience);
	for (size_t i = 0; i < pr->naudience; i++)
		if (cdp_str_eq(names[i], key)) {
			free(names);
			return 0;
		}
	free(names);
	if (near < 0)
		return cdp_fail(err, CDP_ECONF,
		    "the project has no audience '%.*s'", (int)key.n, key.p);
	return cdp_fail(err, CDP_ECONF,
	    "the project has no audience '%.*s'; did you mean '%.*s'?",
	    (int)key.n, key.p, (int)pr->audience[near].key.n,
	    pr->audience[near].key.p);
}

int
cdp_roll_members(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str key, int (*print)(void *arg, struct cdp_str line), void *arg,
    struct cdp_err *err)
{
	struct roll r = { .pr = pr, .key = key, .print = print, .arg = arg };
	int rc = known(pr, key, err);

	if (rc == 0)
		rc = cdp_log_each(log, member, &r, err);
	cdp_tape_free(&r.tape);
	cdp_buf_free(&r.line);
	return rc;
}

int
cdp_roll_of(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str profile, struct cdp_buf *b, struct cdp_err *err)
{
	struct roll r = { .pr = pr };
	uint32_t in = CDP_NOTOK;
	int rc = cdp_log_get(log, profile, &r.line, err);

	if (rc == 0)
		in = memberships(&r, profile, cdp_buf_str(&r.line));
	cdp_buf_putc(b, '{');
	for (size_t i = 0; i < pr->naudience; i++) {
		struct cdp_str key = pr->audience[i].key;

		if (cdp_tape_get(&r.tape, in, key) == CDP_NOTOK)
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, key);
		cdp_buf_puts(b, ":true");
	}
	cdp_buf_putc(b, '}');
	cdp_tape_free(&r.tape);
	cdp_buf_free(&r.line);
	return rc == CDP_END ? 0 : rc;
}
