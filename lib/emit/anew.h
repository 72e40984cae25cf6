#ifndef CDP_EMIT_ANEW_H
#define CDP_EMIT_ANEW_H

#include "lib/emit/delivery.h"
#include "lib/rule/catalog.h"

/*
 * anew: what would be decided of an activation today; for questions, not for
 * the filter.
 *
 * The same gates and the same templates, with the project as it is, the
 * profile as it stands, and what the log of a mode of cdp-emit knows of
 * consent to channels and of messages that went out.  Nothing is written.
 */
struct cdp_anew { /* an empty one has pr set */
	struct cdp_project *pr;
	bool open;
	struct cdp_desk desk;
	struct cdp_catalog catalog;
	struct cdp_tape act, then, line;
	struct cdp_arena mem;
	struct cdp_buf text, made;
};

struct cdp_anew_ask {
	struct cdp_log *log; /* that it was decided in */
	struct cdp_str act;  /* the activation; empty: it is not kept */
	struct cdp_str last; /* the newest line of the delivery */
	struct cdp_str
	    profile;   /* as it stands; empty: there is none any more */
	int64_t at_ms; /* when it is to be decided */
};

/* The answer: strings live until the next one is asked for, and it is
 * not copied. */
struct cdp_anew_told {
	struct cdp_line ln; /* of d */
	struct cdp_delivery d;
	bool gone;    /* nobody is that profile any more: d is not set */
	bool partial; /* only gates that the profile and the past decide */
};

/* One for each log.  0; CDP_ECONF, CDP_EIO, CDP_ECORRUPT. */
int cdp_anew_ask(struct cdp_anew *an, const struct cdp_anew_ask *q,
    struct cdp_anew_told *ret, struct cdp_err *err);
void cdp_anew_free(struct cdp_anew *an);

/*
 * What differs from the newest line of the delivery, each a sentence, as
 * members of a JSON array; false: nothing does.
 */
bool cdp_anew_differs(
    struct cdp_anew *an, const struct cdp_anew_told *told, struct cdp_buf *ret);

#endif
