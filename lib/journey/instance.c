#include "lib/journey/state.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

struct cdp_instance *
cdp_instance_new(const struct cdp_editions *es, size_t jx, size_t edition)
{
	struct cdp_instance *in = cdp_xcalloc(1, sizeof(*in));

	in->jx = jx;
	in->edition = edition;
	in->jr = cdp_editions_journey(es, edition);
	in->due_ms = INT64_MAX;
	in->arrived_ms = CDP_TIME_NONE;
	in->visit = cdp_xcalloc(in->jr->nstep + 1, sizeof(*in->visit));
	return in;
}

static void
free_undo(struct cdp_undo *u)
{
	free(u->step);
	free(u->destination);
	free(u->action);
}

void
cdp_instance_free(struct cdp_instance *in)
{
	size_t i;

	if (in == NULL)
		return;
	for (i = 0; i < in->nundo; i++)
		free_undo(&in->undo[i]);
	free(in->undo);
	free(in->visit);
	free(in->ending);
	free(in->by);
	free(in->entry);
	cdp_way_free(&in->way);
	cdp_buf_free(&in->per);
	cdp_buf_free(&in->kept);
	cdp_buf_free(&in->event);
	free(in);
}

int64_t
cdp_instance_due(const struct cdp_instance *in)
{
	int64_t due = in->due_ms;
	size_t i;

	for (i = 0; i < in->nundo; i++)
		if (in->undo[i].due_ms < due)
			due = in->undo[i].due_ms;
	return due;
}

void
cdp_instance_name(
    struct cdp_instance *in, struct cdp_str profile, struct cdp_str by)
{
	char when[CDP_TIME_SIZE], hex[CDP_INSTANCE_ID - 3];
	struct cdp_str s[5] = { in->jr->key, profile, cdp_buf_str(&in->per),
		by };

	if (by.n == 0 && in->by != NULL)
		s[3] = cdp_str_of(in->by);
	cdp_time_format(in->entered_ms, when);
	s[4] = cdp_str_of(when);
	cdp_hash_sha256(s, 5, hex, 24);
	memcpy(in->id, "ins_", 4);
	memcpy(in->id + 4, hex, sizeof(hex));
}

struct cdp_str
cdp_instance_entry(
    const struct cdp_instance *in, struct cdp_tape *t, struct cdp_arena *mem)
{
	struct cdp_err ignored = { 0 };

	if (in->entry != NULL)
		return cdp_str_of(in->entry);
	if (in->event.n == 0 || in->way.restarts != 0 ||
	    cdp_tape_parse(t, cdp_buf_str(&in->event), &ignored) != 0)
		return CDP_STR("");
	return cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("messageId")), mem);
}

static struct cdp_undo *
add_undo(struct cdp_instance *in)
{
	in->undo =
	    cdp_xreallocarray(in->undo, in->nundo + 1, sizeof(*in->undo));
	memset(&in->undo[in->nundo], 0, sizeof(*in->undo));
	return &in->undo[in->nundo++];
}

void
cdp_instance_undo(
    struct cdp_instance *in, const struct cdp_step *st, int64_t due_ms)
{
	struct cdp_undo *u = NULL;
	size_t i;

	for (i = 0; i < in->nundo; i++)
		if (cdp_str_is(st->id, in->undo[i].step))
			u = &in->undo[i];
	if (u != NULL)
		free_undo(u);
	else
		u = add_undo(in);
	u->step = cdp_xstrndup(st->id);
	u->destination = cdp_xstrndup(st->send);
	u->action = cdp_xstrndup(st->undo);
	u->visit = in->visit[st - in->jr->step];
	u->due_ms = due_ms;
}

void
cdp_instance_undone(struct cdp_instance *in, size_t i)
{
	free_undo(&in->undo[i]);
	memmove(in->undo + i, in->undo + i + 1,
	    (in->nundo - i - 1) * sizeof(*in->undo));
	in->nundo--;
}

/* ---- JSON ---- */

static void
put_ms(struct cdp_buf *b, const char *key, int64_t ms)
{
	if (ms != INT64_MAX)
		cdp_json_ki64(b, key, ms);
}

static void
put_str(struct cdp_buf *b, const char *key, const char *z)
{
	if (z != NULL)
		cdp_json_kstr(b, key, cdp_str_of(z));
}

static void
put_raw(struct cdp_buf *b, const char *key, const struct cdp_buf *json)
{
	if (json->n != 0)
		cdp_json_kraw(b, key, cdp_buf_str(json));
}

/* Of the steps in their order, up to the last that it came to. */
static void
write_visits(struct cdp_buf *b, const struct cdp_instance *in)
{
	size_t i, n = in->jr->nstep;

	while (n != 0 && in->visit[n - 1] == 0)
		n--;
	cdp_json_key(b, "visits");
	cdp_buf_putc(b, '[');
	for (i = 0; i < n; i++) {
		cdp_json_comma(b);
		cdp_buf_i64(b, in->visit[i]);
	}
	cdp_buf_putc(b, ']');
}

static void
write_undo(struct cdp_buf *b, const struct cdp_instance *in)
{
	size_t i;

	if (in->nundo == 0)
		return;
	cdp_json_key(b, "undo");
	cdp_buf_putc(b, '[');
	for (i = 0; i < in->nundo; i++) {
		cdp_json_comma(b);
		cdp_buf_putc(b, '{');
		put_str(b, "step", in->undo[i].step);
		cdp_json_ki64(b, "visit", in->undo[i].visit);
		put_str(b, "destination", in->undo[i].destination);
		put_str(b, "action", in->undo[i].action);
		put_ms(b, "due", in->undo[i].due_ms);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, ']');
}

void
cdp_instance_put_goal(struct cdp_buf *b, const struct cdp_instance *in)
{
	if (in->reached && in->reached_ms == CDP_TIME_NONE)
		cdp_json_kraw(b, "reached", CDP_STR("true"));
	else if (in->reached)
		cdp_json_ki64(b, "reached", in->reached_ms);
}

void
cdp_instance_write(struct cdp_buf *b, const struct cdp_instance *in)
{
	const struct cdp_span span = { in->entered_ms, CDP_TIME_NONE };

	cdp_buf_putc(b, '{');
	if (!in->named)
		cdp_json_kstr(b, "id", cdp_str_of(in->id));
	cdp_json_kstr(b, "journey", in->jr->key);
	if (in->edition != 0)
		cdp_json_ki64(b, "edition", (int64_t)in->edition);
	if (in->step < in->jr->nstep)
		cdp_json_kstr(b, "step", in->jr->step[in->step].id);
	put_ms(b, "due", in->due_ms);
	if (in->arrived_ms != CDP_TIME_NONE)
		cdp_json_ki64(b, "arrived", in->arrived_ms);
	if (in->here != 0)
		cdp_json_ki64(b, "here", in->here);
	cdp_json_ki64(b, "entered", in->entered_ms);
	if (in->set != 0)
		cdp_json_ki64(b, "set", in->set);
	if (in->control)
		cdp_json_kraw(b, "control", CDP_STR("true"));
	cdp_instance_put_goal(b, in);
	put_str(b, "ending", in->ending);
	put_raw(b, "per", &in->per);
	write_visits(b, in);
	put_raw(b, "kept", &in->kept);
	put_raw(b, "event", &in->event);
	put_str(b, "by", in->by);
	put_str(b, "entry", in->entry);
	cdp_way_write(b, &in->way, &span);
	write_undo(b, in);
	cdp_buf_putc(b, '}');
}

static uint32_t
get(const struct cdp_tape *t, uint32_t at, const char *key)
{
	return cdp_tape_get(t, at, cdp_str_of(key));
}

static char *
get_str(const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem)
{
	if (at == CDP_NOTOK)
		return NULL;
	return cdp_xstrndup(cdp_tape_str(t, at, mem));
}

static void
get_raw(const struct cdp_tape *t, uint32_t at, struct cdp_buf *ret)
{
	cdp_buf_reset(ret);
	if (at != CDP_NOTOK)
		cdp_buf_put(ret, cdp_tape_raw(t, at));
}

static void
read_undo(struct cdp_instance *in, const struct cdp_tape *t, uint32_t at,
    struct cdp_arena *mem)
{
	uint32_t it = 0, key, val;
	struct cdp_undo *u;

	while (cdp_tape_next(t, at, &it, &key, &val)) {
		u = add_undo(in);
		u->step = get_str(t, get(t, val, "step"), mem);
		u->destination = get_str(t, get(t, val, "destination"), mem);
		u->action = get_str(t, get(t, val, "action"), mem);
		u->due_ms = INT64_MAX;
		cdp_tape_i64(t, get(t, val, "visit"), &u->visit);
		cdp_tape_i64(t, get(t, val, "due"), &u->due_ms);
	}
}

/* A list as above; older stores have them by the names of the steps. */
static void
read_visits(struct cdp_instance *in, const struct cdp_tape *t, uint32_t at)
{
	uint32_t it = 0, key, val;
	const struct cdp_journey *jr = in->jr;
	int64_t n;
	size_t i;

	for (i = 0; i < jr->nstep; i++) {
		val = CDP_NOTOK;
		if (cdp_tape_isa(t, at, CDP_OBJECT))
			val = cdp_tape_get(t, at, jr->step[i].id);
		else if (!cdp_tape_next(t, at, &it, &key, &val))
			return;
		if (cdp_tape_i64(t, val, &n))
			in->visit[i] = (uint32_t)n;
	}
}

static void
read_steps(struct cdp_instance *in, const struct cdp_tape *t, uint32_t at)
{
	uint32_t step = get(t, at, "step");
	const struct cdp_journey *jr = in->jr;
	size_t i;

	in->step = jr->nstep;
	for (i = 0; i < jr->nstep; i++)
		if (step != CDP_NOTOK &&
		    cdp_tape_streq(t, step, jr->step[i].id))
			in->step = i;
	read_visits(in, t, get(t, at, "visits"));
	in->lost = step != CDP_NOTOK && in->step == jr->nstep;
}

void
cdp_instance_read(struct cdp_instance *in, struct cdp_str profile,
    const struct cdp_tape *t, uint32_t at)
{
	struct cdp_arena mem = { 0 };
	int64_t set = 0;
	struct cdp_str id = cdp_tape_str(t, get(t, at, "id"), &mem);

	in->named = id.n != CDP_INSTANCE_ID;
	if (!in->named)
		memcpy(in->id, id.p, id.n);
	read_steps(in, t, at);
	cdp_tape_i64(t, get(t, at, "due"), &in->due_ms);
	cdp_tape_i64(t, get(t, at, "arrived"), &in->arrived_ms);
	cdp_tape_i64(t, get(t, at, "here"), &in->here);
	cdp_tape_i64(t, get(t, at, "entered"), &in->entered_ms);
	cdp_tape_i64(t, get(t, at, "set"), &set);
	in->set = (uint32_t)set;
	in->control = get(t, at, "control") != CDP_NOTOK;
	in->reached = get(t, at, "reached") != CDP_NOTOK;
	in->reached_ms = CDP_TIME_NONE; /* in older stores it is true */
	cdp_tape_i64(t, get(t, at, "reached"), &in->reached_ms);
	in->ending = get_str(t, get(t, at, "ending"), &mem);
	get_raw(t, get(t, at, "per"), &in->per);
	get_raw(t, get(t, at, "kept"), &in->kept);
	get_raw(t, get(t, at, "event"), &in->event);
	in->by = get_str(t, get(t, at, "by"), &mem);
	in->entry = get_str(t, get(t, at, "entry"), &mem);
	cdp_way_read(&in->way, t, at, in->entered_ms);
	read_undo(in, t, get(t, at, "undo"), &mem);
	if (in->named)
		cdp_instance_name(in, profile,
		    in->entry != NULL
			? cdp_str_of(in->entry)
			: cdp_tape_str(t,
			      get(t, get(t, at, "event"), "messageId"), &mem));
	cdp_arena_free(&mem);
}
