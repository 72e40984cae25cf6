#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/states.h"

#define HELD_MAX ((size_t)256 << 20)
#define BESIDE 136 /* bytes that each takes at least, about */
#define LOOKS 32   /* at those who are packed, for each line */

void
cdp_states_init(
    struct cdp_states *ss, const struct cdp_states_ops *ops, void *self)
{
	*ss = (struct cdp_states){
		.ops = ops, .self = self, .max_bytes = HELD_MAX
	};
	ss->cold = cdp_cold_new();
}

/* ---- one in its memory ---- */

/*
 * A state is one piece of memory: the struct, then the id.  Of a small one the
 * struct is struct cdp_state alone, and behind the id stands what is packed.
 */
static size_t
size(const struct cdp_states *ss, const struct cdp_state *k)
{
	if (!k->small)
		return ss->ops->size + k->due.id.n;
	return sizeof(*k) + k->due.id.n + k->at;
}

/* As much as *like says, with its id. */
static struct cdp_state *
make(struct cdp_states *ss, const struct cdp_state *like)
{
	struct cdp_str id = like->due.id;
	struct cdp_state *k = like->small
	    ? cdp_slab_get(&ss->small, size(ss, like))
	    : cdp_xcalloc(1, size(ss, like));
	char *p = (char *)k + (like->small ? sizeof(*k) : ss->ops->size);

	memcpy(p, id.p, id.n);
	*k = *like;
	k->due.id = (struct cdp_str){ p, id.n };
	return k;
}

static void
unmake(struct cdp_states *ss, struct cdp_state *k)
{
	if (k->small)
		cdp_slab_put(&ss->small, k, size(ss, k));
	else
		free(k);
}

static struct cdp_str
packed(const struct cdp_state *k)
{
	return (struct cdp_str){ k->due.id.p + k->due.id.n, k->bytes };
}

static void
add_hot(struct cdp_states *ss, struct cdp_state *k)
{
	if (ss->nhot == ss->hotcap) {
		ss->hotcap = ss->hotcap != 0 ? ss->hotcap * 2 : 256;
		ss->hot = cdp_xreallocarray(
		    ss->hot, ss->hotcap, sizeof(struct cdp_state *));
	}
	ss->hot[ss->nhot++] = k;
	k->at = (uint32_t)ss->nhot;
	k->loaded = true;
}

static void
count(struct cdp_states *ss, struct cdp_state *k)
{
	size_t n = ss->ops->size + ss->ops->bytes(ss->self, k);

	ss->hot_bytes -= k->bytes;
	k->bytes = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	ss->hot_bytes += k->bytes;
}

/* Let go of all but the id and the timer. */
static void
cool(struct cdp_states *ss, struct cdp_state *k)
{
	if (k->loaded) {
		ss->ops->drop(ss->self, k);
		ss->hot_bytes -= k->bytes;
		ss->hot[k->at - 1] = ss->hot[--ss->nhot];
		ss->hot[k->at - 1]->at = k->at;
	} else if (k->packed) {
		ss->cold_bytes -= k->bytes;
	}
	k->loaded = k->packed = k->learned = false;
	k->bytes = 0;
}

static void
forget(struct cdp_states *ss, struct cdp_state *k)
{
	cool(ss, k);
	cdp_map_del(&ss->by_id, k->due.id);
	unmake(ss, k);
}

/* The same one, cooled, in another piece of memory. */
static struct cdp_state *
move(struct cdp_states *ss, struct cdp_state *k, bool small, size_t behind)
{
	struct cdp_state like = *k, *to;
	struct cdp_map_ent *e = cdp_map_find(&ss->by_id, k->due.id);

	like.small = small;
	like.at = (uint32_t)behind;
	to = make(ss, &like);
	e->key = to->due.id;
	e->val = to;
	cdp_due_moved(&ss->due, &to->due);
	if (to->listed != 0)
		ss->touched[to->listed - 1] = to;
	unmake(ss, k);
	return to;
}

void
cdp_states_free(struct cdp_states *ss)
{
	struct cdp_map_ent *e;
	struct cdp_state *k;
	size_t i = 0;

	while ((e = cdp_map_next(&ss->by_id, &i)) != NULL) {
		k = e->val;
		cool(ss, k);
		unmake(ss, k);
	}
	cdp_map_free(&ss->by_id);
	cdp_slab_free(&ss->small);
	cdp_due_free(&ss->due);
	cdp_cold_free(ss->cold);
	cdp_tape_free(&ss->tape);
	cdp_buf_free(&ss->buf);
	cdp_buf_free(&ss->packed);
	free(ss->touched);
	free(ss->hot);
}

static struct cdp_state *
add(struct cdp_states *ss, struct cdp_str id, bool small)
{
	struct cdp_state like = { .due = { .id = id, .due_ms = INT64_MAX },
		.small = small };
	struct cdp_state *k = make(ss, &like);

	*cdp_map_at(&ss->by_id, k->due.id) = k;
	return k;
}

static int
queue(void *arg, struct cdp_str key, int64_t due_ms)
{
	struct cdp_states *ss = arg;
	struct cdp_state *k;

	if (cdp_map_get(&ss->by_id, key) != NULL)
		return 0;
	k = add(ss, key, true);
	k->stored = true;
	cdp_states_due(ss, k, due_ms);
	return 0;
}

void
cdp_states_open(struct cdp_states *ss, struct cdp_log *log,
    struct cdp_str clock, int64_t now_ms)
{
	ss->log = log;
	cdp_log_due_start(log, clock, now_ms);
}

int
cdp_states_ripe(struct cdp_states *ss, int64_t until_ms, struct cdp_err *err)
{
	return ss->log != NULL ? cdp_log_due(ss->log, until_ms, queue, ss, err)
			       : 0;
}

void
cdp_states_due(struct cdp_states *ss, struct cdp_state *k, int64_t due_ms)
{
	cdp_due_set(&ss->due, &k->due, due_ms);
	k->due.due_ms = due_ms;
}

/* ---- looking at one ---- */

static void
touch(struct cdp_states *ss, struct cdp_state *k)
{
	k->used = true;
	if (k->listed != 0 || ss->log == NULL)
		return;
	if (ss->ntouched == ss->cap) {
		ss->cap = ss->cap != 0 ? ss->cap * 2 : 256;
		ss->touched = cdp_xreallocarray(
		    ss->touched, ss->cap, sizeof(struct cdp_state *));
	}
	ss->touched[ss->ntouched++] = k;
	k->listed = (uint32_t)ss->ntouched;
}

static void
begin(struct cdp_states *ss, struct cdp_state *k)
{
	add_hot(ss, k);
	ss->ops->clear(ss->self, k);
	count(ss, k);
}

/* Take what stands in buf. */
static int
take(struct cdp_states *ss, struct cdp_state *k, struct cdp_err *err)
{
	if (cdp_tape_parse(&ss->tape, cdp_buf_str(&ss->buf), err) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "cannot read what is kept of '%.*s'", (int)k->due.id.n,
		    k->due.id.p);
	ss->ops->read(ss->self, k, &ss->tape);
	count(ss, k);
	return 0;
}

/* Begin with one who is hot and empty: what the log has of it, if anything. */
static int
fill(struct cdp_states *ss, struct cdp_state *k, struct cdp_err *err)
{
	int64_t due_ms;
	int rc = CDP_END;

	cdp_buf_reset(&ss->buf);
	if (ss->log != NULL)
		rc =
		    cdp_log_get_due(ss->log, k->due.id, &ss->buf, &due_ms, err);
	if (rc < 0)
		return rc;
	k->stored = rc == 0;
	if (rc == CDP_END)
		return 0;
	if (k->due.at == 0)
		cdp_states_due(ss, k, due_ms);
	return take(ss, k, err);
}

static int
load(struct cdp_states *ss, struct cdp_state **k, struct cdp_err *err)
{
	bool was_packed = (*k)->packed;
	int rc = 0;

	if (!(*k)->loaded) {
		cdp_buf_reset(&ss->buf);
		if (was_packed)
			cdp_cold_open(
			    ss->cold, packed(*k), (*k)->learned, &ss->buf);
		cool(ss, *k);
		*k = move(ss, *k, false, 0);
		begin(ss, *k);
		rc = was_packed ? take(ss, *k, err) : fill(ss, *k, err);
	}
	touch(ss, *k);
	return rc;
}

int
cdp_states_get(struct cdp_states *ss, struct cdp_str id, struct cdp_state **ret,
    struct cdp_err *err)
{
	*ret = cdp_map_get(&ss->by_id, id);
	if (*ret != NULL)
		return load(ss, ret, err);
	*ret = add(ss, id, false);
	begin(ss, *ret);
	touch(ss, *ret);
	return fill(ss, *ret, err);
}

int
cdp_states_first(struct cdp_states *ss, int64_t until_ms,
    struct cdp_state **ret, struct cdp_err *err)
{
	struct cdp_due_own *own = cdp_due_min(&ss->due);

	if (own == NULL || own->due_ms > until_ms)
		return CDP_END;
	*ret = (struct cdp_state *)own; /* its first member */
	return load(ss, ret, err);
}

bool
cdp_states_holds(const struct cdp_states *ss, struct cdp_str id)
{
	const struct cdp_state *k = cdp_map_get(&ss->by_id, id);

	return k != NULL && (k->loaded || k->packed);
}

void
cdp_states_changed(struct cdp_states *ss, struct cdp_state *k)
{
	touch(ss, k);
	count(ss, k);
	k->dirty = true;
}

void
cdp_states_clear(struct cdp_states *ss, struct cdp_state *k)
{
	ss->ops->drop(ss->self, k);
	memset(k + 1, 0, ss->ops->size - sizeof(*k));
	ss->ops->clear(ss->self, k);
	cdp_states_due(ss, k, INT64_MAX);
	cdp_states_changed(ss, k);
}

/* ---- writing ---- */

bool
cdp_states_text(
    struct cdp_states *ss, const struct cdp_state *k, struct cdp_buf *ret)
{
	cdp_buf_reset(ret);
	if (k->packed)
		cdp_cold_open(ss->cold, packed(k), k->learned, ret);
	else if (k->loaded && !ss->ops->empty(ss->self, k))
		ss->ops->write(ss->self, k, ret);
	return ret->n != 0;
}

void
cdp_states_each(struct cdp_states *ss,
    void (*fn)(void *arg, struct cdp_str id, struct cdp_str text), void *arg)
{
	const struct cdp_map_ent *e;
	const struct cdp_state *k;
	size_t i = 0;

	while ((e = cdp_map_next(&ss->by_id, &i)) != NULL) {
		k = e->val;
		if (cdp_states_text(ss, k, &ss->buf))
			fn(arg, k->due.id, cdp_buf_str(&ss->buf));
	}
}

static void
put(struct cdp_states *ss, struct cdp_state *k)
{
	bool empty = !cdp_states_text(ss, k, &ss->buf);

	if (!empty || k->stored)
		cdp_log_put(
		    ss->log, k->due.id, cdp_buf_str(&ss->buf), k->due.due_ms);
	k->dirty = false;
	k->stored = !empty;
}

void
cdp_states_save(struct cdp_states *ss)
{
	struct cdp_state *k;
	size_t i;

	for (i = 0; i < ss->ntouched; i++) {
		if ((k = ss->touched[i]) == NULL)
			continue;
		k->listed = 0;
		if (k->dirty)
			put(ss, k);
		/* Who keeps nothing is never packed. */
		if (ss->ops->fleeting && k->loaded &&
		    ss->ops->empty(ss->self, k))
			forget(ss, k);
	}
	ss->ntouched = 0;
}

/* ---- room for others ---- */

/* Only who is yet to be written must be found by the next epoch. */
static void
unlist(struct cdp_states *ss, struct cdp_state *k)
{
	if (k->listed != 0)
		ss->touched[k->listed - 1] = NULL;
	k->listed = 0;
}

/* Forget what the log has of it. */
static void
leave(struct cdp_states *ss, struct cdp_state *k)
{
	unlist(ss, k);
	if (k->due.at == 0) {
		forget(ss, k);
		return;
	}
	cool(ss, k);
	move(ss, k, true, 0);
}

static void
pack(struct cdp_states *ss, struct cdp_state *k)
{
	bool learned;
	struct cdp_str s;

	cdp_buf_reset(&ss->buf);
	ss->ops->write(ss->self, k, &ss->buf);
	learned = cdp_cold_pack(ss->cold, cdp_buf_str(&ss->buf), &ss->packed);
	s = cdp_buf_str(&ss->packed);
	cool(ss, k);
	k = move(ss, k, true, s.n);
	memcpy((char *)k->due.id.p + k->due.id.n, s.p, s.n);
	k->packed = true;
	k->learned = learned;
	k->bytes = (uint32_t)s.n;
	ss->cold_bytes += k->bytes;
}

static bool
is_full(const struct cdp_states *ss)
{
	return ss->cold_bytes + ss->by_id.n * BESIDE >
	    ss->max_bytes - ss->max_bytes / 16;
}

/* False: it is yet to be written that it keeps nothing. */
static bool
let_go(struct cdp_states *ss, struct cdp_state *k)
{
	bool known = ss->log == NULL || !k->dirty;

	if (ss->ops->empty(ss->self, k)) {
		if (!known)
			return false;
		unlist(ss, k);
		forget(ss, k);
	} else if (ss->log != NULL && known && is_full(ss)) {
		leave(ss, k);
	} else {
		pack(ss, k);
	}
	return true;
}

/* Those who are packed go by turns, if the log has them. */
static void
shed(struct cdp_states *ss)
{
	const struct cdp_map_ent *e;
	struct cdp_state *k;

	for (size_t i = 0; i < LOOKS && ss->cold_bytes != 0 && is_full(ss);
	     i++) {
		if ((e = cdp_map_next(&ss->by_id, &ss->turn)) == NULL) {
			ss->turn = 0;
			continue;
		}
		k = e->val;
		if (k->packed && !k->dirty)
			leave(ss, k);
	}
}

void
cdp_states_trim(struct cdp_states *ss)
{
	size_t max = ss->max_bytes / 16, looks = 2 * ss->nhot;
	struct cdp_state *k;

	if (ss->log != NULL)
		shed(ss);
	if (ss->hot_bytes <= max || ss->hot_bytes <= ss->trim_at)
		return;
	for (; looks > 0 && ss->hot_bytes > max; looks--) {
		if (ss->hand >= ss->nhot)
			ss->hand = 0;
		k = ss->hot[ss->hand];
		if (!k->used && let_go(ss, k))
			continue;
		k->used = false;
		ss->hand++;
	}
	ss->trim_at = ss->hot_bytes > max ? 2 * ss->hot_bytes : 0;
}
