#ifndef CDP_STORE_OUTS_H
#define CDP_STORE_OUTS_H

#include "lib/base/buf.h"
#include "lib/store/stage.h"

/*
 * outs: what one step causes, gathered for stage.c, and for who runs stages
 * without a store (lib/tool/rig.c); nobody else includes it.
 * The calls by which a step says so are in stage.h.
 */
struct cdp_out {
	struct cdp_rec rec; /* without its texts, */
	size_t off, n;      /* which are here in text: json, */
	size_t with, nwith; /* and with */
	struct cdp_spot *spot;
	size_t edit, nedit; /* of a line; of a pass it is json */
	size_t was, nwas;
	bool anew;
};

struct cdp_outs {
	const struct cdp_stage_opt *opt; /* whom to tell of rejections */
	const struct cdp_line *ln;
	struct cdp_out *v;
	size_t n, cap;
	struct cdp_buf text;
	bool rejected, dropped;
};

/* Begin with the next line; keeps the memory. */
void cdp_outs_reset(struct cdp_outs *outs, const struct cdp_line *ln);

/* Record i, until the next one is added. */
struct cdp_rec cdp_outs_rec(const struct cdp_outs *outs, size_t i);

/* Its edit, which is empty if it has none. */
struct cdp_edit cdp_outs_edit(const struct cdp_outs *outs, size_t i);

void cdp_outs_free(struct cdp_outs *outs);

#endif
