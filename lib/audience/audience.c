#include "lib/audience/audience.h"

#include <stdlib.h>

#include "lib/audience/inside.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"

/* How far the clock lines have come, beside the profiles' states. */
#define CLOCK_KEY CDP_STR("c:clock")

struct cdp_audiences *
cdp_audiences_new(struct cdp_project *pr)
{
	struct cdp_audiences *au = cdp_xcalloc(1, sizeof(*au));

	au->pr = pr;
	au->clock_ms = CDP_TIME_NONE;
	cdp_rounds_init(&au->r, pr);
	cdp_catalog_open(&au->catalog, pr, NULL);
	return au;
}

void
cdp_audiences_hold(struct cdp_audiences *au, size_t max_bytes)
{
	if (cdp_circles_any(&au->r.circles))
		max_bytes -= max_bytes / 4;
	au->r.members.all.max_bytes = max_bytes;
	au->r.circles.all.max_bytes = max_bytes / 3;
}

void
cdp_audiences_free(struct cdp_audiences *au)
{
	if (au == NULL)
		return;
	cdp_rounds_free(&au->r);
	cdp_catalog_free(&au->catalog);
	free(au);
}

static int
open_log(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_audiences *au = self;
	struct cdp_tape *t = &au->r.judge.tape;
	struct cdp_buf b = { 0 };
	int rc;

	cdp_catalog_open(&au->catalog, au->pr, log);
	rc = cdp_log_get(log, CDP_BACKFILL_KEY, &b, err);
	if (rc == 0)
		rc = cdp_fail(err, CDP_ECONF,
		    "a backfill was broken off: run it again, with all lines");
	if (rc == CDP_END)
		rc = cdp_log_get(log, CLOCK_KEY, &b, err);
	if (rc == 0 && cdp_tape_parse(t, cdp_buf_str(&b), err) != 0)
		rc = cdp_fail(
		    err, CDP_ECORRUPT, "the state of the clock is not JSON");
	if (rc == 0)
		cdp_tape_i64(
		    t, cdp_tape_get(t, 0, CDP_STR("now")), &au->clock_ms);
	cdp_buf_free(&b);
	if (rc < 0)
		return rc;
	cdp_rounds_open(&au->r, log, CLOCK_KEY, au->clock_ms);
	return 0;
}

static int
clock_line(struct cdp_audiences *au, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err)
{
	int rc = cdp_rounds_clock(&au->r, ln->ts_ms, outs, err);

	if (rc != 0)
		return rc;
	if (ln->ts_ms > au->clock_ms) {
		au->clock_ms = ln->ts_ms;
		au->clock_dirty = true;
	}
	cdp_outs_pass(outs);
	return 0;
}

/* from's timers up to ms have run when into takes over what it was. */
static int
join(struct cdp_audiences *au, struct cdp_str into, struct cdp_str from,
    int64_t ms, struct cdp_outs *outs, struct cdp_err *err)
{
	struct cdp_member *a, *b;
	int rc;

	if (cdp_str_eq(into, from))
		return 0;
	rc = cdp_members_find(&au->r.members, from, &b, err);
	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	if ((rc = cdp_members_get(&au->r.members, into, &a, err)) != 0)
		return rc;
	rc = cdp_rounds_timers(&au->r, b, NULL, ms, outs, err);
	if (rc == 0)
		rc = cdp_rounds_timers(&au->r, a, NULL, ms, outs, err);
	if (rc == 0 && cdp_circles_any(&au->r.circles))
		rc = cdp_circles_join(&au->r.circles, a, b, err);
	if (rc == 0)
		cdp_members_join(&au->r.members, a, b);
	return rc;
}

static int64_t
line_time(const struct cdp_audiences *au, const struct cdp_line *ln)
{
	return ln->ts_ms > au->clock_ms ? ln->ts_ms : au->clock_ms;
}

static int
merge_line(struct cdp_audiences *au, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err)
{
	const struct cdp_tape *t = ln->tape;
	struct cdp_str from, into;
	int rc;

	from = cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("from")), ln->mem);
	into = cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("into")), ln->mem);
	if (from.n != 0 && into.n != 0 &&
	    (rc = join(au, into, from, line_time(au, ln), outs, err)) != 0)
		return rc;
	cdp_outs_pass(outs);
	return 0;
}

/* What came of identifiers that were taken back; the profiles' lines follow. */
static int
unmerge_line(struct cdp_audiences *au, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err)
{
	struct cdp_move *v;
	struct cdp_member *m;
	struct cdp_str from;
	size_t n;
	int rc = 0;

	if (cdp_moves_read(ln, &from, &v, &n) &&
	    (rc = cdp_members_find(&au->r.members, from, &m, err)) == 0) {
		rc = cdp_rounds_timers(
		    &au->r, m, NULL, line_time(au, ln), outs, err);
		if (rc == 0)
			rc = cdp_members_split(&au->r.members, m, v, n, err);
	}
	cdp_outs_pass(outs);
	return rc < 0 ? rc : 0;
}

static int
forget(struct cdp_audiences *au, struct cdp_str id, int64_t ms,
    struct cdp_outs *outs, struct cdp_err *err)
{
	struct cdp_member *m;
	int rc = cdp_members_find(&au->r.members, id, &m, err);

	if (rc == 0 && cdp_circles_any(&au->r.circles)) {
		rc = cdp_rounds_timers(&au->r, m, NULL, ms, outs, err);
		if (rc == 0)
			rc = cdp_circles_quit(&au->r.circles, m, err);
	}
	if (rc == 0)
		cdp_members_forget(&au->r.members, m);
	return rc < 0 ? rc : 0;
}

/* Somebody was deleted: without a word about what that ends, but for others of
 * a group. */
static int
delete_line(struct cdp_audiences *au, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t list = cdp_tape_get(t, ln->profile, CDP_STR("merged"));
	uint32_t it = 0, key, val;
	int64_t now = line_time(au, ln);
	int rc = forget(au, ln->profile_id, now, outs, err);

	while (rc == 0 && cdp_tape_next(t, list, &it, &key, &val))
		rc = forget(au, cdp_tape_str(t, val, ln->mem), now, outs, err);
	cdp_outs_pass(outs);
	return rc == 0 ? cdp_rounds_spread(&au->r, NULL, now, outs, err) : rc;
}

/* Catch up on merges whose line was not seen here. */
static int
join_merged(struct cdp_audiences *au, struct cdp_member *m,
    const struct cdp_line *ln, struct cdp_outs *outs, struct cdp_err *err)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t list = cdp_tape_get(t, ln->profile, CDP_STR("merged"));
	uint32_t it = 0, key, val;
	struct cdp_str id;
	uint64_t hash;
	int rc;

	if (list == CDP_NOTOK ||
	    (hash = cdp_hash64(cdp_tape_raw(t, list))) == m->merged)
		return 0;
	while (cdp_tape_next(t, list, &it, &key, &val)) {
		id = cdp_tape_str(t, val, ln->mem);
		if (id.n != 0 &&
		    (rc = join(au, m->k.due.id, id, line_time(au, ln), outs,
			 err)) != 0)
			return rc;
	}
	m->merged = hash;
	return 0;
}

static int
profile_line(struct cdp_audiences *au, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err)
{
	int64_t now = line_time(au, ln);
	struct cdp_member *m;
	struct cdp_edit ed;
	int rc;

	if ((rc = cdp_members_get(&au->r.members, ln->profile_id, &m, err)) !=
		0 ||
	    (rc = join_merged(au, m, ln, outs, err)) != 0)
		return rc;
	rc = cdp_rounds_timers(&au->r, m, ln, now, outs, err);
	if (rc != 0)
		return rc;
	if (now > m->now_ms)
		m->now_ms = now;
	if ((rc = cdp_rounds_line(&au->r, m, ln, outs, err)) != 0)
		return rc;
	ed = cdp_judge_edit(&au->r.judge, m);
	cdp_outs_pass_one(outs, &ed);
	cdp_judge_tell(&au->r.judge, m,
	    ln->ts_ms != CDP_TIME_NONE ? ln->ts_ms : m->now_ms, outs);
	cdp_members_settle(&au->r.members, m);
	return cdp_rounds_spread(&au->r, m, m->now_ms, outs, err);
}

static int
step(void *self, const struct cdp_line *ln, struct cdp_outs *outs,
    struct cdp_err *err)
{
	struct cdp_audiences *au = self;
	int rc;

	cdp_states_trim(&au->r.members.all);
	cdp_states_trim(&au->r.circles.all);
	if (ln->type == CDP_CLOCK && ln->ts_ms != CDP_TIME_NONE)
		return clock_line(au, ln, outs, err);
	if (ln->type == CDP_MERGE)
		return merge_line(au, ln, outs, err);
	if (ln->type == CDP_UNMERGE)
		return unmerge_line(au, ln, outs, err);
	if (ln->type == CDP_DELETE && ln->profile_id.n != 0)
		return delete_line(au, ln, outs, err);
	if ((cdp_type_is_event(ln->type) || ln->type == CDP_PROFILE) &&
	    ln->profile_id.n != 0)
		return profile_line(au, ln, outs, err);
	if (ln->type == CDP_OBJECT_ROW &&
	    (rc = cdp_catalog_line(&au->catalog, ln, err)) != 0)
		return rc;
	cdp_outs_pass(outs);
	return 0;
}

static int
save(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_audiences *au = self;
	struct cdp_buf b = { 0 };

	(void)err;
	cdp_states_save(&au->r.members.all);
	cdp_states_save(&au->r.circles.all);
	if (au->clock_dirty) {
		cdp_buf_putc(&b, '{');
		cdp_json_ki64(&b, "now", au->clock_ms);
		cdp_buf_putc(&b, '}');
		cdp_log_put(log, CLOCK_KEY, cdp_buf_str(&b), INT64_MAX);
		cdp_buf_free(&b);
		au->clock_dirty = false;
	}
	return 0;
}

const struct cdp_stage_ops cdp_audiences_ops = {
	.name = "audience",
	.open = open_log,
	.step = step,
	.save = save,
	.sets = "profile.audiences",
};

void
cdp_audiences_stats(struct cdp_audiences *au, struct cdp_buf *json)
{
	size_t n = au->pr->naudience;
	int64_t *size = cdp_xcalloc(n + 1, sizeof(*size));

	if (cdp_members_sizes(&au->r.members, size, NULL) == 0) {
		cdp_json_key(json, "audiences");
		cdp_buf_putc(json, '{');
		for (size_t i = 0; i < n; i++) {
			cdp_json_comma(json);
			cdp_json_str(json, au->pr->audience[i].key);
			cdp_buf_putc(json, ':');
			cdp_buf_i64(json, size[i]);
		}
		cdp_buf_putc(json, '}');
	}
	free(size);
}
