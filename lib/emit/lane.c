#include "lib/emit/lane.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

const char *const cdp_lane_states[CDP_LANE_NSTATES] = { "queued", "attempt",
	"retry", "sent", "dead", "held" };

struct cdp_lane_person {
	struct cdp_item *first, *last;
	struct cdp_str id; /* behind this struct */
};

/* ---- keys and values ---- */

static struct cdp_str
entry_key(struct cdp_lane *ln, uint64_t seq)
{
	cdp_buf_reset(&ln->key);
	cdp_buf_printf(&ln->key, "q:%.*s:%012llu", (int)ln->name.n, ln->name.p,
	    (unsigned long long)seq);
	return cdp_buf_str(&ln->key);
}

static struct cdp_str
ledger_key(struct cdp_lane *ln, struct cdp_str key)
{
	cdp_buf_reset(&ln->key);
	cdp_buf_puts(&ln->key, "k:");
	cdp_buf_put(&ln->key, key);
	return cdp_buf_str(&ln->key);
}

static struct cdp_str
counter_key(struct cdp_lane *ln)
{
	cdp_buf_reset(&ln->key);
	cdp_buf_puts(&ln->key, "h:");
	cdp_buf_put(&ln->key, ln->name);
	return cdp_buf_str(&ln->key);
}

/* The value of key into ln->val and ln->tape. */
static int
get(struct cdp_lane *ln, struct cdp_str key, struct cdp_err *err)
{
	int rc;

	cdp_buf_reset(&ln->val);
	if ((rc = cdp_log_get(ln->log, key, &ln->val, err)) != 0)
		return rc;
	if (cdp_tape_parse(&ln->tape, cdp_buf_str(&ln->val), NULL) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "the ledger has no sense at '%.*s'", (int)key.n, key.p);
	return 0;
}

static int64_t
number(const struct cdp_lane *ln, const char *name)
{
	int64_t n = 0;

	cdp_tape_i64(
	    &ln->tape, cdp_tape_get(&ln->tape, 0, cdp_str_of(name)), &n);
	return n;
}

static void
put_ledger(struct cdp_lane *ln, const struct cdp_item *it, struct cdp_str said)
{
	struct cdp_buf *b = &ln->val;

	cdp_buf_reset(b);
	cdp_buf_printf(b, "{\"destination\":");
	cdp_json_str(b, ln->name);
	cdp_json_ki64(b, "seq", (int64_t)it->seq);
	cdp_json_kstr(b, "profile", it->who->id);
	cdp_json_kstr(b, "status", cdp_str_of(cdp_lane_states[it->state]));
	if (it->tries != 0) {
		cdp_json_ki64(b, "tries", it->tries);
		cdp_json_ktime(b, "first", it->first_ms);
		cdp_json_ktime(b, "last", it->last_ms);
	}
	if (it->state == CDP_LANE_RETRY)
		cdp_json_ktime(b, "due", it->due.due_ms);
	if (it->doubt)
		cdp_json_kraw(b, "doubt", CDP_STR("true"));
	if (said.n != 0)
		cdp_json_kstr(b, "said", said);
	cdp_buf_putc(b, '}');
	cdp_log_put(ln->log, ledger_key(ln, cdp_str_of(it->key)),
	    cdp_buf_str(b), INT64_MAX);
}

/* ---- the window ---- */

static struct cdp_lane_person *
person(struct cdp_lane *ln, struct cdp_str id)
{
	struct cdp_lane_person *p = cdp_map_get(&ln->people, id);
	char *text;

	if (p != NULL)
		return p;
	p = cdp_xcalloc(1, sizeof(*p) + id.n + 1);
	text = (char *)(p + 1);
	if (id.n != 0)
		memcpy(text, id.p, id.n);
	p->id = (struct cdp_str){ text, id.n };
	*cdp_map_at(&ln->people, p->id) = p;
	return p;
}

static void
make_ready(struct cdp_lane *ln, struct cdp_item *it)
{
	it->ready = NULL;
	if (ln->last != NULL)
		ln->last->ready = it;
	else
		ln->first = it;
	ln->last = it;
}

/* The first of its profile: it may leave when it is due. */
static void
line_up(struct cdp_lane *ln, struct cdp_item *it)
{
	if (it->state == CDP_LANE_RETRY)
		cdp_due_set(&ln->later, &it->due, it->due.due_ms);
	else
		make_ready(ln, it);
}

static struct cdp_item *
enter(struct cdp_lane *ln, uint64_t seq, struct cdp_str key,
    struct cdp_str profile)
{
	struct cdp_item *it = cdp_xcalloc(1, sizeof(*it));
	struct cdp_lane_person *p = person(ln, profile);

	it->seq = seq;
	snprintf(it->key, sizeof(it->key), "%.*s", (int)key.n, key.p);
	it->due.id = cdp_str_of(it->key);
	it->who = p;
	if (p->last != NULL)
		p->last->next = it;
	else
		p->first = it;
	p->last = it;
	it->up = ln->newest;
	if (ln->newest != NULL)
		ln->newest->down = it;
	else
		ln->oldest = it;
	ln->newest = it;
	ln->n++;
	return it;
}

/* Out of the window; the next of its profile comes up. */
static void
leave(struct cdp_lane *ln, struct cdp_item *it)
{
	struct cdp_lane_person *p = it->who;

	p->first = it->next;
	if (p->first != NULL) {
		line_up(ln, p->first);
	} else {
		cdp_map_del(&ln->people, p->id);
		free(p);
	}
	if (it->up != NULL)
		it->up->down = it->down;
	else
		ln->oldest = it->down;
	if (it->down != NULL)
		it->down->up = it->up;
	else
		ln->newest = it->up;
	ln->n--;
	ln->changed = true;
	free(it);
}

void
cdp_lane_free(struct cdp_lane *ln)
{
	struct cdp_item *it, *down;
	struct cdp_map_ent *e;
	size_t i = 0;

	for (it = ln->oldest; it != NULL; it = down) {
		down = it->down;
		free(it);
	}
	while ((e = cdp_map_next(&ln->people, &i)) != NULL)
		free(e->val);
	cdp_map_free(&ln->people);
	cdp_due_free(&ln->later);
	cdp_buf_free(&ln->key);
	cdp_buf_free(&ln->val);
	cdp_tape_free(&ln->tape);
}

/* ---- from the disk ---- */

int
cdp_lane_open(struct cdp_lane *ln, struct cdp_log *log, struct cdp_str name,
    struct cdp_err *err)
{
	int64_t head;
	int rc;

	*ln = (struct cdp_lane){ .log = log, .name = name };
	rc = get(ln, counter_key(ln), err);
	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	head = number(ln, "head");
	ln->tail = (uint64_t)number(ln, "tail");
	ln->dead = (uint64_t)number(ln, "dead");
	ln->held = (uint64_t)number(ln, "held");
	if (head < 1 || (uint64_t)head > ln->tail + 1)
		return cdp_fail(err, CDP_ECORRUPT,
		    "the queue of '%.*s' is damaged", (int)name.n, name.p);
	ln->loaded = (uint64_t)head - 1;
	return 0;
}

static int64_t
instant(const struct cdp_lane *ln, const char *name, struct cdp_arena *mem)
{
	int64_t ms = 0;
	uint32_t at = cdp_tape_get(&ln->tape, 0, cdp_str_of(name));

	cdp_time_parse(cdp_tape_str(&ln->tape, at, mem), &ms);
	return ms;
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

/* One that was settled has no entry, or a ledger that says so. */
static int
load(struct cdp_lane *ln, uint64_t seq, struct cdp_arena *mem,
    struct cdp_err *err)
{
	struct cdp_str key, profile;
	struct cdp_item *it;
	enum cdp_lane_state state;
	int rc = get(ln, entry_key(ln, seq), err);

	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	key = cdp_arena_dup(mem,
	    cdp_tape_str(
		&ln->tape, cdp_tape_get(&ln->tape, 0, CDP_STR("key")), mem));
	profile = cdp_arena_dup(mem,
	    cdp_tape_str(&ln->tape,
		cdp_tape_get(&ln->tape, 0, CDP_STR("profile")), mem));
	if ((rc = get(ln, ledger_key(ln, key), err)) != 0)
		return rc == CDP_END ? 0 : rc;
	state = state_of(ln);
	if (state >= CDP_LANE_SENT || number(ln, "seq") != (int64_t)seq)
		return 0;
	it = enter(ln, seq, key, profile);
	it->state = state;
	it->tries = number(ln, "tries");
	it->first_ms = instant(ln, "first", mem);
	it->last_ms = instant(ln, "last", mem);
	it->due.due_ms = instant(ln, "due", mem);
	it->doubt = state == CDP_LANE_ATTEMPT ||
	    cdp_tape_get(&ln->tape, 0, CDP_STR("doubt")) != CDP_NOTOK;
	if (it->who->first == it)
		line_up(ln, it);
	return 0;
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

int
cdp_lane_known(struct cdp_lane *ln, struct cdp_str key, struct cdp_err *err)
{
	return get(ln, ledger_key(ln, key), err);
}

/* ---- in and out ---- */

void
cdp_lane_add(struct cdp_lane *ln, struct cdp_str key, struct cdp_str profile,
    struct cdp_str json)
{
	uint64_t seq = ++ln->tail;
	struct cdp_lane_person who = { .id = profile };
	struct cdp_item none = { .seq = seq, .who = &who };

	cdp_log_put(ln->log, entry_key(ln, seq), json, INT64_MAX);
	snprintf(none.key, sizeof(none.key), "%.*s", (int)key.n, key.p);
	put_ledger(ln, &none, (struct cdp_str){ 0 });
	ln->changed = true;
	if (ln->loaded + 1 == seq && ln->n < CDP_LANE_WINDOW) {
		struct cdp_item *it = enter(ln, seq, key, profile);

		ln->loaded = seq;
		if (it->who->first == it)
			line_up(ln, it);
	}
}

void
cdp_lane_save(struct cdp_lane *ln)
{
	struct cdp_buf *b = &ln->val;
	uint64_t head = ln->oldest != NULL ? ln->oldest->seq : ln->loaded + 1;

	if (!ln->changed)
		return;
	ln->changed = false;
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_ki64(b, "head", (int64_t)head);
	cdp_json_ki64(b, "tail", (int64_t)ln->tail);
	cdp_json_ki64(b, "dead", (int64_t)ln->dead);
	cdp_json_ki64(b, "held", (int64_t)ln->held);
	cdp_buf_putc(b, '}');
	cdp_log_put(ln->log, counter_key(ln), cdp_buf_str(b), INT64_MAX);
}

void
cdp_lane_wake(struct cdp_lane *ln, int64_t now_ms)
{
	struct cdp_due_own *o;

	while ((o = cdp_due_min(&ln->later)) != NULL && o->due_ms <= now_ms) {
		int64_t due_ms = o->due_ms;

		cdp_due_set(&ln->later, o, INT64_MAX);
		o->due_ms = due_ms;
		make_ready(ln, (struct cdp_item *)o); /* its first member */
	}
}

struct cdp_item *
cdp_lane_take(struct cdp_lane *ln)
{
	struct cdp_item *it = ln->first;

	if (it == NULL)
		return NULL;
	ln->first = it->ready;
	if (ln->first == NULL)
		ln->last = NULL;
	return it;
}

void
cdp_lane_untake(struct cdp_lane *ln, struct cdp_item *it)
{
	it->ready = ln->first;
	ln->first = it;
	if (ln->last == NULL)
		ln->last = it;
}

int
cdp_lane_read(struct cdp_lane *ln, const struct cdp_item *it,
    struct cdp_str *json, struct cdp_err *err)
{
	int rc;

	cdp_buf_reset(&ln->val);
	rc = cdp_log_get(ln->log, entry_key(ln, it->seq), &ln->val, err);
	*json = cdp_buf_str(&ln->val);
	return rc;
}

void
cdp_lane_attempt(struct cdp_lane *ln, struct cdp_item *it, int64_t now_ms)
{
	it->state = CDP_LANE_ATTEMPT;
	it->tries++;
	if (it->first_ms == 0)
		it->first_ms = now_ms;
	it->last_ms = now_ms;
	put_ledger(ln, it, (struct cdp_str){ 0 });
}

/* What is dead or held keeps its entry: a person may send it after all. */
void
cdp_lane_settle(struct cdp_lane *ln, struct cdp_item *it,
    enum cdp_lane_state state, struct cdp_str said, int64_t due_ms)
{
	it->state = state;
	it->due.due_ms = due_ms;
	put_ledger(ln, it, said);
	if (state == CDP_LANE_RETRY) {
		line_up(ln, it);
		return;
	}
	if (state == CDP_LANE_SENT)
		cdp_log_put(ln->log, entry_key(ln, it->seq),
		    (struct cdp_str){ 0 }, INT64_MAX);
	ln->dead += state == CDP_LANE_DEAD;
	ln->held += state == CDP_LANE_HELD;
	leave(ln, it);
}

void
cdp_lane_drop(struct cdp_lane *ln, struct cdp_item *it)
{
	leave(ln, it);
}

bool
cdp_lane_waits(const struct cdp_lane *ln)
{
	return ln->n != 0 || ln->loaded < ln->tail;
}
