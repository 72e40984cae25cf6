#include "lib/ingest/transform.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/ingest/change.h"
#include "lib/json/write.h"
#include "lib/rule/suppress.h"

struct cdp_transformer {
	const struct cdp_transforms *t;
	struct cdp_jq *jq;
	struct cdp_str *key; /* of each transform */
	struct cdp_changes changes;
	struct cdp_buf text[2]; /* of the line, in turns */
	struct cdp_tape tape[2];
	struct cdp_tape out; /* of a program */
	int turn;
	struct cdp_arena mem; /* for the run */
	struct cdp_arena rec; /* for one line */
};

/* ---- setting up ---- */

bool
cdp_transforms_keyed(const struct cdp_transforms *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->v[i].key.n != 0)
			return true;
	return false;
}

static int
find_key(struct cdp_transformer *tr, size_t i, const struct cdp_tape *secrets,
    struct cdp_err *err)
{
	struct cdp_str name = tr->t->v[i].key;

	if (name.n == 0)
		return 0;
	tr->key[i] = cdp_arena_dup(&tr->mem,
	    cdp_tape_str(secrets, cdp_tape_get(secrets, 0, name), &tr->mem));
	if (tr->key[i].n != 0)
		return 0;
	return cdp_fail(err, CDP_ECONF,
	    "the secret %.*s, which keys a hash, has no value: set it in the "
	    "environment, or %.*s_FILE",
	    (int)name.n, name.p, (int)name.n, name.p);
}

int
cdp_transformer_new(const struct cdp_transforms *t, struct cdp_jq *jq,
    struct cdp_str secrets, struct cdp_transformer **ret, struct cdp_err *err)
{
	struct cdp_transformer *tr = cdp_xcalloc(1, sizeof(*tr));
	struct cdp_tape keys = { 0 };
	size_t i;
	int rc;

	tr->t = t;
	tr->jq = jq;
	tr->key = cdp_arena_calloc(&tr->mem, t->n, sizeof(*tr->key));
	rc = cdp_tape_parse(&keys, secrets, err);
	for (i = 0; rc == 0 && i < t->n; i++) {
		rc = find_key(tr, i, &keys, err);
		if (t->v[i].jq >= 0)
			cdp_jq_want(jq, t->v[i].jq);
	}
	cdp_tape_free(&keys);
	if (rc == 0)
		*ret = tr;
	else
		cdp_transformer_free(tr);
	return rc;
}

void
cdp_transformer_free(struct cdp_transformer *tr)
{
	int i;

	if (tr == NULL)
		return;
	for (i = 0; i < 2; i++) {
		cdp_buf_free(&tr->text[i]);
		cdp_tape_free(&tr->tape[i]);
	}
	cdp_tape_free(&tr->out);
	cdp_changes_free(&tr->changes);
	cdp_arena_free(&tr->rec);
	cdp_arena_free(&tr->mem);
	free(tr);
}

/* ---- one line ---- */

static bool
applies(const struct cdp_transform *t, const struct cdp_line *ln)
{
	if (t->on.nevent != 0)
		return cdp_trigger_test(&t->on, ln);
	return cdp_pred_test(t->on.where, ln->tape, 0, ln->ts_ms);
}

/*
 * libjq holds numbers as doubles.  Where one that came out equals the one that
 * went in at the same place, it is that one, with all its digits.
 */
static void
restore(struct cdp_transformer *tr, struct cdp_buf *b, uint32_t at,
    const struct cdp_tape *in, uint32_t was)
{
	const struct cdp_tape *out = &tr->out;
	uint32_t it = 0, jt = 0, key, val, none, old = CDP_NOTOK;
	bool list = cdp_tape_isa(out, at, CDP_ARRAY);
	bool object = cdp_tape_isa(out, at, CDP_OBJECT);
	double x, y;

	if (!list && !object) {
		if (cdp_tape_double(out, at, &x) &&
		    cdp_tape_double(in, was, &y) && x == y)
			cdp_buf_put(b, cdp_tape_raw(in, was));
		else
			cdp_buf_put(b, cdp_tape_raw(out, at));
		return;
	}
	list = list && cdp_tape_isa(in, was, CDP_ARRAY) &&
	    cdp_tape_count(in, was) == cdp_tape_count(out, at);
	cdp_buf_putc(b, object ? '{' : '[');
	while (cdp_tape_next(out, at, &it, &key, &val)) {
		cdp_json_comma(b);
		if (object) {
			cdp_buf_put(b, cdp_tape_raw(out, key));
			cdp_buf_putc(b, ':');
			old = cdp_tape_get(
			    in, was, cdp_tape_str(out, key, &tr->rec));
		} else if (list) {
			cdp_tape_next(in, was, &jt, &none, &old);
		}
		restore(tr, b, val, in, old);
	}
	cdp_buf_putc(b, object ? '}' : ']');
}

/* 0; CDP_END if the program has no output; CDP_EDATA. */
static int
run_jq(struct cdp_transformer *tr, const struct cdp_transform *t,
    const struct cdp_line *ln, struct cdp_buf *b, struct cdp_err *err)
{
	struct cdp_str place = cdp_jq_place(tr->jq, t->jq), out;
	struct cdp_err why = { 0 };
	int rc;

	cdp_arena_reset(&tr->rec);
	rc = cdp_jq_run(tr->jq, t->jq, ln->raw, &tr->rec, &out, &why);
	if (rc == 0 && *out.p != '{')
		rc = cdp_fail(&why, CDP_EDATA, "its output is not an object");
	if (rc == 0 && (rc = cdp_tape_parse(&tr->out, out, &why)) == 0)
		restore(tr, b, 0, ln->tape, 0);
	else if (rc == CDP_EDATA)
		cdp_fail_rule(err, rc, "transform_failed", NULL,
		    "the transform at %.*s: %s", (int)place.n, place.p,
		    why.msg);
	else
		*err = why;
	return rc;
}

int
cdp_transform_line(struct cdp_transformer *tr, const struct cdp_line *ln,
    struct cdp_line *ret, bool *changed, struct cdp_err *err)
{
	const struct cdp_transform *t = tr->t->v, *end = t + tr->t->n;
	uint64_t item = ln->item;
	struct cdp_buf *b;
	int rc;

	*changed = false;
	if (cdp_type_is_command(ln->type))
		return 0;
	for (; t < end; t++) {
		if (!applies(t, ln))
			continue;
		b = &tr->text[tr->turn];
		cdp_buf_reset(b);
		rc = t->jq >= 0 ? run_jq(tr, t, ln, b, err)
				: cdp_change_line(&tr->changes, t,
				      tr->key[t - tr->t->v], ln->tape, b);
		if (rc == CDP_END && t->jq < 0)
			continue; /* nothing of it is there */
		if (rc == 0)
			rc = cdp_line_parse(cdp_buf_str(b), ln->lineno,
			    &tr->tape[tr->turn], ln->mem, ret, err);
		if (rc != 0)
			return rc;
		ret->item = item;
		ln = ret;
		*changed = true;
		tr->turn = 1 - tr->turn;
	}
	return 0;
}
