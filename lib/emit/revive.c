#include <stdlib.h>

#include "lib/emit/laneint.h"

/* One that is dead or held. */
struct found {
	struct cdp_item it;
	struct cdp_str key, profile;
};

struct search {
	struct cdp_lane *ln;
	struct cdp_str status;
	struct cdp_arena mem;
	struct cdp_buf list; /* of struct found */
};

static int
look(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct search *s = arg;
	const struct cdp_tape *t = &s->ln->tape;
	struct found f = { 0 };
	int64_t seq = 0;

	(void)due_ms;
	if (!cdp_str_starts(key, CDP_STR("k:")) ||
	    key.n - 2 >= sizeof(f.it.key) ||
	    cdp_tape_parse(&s->ln->tape, val, NULL) != 0 ||
	    !cdp_tape_streq(
		t, cdp_tape_get(t, 0, CDP_STR("destination")), s->ln->name) ||
	    !cdp_tape_streq(
		t, cdp_tape_get(t, 0, CDP_STR("status")), s->status))
		return 0;
	cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("seq")), &seq);
	cdp_lane_read_ledger(s->ln, &f.it, &s->mem);
	f.it.seq = (uint64_t)seq;
	memcpy(f.it.key, key.p + 2, key.n - 2);
	f.key =
	    cdp_arena_dup(&s->mem, (struct cdp_str){ key.p + 2, key.n - 2 });
	f.profile = cdp_arena_dup(&s->mem,
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("profile")), &s->mem));
	cdp_buf_put(&s->list, (struct cdp_str){ (const char *)&f, sizeof(f) });
	return 0;
}

static int
by_seq(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return (x->it.seq > y->it.seq) - (x->it.seq < y->it.seq);
}

/*
 * Whether something else was said since where its "stands" points: somebody who
 * has left a list must not be put there again by an old "add".
 */
static int
stale(struct cdp_lane *ln, const struct found *f, struct cdp_str json,
    bool *ret, struct cdp_arena *mem, struct cdp_err *err)
{
	struct cdp_str key;
	uint32_t at;
	int rc = cdp_tape_parse(&ln->tape, json, err);

	*ret = false;
	at =
	    rc == 0 ? cdp_tape_get(&ln->tape, 0, CDP_STR("stands")) : CDP_NOTOK;
	if (at == CDP_NOTOK)
		return rc;
	key = cdp_arena_dup(mem, cdp_tape_str(&ln->tape, at, mem));
	if ((rc = cdp_lane_get(ln, key, err)) == 0) {
		at = cdp_tape_get(&ln->tape, 0, CDP_STR("key"));
		*ret =
		    at != CDP_NOTOK && !cdp_tape_streq(&ln->tape, at, f->key);
	} else if (rc == CDP_END) {
		*ret = true;
		rc = 0;
	}
	return rc;
}

/* Its entry gets a new number, behind what waits now. */
static int
again(struct cdp_lane *ln, struct found *f, struct cdp_arena *mem,
    struct cdp_err *err)
{
	struct cdp_buf json = { 0 };
	int rc =
	    cdp_log_get(ln->log, cdp_lane_entry(ln, f->it.seq), &json, err);
	bool old = false;

	if (rc == 0)
		rc = stale(ln, f, cdp_buf_str(&json), &old, mem, err);
	if (rc == 0 && old) {
		f->it.state = CDP_LANE_PAST;
		cdp_lane_note(ln, &f->it, f->profile,
		    CDP_STR("something else was said since"));
	} else if (rc == 0) {
		cdp_log_put(ln->log, cdp_lane_entry(ln, f->it.seq),
		    (struct cdp_str){ 0 }, INT64_MAX);
		cdp_lane_add(ln, f->key, f->profile, cdp_buf_str(&json));
	}
	cdp_buf_free(&json);
	return rc == CDP_END ? 0 : rc;
}

int
cdp_lane_revive(struct cdp_lane *ln, enum cdp_lane_state from, bool as_sent,
    struct cdp_err *err)
{
	struct search s = { .ln = ln,
		.status = cdp_str_of(cdp_lane_states[from]) };
	struct found *f;
	size_t n;
	int rc = cdp_log_each(ln->log, look, &s, err);

	f = (struct found *)(void *)s.list.p;
	n = s.list.n / sizeof(*f);
	if (n != 0)
		qsort(f, n, sizeof(*f), by_seq);
	for (size_t i = 0; i < n && rc == 0; i++)
		if (as_sent) {
			f[i].it.state = CDP_LANE_SENT;
			cdp_lane_note(ln, &f[i].it, f[i].profile,
			    CDP_STR("somebody said so"));
		} else {
			rc = again(ln, &f[i], &s.mem, err);
		}
	if (rc == 0 && from == CDP_LANE_DEAD)
		ln->dead = 0;
	else if (rc == 0)
		ln->held = 0;
	ln->changed = true;
	cdp_buf_free(&s.list);
	cdp_arena_free(&s.mem);
	return rc;
}
