#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/states.h"

#define HELD_MAX ((size_t)256 << 20)

void
cdp_states_init(
    struct cdp_states *ss, const struct cdp_states_ops *ops, void *self)
{
	*ss = (struct cdp_states){
		.ops = ops, .self = self, .max_bytes = HELD_MAX
	};
}

static struct cdp_state *
make(struct cdp_states *ss, struct cdp_str id)
{
	struct cdp_state *k = cdp_xcalloc(1, ss->ops->size);

	k->due.id = cdp_mem_own(id);
	k->due.due_ms = INT64_MAX;
	*cdp_map_at(&ss->by_id, k->due.id) = k;
	return k;
}

static void
count(struct cdp_states *ss, struct cdp_state *k)
{
	ss->bytes -= k->bytes;
	k->bytes = ss->ops->size + ss->ops->bytes(ss->self, k);
	ss->bytes += k->bytes;
}

/* Forget all but the id and the timer. */
static void
unload(struct cdp_states *ss, struct cdp_state *k)
{
	ss->ops->drop(ss->self, k);
	memset(k + 1, 0, ss->ops->size - sizeof(*k));
	ss->bytes -= k->bytes;
	k->bytes = 0;
	k->loaded = k->dirty = false;
}

static void
forget(struct cdp_states *ss, struct cdp_state *k)
{
	unload(ss, k);
	cdp_map_del(&ss->by_id, k->due.id);
	cdp_mem_disown(&k->due.id);
	free(k);
}

void
cdp_states_free(struct cdp_states *ss)
{
	struct cdp_map_ent *e;
	size_t i = 0;

	while ((e = cdp_map_next(&ss->by_id, &i)) != NULL)
		forget(ss, e->val);
	cdp_map_free(&ss->by_id);
	cdp_due_free(&ss->due);
	cdp_tape_free(&ss->tape);
	cdp_buf_free(&ss->buf);
	free(ss->touched);
}

static int
queue(void *arg, struct cdp_str key, int64_t due_ms)
{
	struct cdp_states *ss = arg;
	struct cdp_state *k;

	if (cdp_map_get(&ss->by_id, key) != NULL)
		return 0;
	k = make(ss, key);
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

static void
touch(struct cdp_states *ss, struct cdp_state *k)
{
	k->used = true;
	if (k->listed || ss->log == NULL)
		return;
	k->listed = true;
	if (ss->ntouched == ss->cap) {
		ss->cap = ss->cap != 0 ? ss->cap * 2 : 256;
		ss->touched = cdp_xreallocarray(
		    ss->touched, ss->cap, sizeof(struct cdp_state *));
	}
	ss->touched[ss->ntouched++] = k;
}

int
cdp_states_load(struct cdp_states *ss, struct cdp_state *k, struct cdp_err *err)
{
	int64_t due_ms;
	int rc = CDP_END;

	touch(ss, k);
	if (k->loaded)
		return 0;
	k->loaded = true;
	ss->ops->clear(ss->self, k);
	cdp_buf_reset(&ss->buf);
	if (ss->log != NULL)
		rc =
		    cdp_log_get_due(ss->log, k->due.id, &ss->buf, &due_ms, err);
	count(ss, k);
	if (rc < 0)
		return rc;
	k->stored = rc == 0;
	if (rc == CDP_END)
		return 0;
	if (cdp_tape_parse(&ss->tape, cdp_buf_str(&ss->buf), err) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "cannot read what is kept of '%.*s'", (int)k->due.id.n,
		    k->due.id.p);
	if (k->due.at == 0)
		cdp_states_due(ss, k, due_ms);
	ss->ops->read(ss->self, k, &ss->tape);
	count(ss, k);
	return 0;
}

int
cdp_states_get(struct cdp_states *ss, struct cdp_str id, struct cdp_state **ret,
    struct cdp_err *err)
{
	struct cdp_state *k = cdp_map_get(&ss->by_id, id);

	if (k == NULL)
		k = make(ss, id);
	*ret = k;
	return cdp_states_load(ss, k, err);
}

void
cdp_states_due(struct cdp_states *ss, struct cdp_state *k, int64_t due_ms)
{
	cdp_due_set(&ss->due, &k->due, due_ms);
	k->due.due_ms = due_ms;
}

void
cdp_states_changed(struct cdp_states *ss, struct cdp_state *k)
{
	touch(ss, k);
	k->dirty = true;
}

void
cdp_states_clear(struct cdp_states *ss, struct cdp_state *k)
{
	unload(ss, k);
	k->loaded = true;
	ss->ops->clear(ss->self, k);
	count(ss, k);
	cdp_states_due(ss, k, INT64_MAX);
	cdp_states_changed(ss, k);
}

static void
put(struct cdp_states *ss, struct cdp_state *k, bool empty)
{
	cdp_buf_reset(&ss->buf);
	if (!empty)
		ss->ops->write(ss->self, k, &ss->buf);
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
	bool empty;
	size_t i;

	for (i = 0; i < ss->ntouched; i++) {
		k = ss->touched[i];
		k->listed = false;
		empty = ss->ops->empty(ss->self, k);
		if (k->dirty)
			put(ss, k, empty);
		if (empty && ss->ops->fleeting)
			forget(ss, k);
		else
			count(ss, k);
	}
	ss->ntouched = 0;
}

/* Without a log only who keeps nothing can go. */
static bool
can_go(const struct cdp_states *ss, const struct cdp_state *k)
{
	return k->loaded &&
	    (!k->dirty || (ss->log == NULL && ss->ops->empty(ss->self, k)));
}

/* Only who is yet to be written must not leave memory. */
static void
list_dirty(struct cdp_states *ss)
{
	size_t i, n = 0;

	for (i = 0; i < ss->ntouched; i++) {
		ss->touched[i]->listed = ss->touched[i]->dirty;
		if (ss->touched[i]->dirty)
			ss->touched[n++] = ss->touched[i];
	}
	ss->ntouched = n;
}

static void
let_go(struct cdp_states *ss, bool all)
{
	struct cdp_map_ent *e;
	struct cdp_state *k;
	size_t i = 0;

	while ((e = cdp_map_next(&ss->by_id, &i)) != NULL) {
		k = e->val;
		if ((all || !k->used) && can_go(ss, k)) {
			if (k->due.at != 0)
				unload(ss, k);
			else
				forget(ss, k);
		} else {
			k->used = false;
		}
	}
}

void
cdp_states_trim(struct cdp_states *ss)
{
	if (ss->bytes <= ss->max_bytes || ss->bytes <= ss->trim_at)
		return;
	list_dirty(ss);
	let_go(ss, false);
	if (ss->bytes > ss->max_bytes / 2)
		let_go(ss, true);
	ss->trim_at = 2 * ss->bytes;
}
