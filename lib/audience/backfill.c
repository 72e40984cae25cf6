#include "lib/audience/audience.h"
#include "lib/audience/inside.h"

#define COMMIT_BYTES ((size_t)8 << 20)
#define COMMIT_PUTS 32768

struct backfill {
	struct cdp_log *log, *from;
	size_t nput; /* since the last commit */
	bool begun;  /* some of it is committed */
	struct cdp_buf text;
	struct cdp_err *err;
};

/* People, their groups, and rows; the clock says the same in both. */
static bool
is_filled(struct cdp_str key)
{
	return cdp_str_starts(key, CDP_STR("p_")) ||
	    cdp_str_starts(key, CDP_STR("g:")) ||
	    cdp_str_starts(key, CDP_STR("e:"));
}

/* Until it is whole nobody may go on from what there is of it. */
static int
put(struct backfill *bf, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	size_t n;

	cdp_log_put(bf->log, key, val, due_ms);
	if (++bf->nput < COMMIT_PUTS &&
	    cdp_log_gathered(bf->log, &n) < COMMIT_BYTES)
		return 0;
	if (!bf->begun)
		cdp_log_put(
		    bf->log, CDP_BACKFILL_KEY, CDP_STR("{}"), INT64_MAX);
	bf->begun = true;
	bf->nput = 0;
	return cdp_log_commit(bf->log, bf->err);
}

/* Nothing is kept any more of whom the other log does not know. */
static int
take_away(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct backfill *bf = arg;
	int rc;

	(void)val;
	(void)due_ms;
	if (!is_filled(key))
		return 0;
	cdp_buf_reset(&bf->text);
	rc = cdp_log_get(bf->from, key, &bf->text, bf->err);
	return rc == CDP_END ? put(bf, key, CDP_STR(""), INT64_MAX) : rc;
}

static int
take_over(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	return is_filled(key) ? put(arg, key, val, due_ms) : 0;
}

int
cdp_audiences_backfill(struct cdp_log *log, struct cdp_log *was,
    struct cdp_log *from, struct cdp_err *err)
{
	struct backfill bf = { .log = log, .from = from, .err = err };
	int rc = was != NULL ? cdp_log_each(was, take_away, &bf, err) : 0;

	if (rc == 0)
		rc = cdp_log_each(from, take_over, &bf, err);
	/* Also what an earlier one has left that was killed. */
	cdp_buf_reset(&bf.text);
	if (rc == 0 &&
	    (rc = cdp_log_get(log, CDP_BACKFILL_KEY, &bf.text, err)) == 0)
		cdp_log_put(log, CDP_BACKFILL_KEY, CDP_STR(""), INT64_MAX);
	if (rc >= 0)
		rc = cdp_log_commit(log, err);
	cdp_buf_free(&bf.text);
	return rc;
}
