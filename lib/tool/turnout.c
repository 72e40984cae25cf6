#include "lib/tool/turnout.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/tool/rig.h"
#include "lib/tool/version.h"

/* Of one audience and one profile: since when, by each version. */
struct seat {
	struct cdp_str audience, id;
	int64_t since[2]; /* CDP_TIME_NONE: not in it */
};

struct turnout;

struct side {
	struct turnout *all;
	int i; /* 0: the other version, 1: this one */
	struct cdp_rig *rig;
};

struct turnout {
	struct cdp_run *run;
	struct cdp_project *other;
	struct side side[2];
	struct cdp_arena mem;
	struct cdp_map by_key; /* "AUDIENCE\nPROFILE" to struct seat */
	uint64_t faults[2];
};

/* ---- who is where ---- */

static struct seat *
seat(struct turnout *to, struct cdp_str audience, struct cdp_str id)
{
	struct cdp_buf b = { 0 };
	struct cdp_str key;
	struct seat *s;

	cdp_buf_put(&b, audience);
	cdp_buf_putc(&b, '\n');
	cdp_buf_put(&b, id);
	if ((s = cdp_map_get(&to->by_key, cdp_buf_str(&b))) == NULL) {
		key = cdp_arena_dup(&to->mem, cdp_buf_str(&b));
		s = cdp_arena_calloc(&to->mem, 1, sizeof(*s));
		s->audience = (struct cdp_str){ key.p, audience.n };
		s->id = (struct cdp_str){ key.p + audience.n + 1, id.n };
		s->since[0] = s->since[1] = CDP_TIME_NONE;
		*cdp_map_at(&to->by_key, key) = s;
	}
	cdp_buf_free(&b);
	return s;
}

/* Who was merged takes what he was in along. */
static void
merged(struct side *sd, const struct cdp_line *ln)
{
	const struct cdp_project *pr =
	    sd->i == 0 ? sd->all->other : sd->all->run->project;
	const struct cdp_tape *t = ln->tape;
	struct cdp_str from, into;
	struct seat *a, *b;

	from = cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("from")), ln->mem);
	into = cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("into")), ln->mem);
	for (size_t k = 0; k < pr->naudience; k++) {
		a = seat(sd->all, pr->audience[k].key, from);
		if (a->since[sd->i] == CDP_TIME_NONE)
			continue;
		b = seat(sd->all, pr->audience[k].key, into);
		if (b->since[sd->i] == CDP_TIME_NONE ||
		    a->since[sd->i] < b->since[sd->i])
			b->since[sd->i] = a->since[sd->i];
		a->since[sd->i] = CDP_TIME_NONE;
	}
}

static int
note_line(void *arg, const struct cdp_line *ln, struct cdp_err *err)
{
	struct side *sd = arg;
	bool in = cdp_str_is(ln->event, "Audience Entered");
	const struct cdp_tape *t = ln->tape;
	uint32_t at;

	(void)err;
	if (ln->type == CDP_MERGE)
		merged(sd, ln);
	if ((!in && !cdp_str_is(ln->event, "Audience Exited")) ||
	    !cdp_str_starts(ln->message_id, CDP_STR("aud_")))
		return 0;
	at = cdp_tape_get(t, 0, CDP_STR("properties"));
	at = cdp_tape_get(t, at, CDP_STR("audience_key"));
	seat(sd->all, cdp_tape_str(t, at, ln->mem), ln->profile_id)
	    ->since[sd->i] = in ? ln->ts_ms : CDP_TIME_NONE;
	return 0;
}

static int
note_delivery(void *arg, const struct cdp_line *ln, struct cdp_err *err)
{
	(void)arg;
	(void)ln;
	(void)err;
	return 0;
}

static void
note_fault(void *arg, const struct cdp_line *ln, const char *code,
    struct cdp_str field, struct cdp_str message)
{
	struct side *sd = arg;

	(void)ln;
	(void)code;
	(void)field;
	(void)message;
	sd->all->faults[sd->i]++;
}

static void
note_passage(void *arg, const struct cdp_passage *p)
{
	(void)arg;
	(void)p;
}

/* ---- the tool ---- */

static int
start(struct cdp_run *run, void **self, struct cdp_err *err)
{
	struct turnout *to = cdp_xcalloc(1, sizeof(*to));
	int rc;

	*self = to;
	to->run = run;
	rc = cdp_version_load(run, &to->other, err);
	for (int i = 0; rc == 0 && i < 2; i++) {
		struct side *sd = &to->side[i];
		const struct cdp_rig_watch watch = { sd, note_line,
			note_delivery, note_passage, note_fault };

		*sd = (struct side){ .all = to, .i = i };
		rc = cdp_rig_new(
		    i == 0 ? to->other : run->project, &watch, &sd->rig, err);
	}
	return rc;
}

static int
line(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err)
{
	struct turnout *to = self;
	int rc = cdp_version_line(ln, err);

	(void)sg;
	for (int i = 0; rc == 0 && i < 2 && !cdp_rig_makes(ln); i++)
		rc = cdp_rig_feed(to->side[i].rig, ln->raw, err);
	return rc;
}

/* ---- the answer ---- */

static int
by_key(const void *a, const void *b)
{
	const struct seat *x = *(struct seat *const *)a;
	const struct seat *y = *(struct seat *const *)b;
	int c = cdp_str_cmp(x->audience, y->audience);

	return c != 0 ? c : cdp_str_cmp(x->id, y->id);
}

/* Whom one version has and the other has not; whether there is anybody. */
static bool
put_people(struct cdp_buf *b, const char *name, int has, int lacks,
    struct seat *const *v, size_t n)
{
	bool any = false;

	cdp_json_key(b, name);
	cdp_buf_putc(b, '[');
	for (size_t i = 0; i < n; i++) {
		if (v[i]->since[has] == CDP_TIME_NONE ||
		    v[i]->since[lacks] != CDP_TIME_NONE)
			continue;
		any = true;
		cdp_json_comma(b);
		cdp_buf_putc(b, '{');
		cdp_json_kstr(b, "id", v[i]->id);
		cdp_json_ktime(b, "since", v[i]->since[has]);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, ']');
	return any;
}

/* {"audience","was","is","enter":[..],"leave":[..]} */
static bool
put_audience(
    struct cdp_buf *b, struct cdp_str key, struct seat *const *v, size_t n)
{
	int64_t size[2] = { 0 };
	bool any;

	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 2; k++)
			size[k] += v[i]->since[k] != CDP_TIME_NONE;
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "audience", key);
	cdp_json_ki64(b, "was", size[0]);
	cdp_json_ki64(b, "is", size[1]);
	any = put_people(b, "enter", 1, 0, v, n);
	any |= put_people(b, "leave", 0, 1, v, n);
	cdp_buf_puts(b, "}\n");
	fwrite(b->p, 1, b->n, stdout);
	return any;
}

/* The audiences of this version and, of the other, those it has not. */
static void
put_all(struct turnout *to, struct seat **v, size_t n)
{
	const struct cdp_project *both[] = { to->run->project, to->other };
	struct cdp_buf b = { 0 };
	size_t lo, hi;

	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < both[k]->naudience; i++) {
			struct cdp_str key = both[k]->audience[i].key;

			for (lo = 0; k == 1 && lo < both[0]->naudience; lo++)
				if (cdp_str_eq(both[0]->audience[lo].key, key))
					break;
			if (k == 1 && lo < both[0]->naudience)
				continue;
			for (lo = 0; lo < n; lo++)
				if (cdp_str_eq(v[lo]->audience, key))
					break;
			for (hi = lo; hi < n; hi++)
				if (!cdp_str_eq(v[hi]->audience, key))
					break;
			to->run->no |= put_audience(&b, key, v + lo, hi - lo);
		}
	cdp_buf_free(&b);
}

static int
finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	struct turnout *to = self;
	struct seat **v = cdp_xcalloc(to->by_key.n + 1, sizeof(*v));
	const struct cdp_map_ent *e;
	size_t n = 0, i = 0;

	(void)sg;
	cdp_version_end(to->run);
	while ((e = cdp_map_next(&to->by_key, &i)) != NULL)
		v[n++] = e->val;
	qsort(v, n, sizeof(*v), by_key);
	put_all(to, v, n);
	free(v);
	if (to->faults[0] + to->faults[1] != 0)
		cdp_run_say(to->run, "rejected: %llu -> %llu",
		    (unsigned long long)to->faults[0],
		    (unsigned long long)to->faults[1]);
	if (fflush(stdout) != 0)
		return cdp_fail(err, CDP_EIO, "cannot write standard output");
	return 0;
}

static void
stop(void *self)
{
	struct turnout *to = self;

	for (int i = 0; i < 2; i++)
		cdp_rig_free(to->side[i].rig);
	cdp_project_free(to->other);
	cdp_map_free(&to->by_key);
	cdp_arena_free(&to->mem);
	free(to);
}

const struct cdp_tool cdp_turnout_tool = {
	.name = "cdp-audience",
	.start = start,
	.line = line,
	.finish = finish,
	.stop = stop,
};
