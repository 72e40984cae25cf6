#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/store/logint.h"
#include "lib/store/patch.h"
#include "lib/store/text.h"

void
cdp_decoded_free(struct cdp_decoded *dec)
{
	free(dec->in);
	free(dec->rec);
	free(dec->set);
	free(dec->with);
	cdp_arena_free(&dec->mem);
	cdp_tape_free(&dec->tape);
	cdp_buf_free(&dec->outs);
	*dec = (struct cdp_decoded){ 0 };
}

static struct cdp_din *
din_add(struct cdp_decoded *dec, size_t n)
{
	if (dec->nin + n > dec->cin) {
		dec->cin =
		    dec->cin * 2 > dec->nin + n ? dec->cin * 2 : dec->nin + n;
		dec->in =
		    cdp_xreallocarray(dec->in, dec->cin, sizeof(*dec->in));
	}
	dec->nin += n;
	return &dec->in[dec->nin - n];
}

static void
rec_add(struct cdp_decoded *dec, struct cdp_rec r)
{
	if (dec->nrec == dec->crec) {
		dec->crec = dec->crec != 0 ? dec->crec * 2 : 256;
		dec->rec =
		    cdp_xreallocarray(dec->rec, dec->crec, sizeof(*dec->rec));
	}
	dec->rec[dec->nrec++] = r;
}

/* What a line of META says of one input; how many records that takes. */
static size_t
count_in(struct cdp_din *in, const struct cdp_meta *m, size_t rec)
{
	if (m->kind == CDP_META_GONE) {
		*in = (struct cdp_din){ .gone = m->count };
		return 0;
	}
	in->rec = rec;
	in->nrec = m->count;
	return m->count;
}

/* How many records each input has, and where they begin: rec[0] is a pass. */
static bool
decode_meta(
    struct cdp_decoded *dec, struct cdp_meta_reader *r, struct cdp_str text)
{
	struct cdp_din *in;
	struct cdp_meta m;
	uint64_t n = 0, i, k, next = 0; /* next: input to be counted */
	size_t rec = 1;
	int rc;

	dec->nin = 0;
	cdp_meta_start(r, text);
	r->counting = true;
	while ((rc = cdp_meta_next(r, &m)) == 0) {
		if (m.kind == CDP_META_HEAD) {
			dec->q = m.q;
			n = m.n;
		} else if (m.kind == CDP_META_IN || m.kind == CDP_META_HASH ||
		    m.kind == CDP_META_OLD) {
			k = cdp_meta_inputs(&m);
			if (k > CDP_EPOCH_INPUTS - dec->nin)
				return false;
			for (in = din_add(dec, k); k-- != 0; in++)
				*in = (struct cdp_din){ 0, 0, 1, 0 };
		} else if (m.kind == CDP_META_OUT || m.kind == CDP_META_GONE) {
			if (m.i < next || m.j >= dec->nin ||
			    m.count > UINT32_MAX)
				return false;
			next = m.j + 1;
			for (i = m.i; i <= m.j; i++)
				rec += count_in(&dec->in[i], &m, rec);
		}
	}
	for (i = 0; i < dec->nin; i++) {
		dec->in[i].n = n;
		n += dec->in[i].nrec + dec->in[i].gone;
	}
	return rc == CDP_END;
}

/* Take note of an edit that others may be passed with, too. */
static bool
decode_set(struct cdp_decoded *dec, struct cdp_rec *r)
{
	if (cdp_tape_parse(&dec->tape, r->json, NULL) != 0 ||
	    !cdp_tape_isa(&dec->tape, 0, CDP_OBJECT))
		return false;
	r->one = cdp_json_splice_isone(&dec->tape);
	if (dec->nset == dec->cset) {
		dec->cset = dec->cset != 0 ? dec->cset * 2 : 256;
		dec->set =
		    cdp_xreallocarray(dec->set, dec->cset, sizeof(*dec->set));
	}
	dec->set[dec->nset++] = *r;
	return true;
}

/* A list says how a set differs from number no. */
static bool
decode_but(struct cdp_decoded *dec, uint64_t no, struct cdp_rec *r)
{
	if (no >= dec->nset ||
	    !cdp_patch_apply(&dec->mem, dec->set[no].json, r->json,
		CDP_BUF_MAX - dec->made, &r->json))
		return false;
	dec->made += r->json.n;
	return decode_set(dec, r);
}

/* What set number no sets stands before the two braces of r's end. */
static bool
decode_tail(struct cdp_decoded *dec, uint64_t no, struct cdp_rec *r)
{
	struct cdp_str with = r->with, in;
	char *p, *to;

	if (no >= dec->nset || !dec->set[no].one)
		return false;
	in = cdp_set_inner(dec->set[no].json);
	if (in.n == 0 || with.n < 3 || with.p[with.n - 1] != '}' ||
	    with.p[with.n - 2] != '}' || with.p[with.n - 3] == '{' ||
	    with.n + in.n + 2 > CDP_BUF_MAX - dec->made)
		return false;
	p = to = cdp_arena_alloc(&dec->mem, with.n + in.n + 2);
	to = mempcpy(to, with.p, with.n - 2);
	to = mempcpy(to, ",\"", 2);
	to = mempcpy(to, in.p, in.n);
	to = mempcpy(to, "}}", 2);
	r->with = (struct cdp_str){ p, (size_t)(to - p) };
	dec->made += r->with.n;
	return true;
}

static void
decode_with(struct cdp_decoded *dec, struct cdp_str with)
{
	if (dec->nwith == dec->cwith) {
		dec->cwith = dec->cwith != 0 ? dec->cwith * 2 : 256;
		dec->with = cdp_xreallocarray(
		    dec->with, dec->cwith, sizeof(*dec->with));
	}
	dec->with[dec->nwith++] = with;
}

/* What it refers to, and what others may refer to. */
static bool
decode_shared(struct cdp_decoded *dec, enum cdp_out_form form, uint64_t no,
    struct cdp_rec *r)
{
	switch (form) {
	case CDP_OUT_AGAIN:
		if (no >= dec->nset)
			return false;
		*r = dec->set[no];
		return true;
	case CDP_OUT_WITH:
		if (no >= dec->nwith)
			return false;
		r->with = dec->with[no];
		return true;
	case CDP_OUT_TAIL:
		if (!decode_tail(dec, no, r))
			return false;
		break;
	case CDP_OUT_SET:
		return decode_set(dec, r);
	case CDP_OUT_BUT:
		return decode_but(dec, no, r);
	case CDP_OUT_WHOLE:
		break;
	}
	if (r->with.n != 0)
		decode_with(dec, r->with);
	return r->kind != CDP_REC_PASS || r->json.n == 0 || decode_set(dec, r);
}

/* The records of one line of OUTS. */
static bool
decode_line(struct cdp_decoded *dec, struct cdp_str line)
{
	const struct cdp_din *in;
	struct cdp_again again;
	struct cdp_rec r;
	uint64_t i;
	int form = cdp_out_read(line, &i, &r, &again);

	if (form < 0 || !decode_shared(dec, form, again.no, &r))
		return false;
	if (form == CDP_OUT_SET || form == CDP_OUT_BUT)
		return true;
	for (; i <= again.j; i++) {
		if (i >= dec->nin)
			return false;
		in = &dec->in[i];
		if (dec->nrec < in->rec || dec->nrec >= in->rec + in->nrec)
			return false;
		rec_add(dec, r);
	}
	return true;
}

static bool
decode_outs(struct cdp_decoded *dec)
{
	struct cdp_str s = cdp_buf_str(&dec->outs), line;
	uint64_t i;

	dec->nrec = dec->nset = dec->nwith = dec->made = 0;
	cdp_arena_reset(&dec->mem);
	rec_add(dec, (struct cdp_rec){ .kind = CDP_REC_PASS });
	while (cdp_text_line(&s, &line))
		if (!decode_line(dec, line))
			return false;
	for (i = 0; i < dec->nin; i++)
		if (dec->in[i].rec + dec->in[i].nrec > dec->nrec)
			return false;
	return true;
}

bool
cdp_decoded_read(
    struct cdp_decoded *dec, struct cdp_meta_reader *r, struct cdp_str meta)
{
	return decode_meta(dec, r, meta) && decode_outs(dec);
}
