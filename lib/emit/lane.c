#include "lib/emit/laneint.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

const char *const cdp_lane_states[CDP_LANE_NSTATES] = { "queued", "attempt",
	"retry", "sent", "dead", "held", "past" };

/* ---- keys and values ---- */

struct cdp_str
cdp_lane_entry(struct cdp_lane *ln, uint64_t seq)
{
	cdp_buf_reset(&ln->key);
	cdp_buf_printf(&ln->key, "q:%.*s:%012llu", (int)ln->name.n, ln->name.p,
	    (unsigned long long)seq);
	return cdp_buf_str(&ln->key);
}

struct cdp_str
cdp_lane_ledger(struct cdp_lane *ln, struct cdp_str key)
{
	cdp_buf_reset(&ln->key);
	cdp_buf_puts(&ln->key, "k:");
	cdp_buf_put(&ln->key, key);
	return cdp_buf_str(&ln->key);
}

struct cdp_str
cdp_lane_counter(struct cdp_lane *ln)
{
	cdp_buf_reset(&ln->key);
	cdp_buf_puts(&ln->key, "h:");
	cdp_buf_put(&ln->key, ln->name);
	return cdp_buf_str(&ln->key);
}

int
cdp_lane_get(struct cdp_lane *ln, struct cdp_str key, struct cdp_err *err)
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
	cdp_log_put(ln->log, cdp_lane_ledger(ln, cdp_str_of(it->key)),
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
	ln->nready++;
	if (ln->last != NULL)
		ln->last->ready = it;
	else
		ln->first = it;
	ln->last = it;
}

void
cdp_lane_line_up(struct cdp_lane *ln, struct cdp_item *it)
{
	if (it->state == CDP_LANE_RETRY)
		cdp_due_set(&ln->later, &it->due, it->due.due_ms);
	else
		make_ready(ln, it);
}

/* The last before seq; a parcel's place is near the oldest. */
static struct cdp_item *
before(const struct cdp_lane *ln, uint64_t seq)
{
	struct cdp_item *up = ln->newest;

	if (up == NULL || up->seq <= seq)
		return up;
	if (seq - ln->oldest->seq > up->seq - seq) {
		while (up != NULL && up->seq > seq)
			up = up->up;
		return up;
	}
	for (up = ln->oldest; up->seq <= seq; up = up->down)
		;
	return up->up;
}

/* In order of seq: members of a parcel come before their turn. */
static void
insert(struct cdp_lane *ln, struct cdp_item *it)
{
	struct cdp_item *up = before(ln, it->seq);

	it->up = up;
	it->down = up != NULL ? up->down : ln->oldest;
	if (it->down != NULL)
		it->down->up = it;
	else
		ln->newest = it;
	if (up != NULL)
		up->down = it;
	else
		ln->oldest = it;
	ln->n++;
}

struct cdp_item *
cdp_lane_enter(struct cdp_lane *ln, uint64_t seq, struct cdp_str key,
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
	insert(ln, it);
	return it;
}

void
cdp_lane_block(struct cdp_lane *ln, struct cdp_item *it)
{
	it->ready = ln->blocked;
	ln->blocked = it;
}

/* Out of the window; the next of its profile comes up, and who was blocked
 * looks again. */
static void
leave(struct cdp_lane *ln, struct cdp_item *it)
{
	struct cdp_lane_person *p = it->who;
	struct cdp_item *next;

	while ((next = ln->blocked) != NULL) {
		ln->blocked = next->ready;
		make_ready(ln, next);
	}

	p->first = it->next;
	if (p->first != NULL) {
		cdp_lane_line_up(ln, p->first);
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

int
cdp_lane_known(struct cdp_lane *ln, struct cdp_str key, struct cdp_err *err)
{
	return cdp_lane_get(ln, cdp_lane_ledger(ln, key), err);
}

/* ---- in and out ---- */

void
cdp_lane_note(struct cdp_lane *ln, struct cdp_item *it, struct cdp_str profile,
    struct cdp_str said)
{
	struct cdp_lane_person who = { .id = profile };

	it->who = &who;
	put_ledger(ln, it, said);
	if (it->state == CDP_LANE_SENT || it->state == CDP_LANE_PAST)
		cdp_lane_put(ln, it, (struct cdp_str){ 0 });
	it->who = NULL;
}

void
cdp_lane_add(struct cdp_lane *ln, struct cdp_str key, struct cdp_str profile,
    struct cdp_str json)
{
	uint64_t seq = ++ln->tail, kind = 0;
	struct cdp_item first = { .seq = seq, .state = CDP_LANE_QUEUED };

	cdp_log_put(ln->log, cdp_lane_entry(ln, seq), json, INT64_MAX);
	if (ln->batch && cdp_tape_parse(&ln->tape, json, NULL) == 0)
		kind = cdp_lane_kind(&ln->tape, 0);
	snprintf(first.key, sizeof(first.key), "%.*s", (int)key.n, key.p);
	cdp_lane_note(ln, &first, profile, (struct cdp_str){ 0 });
	ln->changed = true;
	if (ln->loaded + 1 == seq && ln->n < CDP_LANE_WINDOW) {
		struct cdp_item *it = cdp_lane_enter(ln, seq, key, profile);

		ln->loaded = seq;
		it->kind = kind;
		if (it->who->first == it)
			cdp_lane_line_up(ln, it);
	}
}

void
cdp_lane_rest(struct cdp_lane *ln, int64_t until_ms)
{
	if (until_ms <= ln->rest_ms)
		return;
	ln->rest_ms = until_ms;
	ln->changed = true;
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
	if (ln->rest_ms != 0)
		cdp_json_ktime(b, "rest", ln->rest_ms);
	cdp_buf_putc(b, '}');
	cdp_log_put(ln->log, cdp_lane_counter(ln), cdp_buf_str(b), INT64_MAX);
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
	ln->nready--;
	return it;
}

struct cdp_item *
cdp_lane_take_kind(struct cdp_lane *ln, uint64_t kind)
{
	struct cdp_item *before = NULL, *it = ln->first;

	while (it != NULL && (it->kind != kind || it->parcel)) {
		before = it;
		it = it->ready;
	}
	if (it == NULL || before == NULL)
		return it != NULL ? cdp_lane_take(ln) : NULL;
	before->ready = it->ready;
	if (ln->last == it)
		ln->last = before;
	ln->nready--;
	return it;
}

void
cdp_lane_untake(struct cdp_lane *ln, struct cdp_item *it)
{
	it->ready = ln->first;
	ln->nready++;
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
	rc = cdp_log_get(ln->log, cdp_lane_entry(ln, it->seq), &ln->val, err);
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
		cdp_lane_line_up(ln, it);
		return;
	}
	if (state == CDP_LANE_SENT || state == CDP_LANE_PAST)
		cdp_log_put(ln->log, cdp_lane_entry(ln, it->seq),
		    (struct cdp_str){ 0 }, INT64_MAX);
	ln->dead += state == CDP_LANE_DEAD;
	ln->held += state == CDP_LANE_HELD;
	leave(ln, it);
}

void
cdp_lane_drop(struct cdp_lane *ln, struct cdp_item *it)
{
	struct cdp_item *m, *next;

	for (m = it->member; m != NULL; m = next) {
		next = m->next_member;
		leave(ln, m);
	}
	leave(ln, it);
}

/* ---- parcels ---- */

void
cdp_lane_put(
    struct cdp_lane *ln, const struct cdp_item *it, struct cdp_str json)
{
	cdp_log_put(ln->log, cdp_lane_entry(ln, it->seq), json, INT64_MAX);
}

/* It takes the place of the oldest: none of theirs comes before it. */
struct cdp_item *
cdp_lane_pack(struct cdp_lane *ln, struct cdp_item *member, struct cdp_str key,
    struct cdp_str json)
{
	uint64_t seq = member->seq;
	struct cdp_item *it;

	for (it = member; it != NULL; it = it->next_member) {
		seq = it->seq < seq ? it->seq : seq;
		cdp_lane_put(ln, it, (struct cdp_str){ 0 });
	}
	it = cdp_lane_enter(ln, seq, key, key);
	it->parcel = true;
	it->member = member;
	cdp_lane_put(ln, it, json);
	return it;
}

struct cdp_item *
cdp_lane_unpack(struct cdp_lane *ln, struct cdp_item *parcel)
{
	struct cdp_item *first = parcel->member, *it;

	for (it = first; it != NULL; it = it->next_member) {
		it->tries = parcel->tries;
		it->first_ms = parcel->first_ms;
		it->last_ms = parcel->last_ms;
		it->doubt = parcel->doubt;
	}
	cdp_lane_put(ln, parcel, (struct cdp_str){ 0 });
	cdp_log_put(ln->log, cdp_lane_ledger(ln, cdp_str_of(parcel->key)),
	    (struct cdp_str){ 0 }, INT64_MAX);
	leave(ln, parcel);
	return first;
}

bool
cdp_lane_waits(const struct cdp_lane *ln)
{
	return ln->n != 0 || ln->loaded < ln->tail;
}
