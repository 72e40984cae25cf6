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

struct cdp_rec
cdp_outs_rec(const struct cdp_outs *outs, size_t i)
{
	const struct cdp_out *o = &outs->v[i];
	struct cdp_rec rec = o->rec;

	if (o->n != 0)
		rec.json = (struct cdp_str){ outs->text.p + o->off, o->n };
	if (o->nwith != 0)
		rec.with = (struct cdp_str){ outs->text.p + o->with, o->nwith };
	return rec;
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
cdp_outs_pass_one(
    struct cdp_outs *outs, struct cdp_str edit, struct cdp_spot *spot)
{
	outs_add(
	    outs, (struct cdp_rec){ .kind = CDP_REC_PASS, .one = true }, edit);
	outs->v[outs->n - 1].spot = spot;
}

void
cdp_outs_line(struct cdp_outs *outs, struct cdp_str json)
{
	outs_add(outs, (struct cdp_rec){ .kind = CDP_REC_LINE }, json);
}

void
cdp_outs_line_with(
    struct cdp_outs *outs, struct cdp_str json, struct cdp_str with)
{
	struct cdp_out *o;
	size_t last = outs->n;

	outs_add(outs, (struct cdp_rec){ .kind = CDP_REC_LINE }, json);
	o = &outs->v[last];
	o->nwith = with.n;
	if (last != 0 && cdp_str_eq(cdp_outs_rec(outs, last - 1).with, with)) {
		o->with = o[-1].with;
		return;
	}
	o->with = outs->text.n;
	cdp_buf_put(&outs->text, with);
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
