#ifndef CDP_TOOL_ASK_H
#define CDP_TOOL_ASK_H

#include "lib/profile/draw.h"
#include "lib/profile/hubs.h"

/*
 * ask: questions about who is who, answered from the store on standard output.
 */
struct cdp_ask {
	const char *tool; /* who asks */
	const struct cdp_project *pr;
	const char *store;
	const char *explain;     /* "ID" or "ID,ID"; or NULL */
	enum cdp_draw_form draw; /* the graph of each of: */
	char *const *id;
	size_t nid;
	bool edges; /* of all */
	bool hubs;  /* of all, the widest first */
};

/*
 * Answer one of them.  *no: the answer is no, or nobody is known by that name
 * (standard error says so).  0; CDP_ECONF: no such store; CDP_EIO,
 * CDP_ECORRUPT.
 */
int cdp_ask_run(const struct cdp_ask *ask, bool *no, struct cdp_err *err);

#endif
