#include "lib/store/outs.h"

#include <stdlib.h>

#include "lib/base/mem.h"

void
cdp_outs_reset(struct cdp_outs *outs, const struct cdp_line *ln)
{
	outs->ln = ln;
	outs->n = 0;
	outs->rejected = outs->dropped = false;
	cdp_buf_reset(&outs->text);
}

void
cdp_outs_free(struct cdp_outs *outs)
{
	cdp_buf_free(&outs->text);
	free(outs->v);
}

static void
outs_add(struct cdp_outs *outs, struct cdp_rec rec, struct cdp_str json)
{
	if (outs->n == outs->cap) {
		outs->cap = outs->cap != 0 ? outs->cap * 2 : 16;
		outs->v =
		    cdp_xreallocarray(outs->v, outs->cap, sizeof(*outs->v));
	}
	outs->v[outs->n++] =
	    (struct cdp_out){ .rec = rec, .off = outs->text.n, .n = json.n };
	cdp_buf_put(&outs->text, json);
}

static struct cdp_str
text(const struct cdp_outs *outs, size_t off, size_t n)
{
	return (struct cdp_str){ n != 0 ? outs->text.p + off : NULL, n };
}

struct cdp_rec
cdp_outs_rec(const struct cdp_outs *outs, size_t i)
{
	const struct cdp_out *o = &outs->v[i];
	struct cdp_rec rec = o->rec;

	rec.json = text(outs, o->off, o->n);
	rec.with = text(outs, o->with, o->nwith);
	return rec;
}

struct cdp_edit
cdp_outs_edit(const struct cdp_outs *outs, size_t i)
{
	const struct cdp_out *o = &outs->v[i];

	return (struct cdp_edit){
		.edit = o->rec.kind == CDP_REC_PASS
		    ? text(outs, o->off, o->n)
		    : text(outs, o->edit, o->nedit),
		.spot = o->spot,
		.was = text(outs, o->was, o->nwas),
		.anew = o->anew,
	};
}

static void
add_was(struct cdp_outs *outs, const struct cdp_edit *ed)
{
	struct cdp_out *o = &outs->v[outs->n - 1];

	o->spot = ed->spot;
	o->anew = ed->anew;
	o->was = outs->text.n;
	o->nwas = ed->was.n;
	cdp_buf_put(&outs->text, ed->was);
}

void
cdp_outs_pass(struct cdp_outs *outs)
{
	outs_add(outs, (struct cdp_rec){ .kind = CDP_REC_PASS },
	    (struct cdp_str){ 0 });
}

void
cdp_outs_pass_edit(struct cdp_outs *outs, struct cdp_str edit)
{
	outs_add(outs, (struct cdp_rec){ .kind = CDP_REC_PASS }, edit);
}

void
cdp_outs_pass_one(struct cdp_outs *outs, const struct cdp_edit *ed)
{
	outs_add(outs, (struct cdp_rec){ .kind = CDP_REC_PASS, .one = true },
	    ed->edit);
	add_was(outs, ed);
}

void
cdp_outs_line(struct cdp_outs *outs, struct cdp_str json)
{
	outs_add(outs, (struct cdp_rec){ .kind = CDP_REC_LINE }, json);
}

void
cdp_outs_line_with(struct cdp_outs *outs, struct cdp_str json,
    struct cdp_str with, const struct cdp_edit *ed)
{
	struct cdp_out *o;
	size_t last = outs->n;

	outs_add(outs, (struct cdp_rec){ .kind = CDP_REC_LINE }, json);
	o = &outs->v[last];
	o->nwith = with.n;
	if (last != 0 && cdp_str_eq(cdp_outs_rec(outs, last - 1).with, with)) {
		o->with = o[-1].with;
	} else {
		o->with = outs->text.n;
		cdp_buf_put(&outs->text, with);
	}
	if (ed == NULL)
		return;
	o->edit = outs->text.n;
	o->nedit = ed->edit.n;
	cdp_buf_put(&outs->text, ed->edit);
	add_was(outs, ed);
}

void
cdp_outs_reject(struct cdp_outs *outs, const char *code, struct cdp_str field,
    struct cdp_str message)
{
	const struct cdp_stage_opt *opt = outs->opt;

	outs->rejected = true;
	if (opt->reject != NULL)
		opt->reject(opt->reject_arg, outs->ln, code, field, message);
}

void
cdp_outs_drop(struct cdp_outs *outs, const char *code, struct cdp_str field,
    struct cdp_str message)
{
	outs->dropped = true;
	cdp_outs_reject(outs, code, field, message);
}
