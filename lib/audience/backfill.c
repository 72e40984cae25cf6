#include <stdlib.h>

#include "lib/audience/audience.h"
#include "lib/audience/inside.h"
#include "lib/base/mem.h"

#define COMMIT_BYTES ((size_t)8 << 20)

struct backfill {
	struct cdp_log *log;
	bool begun;               /* some of it is committed */
	struct cdp_states *of[2]; /* members, circles */
	struct cdp_str *gone;
	size_t ngone, cap;
	struct cdp_buf text;
	struct cdp_arena mem;
};

static int
by_id(const void *a, const void *b)
{
	return cdp_str_cmp((*(struct cdp_state *const *)a)->due.id,
	    (*(struct cdp_state *const *)b)->due.id);
}

/* Until it is whole nobody may go on from what there is of it. */
static int
pace(struct backfill *bf, struct cdp_err *err)
{
	size_t n;

	if (cdp_log_gathered(bf->log, &n) < COMMIT_BYTES)
		return 0;
	if (!bf->begun)
		cdp_log_put(
		    bf->log, CDP_BACKFILL_KEY, CDP_STR("{}"), INT64_MAX);
	bf->begun = true;
	return cdp_log_commit(bf->log, err);
}

/* All that is held, by id: the order of a map must reach no log. */
static int
put_all(struct backfill *bf, struct cdp_states *ss, struct cdp_err *err)
{
	struct cdp_state **v =
	    cdp_xcalloc(ss->by_id.n + 1, sizeof(struct cdp_state *));
	struct cdp_map_ent *e;
	struct cdp_buf b = { 0 };
	size_t n = 0, i = 0;
	int rc = 0;

	while ((e = cdp_map_next(&ss->by_id, &i)) != NULL)
		v[n++] = e->val;
	qsort(v, n, sizeof(*v), by_id);
	for (i = 0; rc == 0 && i < n; i++) {
		if (!cdp_states_text(ss, v[i], &b))
			continue;
		cdp_log_put(
		    bf->log, v[i]->due.id, cdp_buf_str(&b), v[i]->due.due_ms);
		rc = pace(bf, err);
	}
	cdp_buf_free(&b);
	free(v);
	return rc;
}

/* Whom the log knows and nothing is kept of any more. */
static int
find_gone(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct backfill *bf = arg;
	const struct cdp_state *k = NULL;
	bool kept = false;

	(void)val;
	(void)due_ms;
	for (int i = 0; !kept && i < 2; i++) {
		k = cdp_map_get(&bf->of[i]->by_id, key);
		kept = k != NULL && cdp_states_text(bf->of[i], k, &bf->text);
	}
	if (kept ||
	    (!cdp_str_starts(key, CDP_STR("p_")) &&
		!cdp_str_starts(key, CDP_STR("g:"))))
		return 0;
	if (bf->ngone == bf->cap) {
		bf->cap = bf->cap == 0 ? 64 : bf->cap * 2;
		bf->gone =
		    cdp_xreallocarray(bf->gone, bf->cap, sizeof(*bf->gone));
	}
	bf->gone[bf->ngone++] = cdp_arena_dup(&bf->mem, key);
	return 0;
}

int
cdp_audiences_backfill(
    struct cdp_audiences *au, struct cdp_log *log, struct cdp_err *err)
{
	struct backfill bf = { .log = log,
		.of = { &au->r.members.all, &au->r.circles.all } };
	struct cdp_buf was = { 0 };
	int rc = cdp_log_each(log, find_gone, &bf, err);

	for (size_t i = 0; rc == 0 && i < bf.ngone; i++) {
		cdp_log_put(log, bf.gone[i], CDP_STR(""), INT64_MAX);
		rc = pace(&bf, err);
	}
	for (int i = 0; rc == 0 && i < 2; i++)
		rc = put_all(&bf, bf.of[i], err);
	/* Also what an earlier one has left that was killed. */
	if (rc == 0 &&
	    (rc = cdp_log_get(log, CDP_BACKFILL_KEY, &was, err)) == 0)
		cdp_log_put(log, CDP_BACKFILL_KEY, CDP_STR(""), INT64_MAX);
	if (rc >= 0)
		rc = cdp_log_commit(log, err);
	cdp_buf_free(&was);
	free(bf.gone);
	cdp_buf_free(&bf.text);
	cdp_arena_free(&bf.mem);
	return rc;
}
