#include "lib/base/hash.h"
#include "lib/emit/laneint.h"

static int64_t
number(const struct cdp_lane *ln, const char *name)
{
	int64_t n = 0;

	cdp_tape_i64(
	    &ln->tape, cdp_tape_get(&ln->tape, 0, cdp_str_of(name)), &n);
	return n;
}

static int64_t
instant(const struct cdp_lane *ln, const char *name, struct cdp_arena *mem)
{
	int64_t ms = 0;
	uint32_t at = cdp_tape_get(&ln->tape, 0, cdp_str_of(name));

	cdp_time_parse(cdp_tape_str(&ln->tape, at, mem), &ms);
	return ms;
}

int
cdp_lane_open(struct cdp_lane *ln, struct cdp_log *log, struct cdp_str name,
    bool batch, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	int64_t head;
	int rc;

	*ln = (struct cdp_lane){ .log = log, .name = name, .batch = batch };
	rc = cdp_lane_get(ln, cdp_lane_counter(ln), err);
	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	head = number(ln, "head");
	ln->tail = (uint64_t)number(ln, "tail");
	ln->dead = (uint64_t)number(ln, "dead");
	ln->held = (uint64_t)number(ln, "held");
	ln->rest_ms = instant(ln, "rest", &mem);
	cdp_arena_free(&mem);
	if (head < 1 || (uint64_t)head > ln->tail + 1)
		return cdp_fail(err, CDP_ECORRUPT,
		    "the queue of '%.*s' is damaged", (int)name.n, name.p);
	ln->loaded = (uint64_t)head - 1;
	return 0;
}

static enum cdp_lane_state
state_of(const struct cdp_lane *ln)
{
	uint32_t at = cdp_tape_get(&ln->tape, 0, CDP_STR("status"));
	int s = CDP_LANE_QUEUED;

	while (s < CDP_LANE_NSTATES - 1 &&
	    !cdp_tape_streq(&ln->tape, at, cdp_str_of(cdp_lane_states[s])))
		s++;
	return (enum cdp_lane_state)s;
}

uint64_t
cdp_lane_kind(const struct cdp_tape *t, int64_t most)
{
	static const char *const same[] = { "method", "url", "headers" };
	uint64_t h = (uint64_t)most;

	for (size_t i = 0; i < 3; i++)
		h = h * 31 +
		    cdp_hash64(cdp_tape_raw(
			t, cdp_tape_get(t, 0, cdp_str_of(same[i]))));
	return h;
}

static struct cdp_str
text(const struct cdp_lane *ln, uint32_t at, const char *name,
    struct cdp_arena *mem)
{
	return cdp_arena_dup(mem,
	    cdp_tape_str(
		&ln->tape, cdp_tape_get(&ln->tape, at, cdp_str_of(name)), mem));
}

/* They stand in line for their profiles, and leave with the parcel. */
static void
load_members(struct cdp_lane *ln, uint32_t list, struct cdp_item *parcel,
    struct cdp_arena *mem)
{
	struct cdp_item **last = &parcel->member;
	uint32_t it = 0, key, at;
	int64_t seq;

	while (cdp_tape_next(&ln->tape, list, &it, &key, &at)) {
		seq = 0;
		cdp_tape_i64(&ln->tape,
		    cdp_tape_get(&ln->tape, at, CDP_STR("seq")), &seq);
		*last = cdp_lane_enter(ln, (uint64_t)seq,
		    text(ln, at, "key", mem), text(ln, at, "profile", mem));
		last = &(*last)->next_member;
	}
}

void
cdp_lane_read_ledger(
    struct cdp_lane *ln, struct cdp_item *it, struct cdp_arena *mem)
{
	it->state = state_of(ln);
	it->tries = number(ln, "tries");
	it->first_ms = instant(ln, "first", mem);
	it->last_ms = instant(ln, "last", mem);
	it->due.due_ms = instant(ln, "due", mem);
	it->doubt = it->state == CDP_LANE_ATTEMPT ||
	    cdp_tape_get(&ln->tape, 0, CDP_STR("doubt")) != CDP_NOTOK;
}

int
cdp_lane_undo(struct cdp_lane *ln, struct cdp_str key, enum cdp_lane_undo *ret,
    struct cdp_err *err)
{
	struct cdp_buf was = ln->val;
	enum cdp_lane_state state;
	int rc;

	ln->val = (struct cdp_buf){ 0 };
	*ret = CDP_UNDO_NOW;
	if ((rc = cdp_lane_known(ln, key, err)) == 0) {
		state = state_of(ln);
		if (state < CDP_LANE_SENT)
			*ret = CDP_UNDO_LATER;
		else if (state >= CDP_LANE_DEAD && number(ln, "tries") == 0)
			*ret = CDP_UNDO_NEVER;
	}
	cdp_buf_free(&ln->val);
	ln->val = was;
	return rc == CDP_END ? 0 : rc;
}

/* One that was settled has no entry, or a ledger that says so. */
static int
load(struct cdp_lane *ln, uint64_t seq, struct cdp_arena *mem,
    struct cdp_err *err)
{
	struct cdp_str key, profile;
	struct cdp_item *it;
	uint32_t members;
	int rc = cdp_lane_get(ln, cdp_lane_entry(ln, seq), err);

	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	key = text(ln, 0, "key", mem);
	profile = text(ln, 0, "profile", mem);
	members = cdp_tape_get(&ln->tape, 0, CDP_STR("members"));
	it = cdp_lane_enter(ln, seq, key, members != CDP_NOTOK ? key : profile);
	it->most = number(ln, "most");
	it->kind = ln->batch ? cdp_lane_kind(&ln->tape, it->most) : 0;
	it->parcel = members != CDP_NOTOK;
	if (it->parcel)
		load_members(ln, members, it, mem);
	rc = cdp_lane_get(ln, cdp_lane_ledger(ln, key), err);
	if (rc == 0)
		cdp_lane_read_ledger(ln, it, mem);
	if (rc == CDP_END || (rc == 0 && it->state >= CDP_LANE_SENT) ||
	    (rc == 0 && number(ln, "seq") != (int64_t)seq)) {
		cdp_lane_drop(ln, it);
		return 0;
	}
	if (rc == 0 && it->who->first == it)
		cdp_lane_line_up(ln, it);
	return rc;
}

int
cdp_lane_fill(struct cdp_lane *ln, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	int rc = 0;

	while (rc == 0 && ln->n < CDP_LANE_WINDOW && ln->loaded < ln->tail) {
		rc = load(ln, ln->loaded + 1, &mem, err);
		if (rc == 0)
			ln->loaded++;
		cdp_arena_reset(&mem);
	}
	cdp_arena_free(&mem);
	return rc;
}
