#include "lib/audience/roll.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

struct person {
	struct cdp_str id;
	int64_t since;
};

struct roll {
	const struct cdp_project *pr;
	struct cdp_bygone *past;
	struct cdp_tape tape;
	int64_t *size;         /* by audience; or, for one audience: */
	struct cdp_map by_key; /* an audience's key to its place + 1 */
	size_t only;
	struct person *v;
	size_t n, cap;
	struct cdp_arena mem;
};

static void
add(struct roll *r, size_t i, struct cdp_str id, int64_t since)
{
	if (r->size != NULL) {
		r->size[i]++;
		return;
	}
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 256 : r->cap * 2;
		r->v = cdp_xreallocarray(r->v, r->cap, sizeof(*r->v));
	}
	r->v[r->n++] = (struct person){ cdp_arena_dup(&r->mem, id), since };
}

static void
look(struct roll *r, size_t i, struct cdp_str id, int64_t since)
{
	bool in = since != CDP_TIME_NONE;

	if (r->past != NULL)
		in = cdp_bygone_in(
		    r->past, r->pr->audience[i].key, id, since, &since);
	if (in)
		add(r, i, id, since);
}

/* Of many audiences a profile is in few. */
static void
count(struct roll *r, uint32_t in)
{
	uint32_t it = 0, name, since;
	struct cdp_str s;
	uintptr_t i;

	while (cdp_tape_next(&r->tape, in, &it, &name, &since)) {
		s = cdp_tape_raw(&r->tape, name); /* needs no escapes */
		if (s.n < 2)
			continue;
		s = (struct cdp_str){ s.p + 1, s.n - 2 };
		if ((i = (uintptr_t)cdp_map_get(&r->by_key, s)) != 0)
			r->size[i - 1]++;
	}
}

static int
profile(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct roll *r = arg;
	int64_t since;
	uint32_t in;

	(void)due_ms;
	if (!cdp_str_starts(key, CDP_STR("p_")) ||
	    cdp_tape_parse(&r->tape, val, NULL) != 0)
		return 0;
	in = cdp_tape_get(&r->tape, 0, CDP_STR("in"));
	if (r->size != NULL && r->past == NULL) {
		count(r, in);
		return 0;
	}
	for (size_t i = 0; i < r->pr->naudience; i++) {
		if (r->size == NULL && i != r->only)
			continue;
		since = CDP_TIME_NONE;
		cdp_tape_i64(&r->tape,
		    cdp_tape_get(&r->tape, in, r->pr->audience[i].key), &since);
		look(r, i, key, since);
	}
	return 0;
}

/* Who was in and is nothing to any audience now. */
static void
add_gone(struct roll *r)
{
	const struct cdp_map_ent *e;
	const struct cdp_bygone_told *t;
	size_t k = 0;

	while ((e = cdp_map_next(&r->past->told, &k)) != NULL) {
		t = e->val;
		for (size_t i = 0; !t->seen && i < r->pr->naudience; i++)
			if ((r->size != NULL || i == r->only) &&
			    cdp_str_eq(r->pr->audience[i].key, t->audience))
				look(r, i, t->id, CDP_TIME_NONE);
	}
}

static int
by_id(const void *a, const void *b)
{
	return cdp_str_cmp(
	    ((const struct person *)a)->id, ((const struct person *)b)->id);
}

static int
walk(struct roll *r, struct cdp_log *log, struct cdp_err *err)
{
	int rc = cdp_log_each(log, profile, r, err);

	if (rc == 0 && r->past != NULL)
		add_gone(r);
	cdp_tape_free(&r->tape);
	return rc;
}

int
cdp_roll_sizes(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_bygone *past, struct cdp_buf *b, struct cdp_err *err)
{
	struct roll r = { .pr = pr, .past = past };
	int rc;

	r.size = cdp_xcalloc(pr->naudience + 1, sizeof(*r.size));
	for (size_t i = 0; i < pr->naudience; i++)
		*cdp_map_at(&r.by_key, pr->audience[i].key) =
		    (void *)(uintptr_t)(i + 1);
	rc = walk(&r, log, err);
	cdp_map_free(&r.by_key);
	for (size_t i = 0; rc == 0 && i < pr->naudience; i++) {
		cdp_buf_putc(b, '{');
		cdp_json_kstr(b, "audience", pr->audience[i].key);
		cdp_json_ki64(b, "size", r.size[i]);
		cdp_buf_puts(b, "}\n");
	}
	free(r.size);
	return rc;
}

int
cdp_roll_find(const struct cdp_project *pr, struct cdp_str key, size_t *ret,
    struct cdp_err *err)
{
	struct cdp_str *names;
	int near;

	names = cdp_xcalloc(pr->naudience + 1, sizeof(*names));
	for (size_t i = 0; i < pr->naudience; i++)
		names[i] = pr->audience[i].key;
	near = cdp_str_nearest(key, names, pr->naudience);
	for (size_t i = 0; i < pr->naudience; i++)
		if (cdp_str_eq(names[i], key)) {
			*ret = i;
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

static int
print_all(
    struct roll *r, int (*print)(void *arg, struct cdp_str line), void *arg)
{
	struct cdp_buf b = { 0 };
	int rc = 0;

	if (r->n > 1)
		qsort(r->v, r->n, sizeof(*r->v), by_id);
	for (size_t i = 0; rc == 0 && i < r->n; i++) {
		cdp_buf_reset(&b);
		cdp_buf_putc(&b, '{');
		cdp_json_kstr(&b, "id", r->v[i].id);
		if (r->v[i].since != CDP_TIME_NONE)
			cdp_json_ktime(&b, "since", r->v[i].since);
		cdp_buf_putc(&b, '}');
		rc = print(arg, cdp_buf_str(&b));
	}
	cdp_buf_free(&b);
	return rc;
}

int
cdp_roll_members(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_bygone *past, size_t i,
    int (*print)(void *arg, struct cdp_str line), void *arg,
    struct cdp_err *err)
{
	struct roll r = { .pr = pr, .past = past, .only = i };
	int rc = walk(&r, log, err);

	if (rc == 0)
		rc = print_all(&r, print, arg);
	free(r.v);
	cdp_arena_free(&r.mem);
	return rc;
}

int
cdp_roll_of(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str profile, struct cdp_buf *b, struct cdp_err *err)
{
	struct cdp_buf state = { 0 };
	struct cdp_tape t = { 0 };
	uint32_t in = CDP_NOTOK;
	int rc = cdp_log_get(log, profile, &state, err);

	if (rc == 0 && cdp_str_starts(profile, CDP_STR("p_")) &&
	    cdp_tape_parse(&t, cdp_buf_str(&state), NULL) == 0)
		in = cdp_tape_get(&t, 0, CDP_STR("in"));
	cdp_buf_putc(b, '{');
	for (size_t i = 0; i < pr->naudience; i++) {
		struct cdp_str key = pr->audience[i].key;

		if (cdp_tape_get(&t, in, key) == CDP_NOTOK)
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, key);
		cdp_buf_puts(b, ":true");
	}
	cdp_buf_putc(b, '}');
	cdp_tape_free(&t);
	cdp_buf_free(&state);
	return rc == CDP_END ? 0 : rc;
}
