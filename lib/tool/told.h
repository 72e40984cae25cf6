#ifndef CDP_TOOL_TOLD_H
#define CDP_TOOL_TOLD_H

#include "lib/rule/project.h"

/*
 * told: questions about deliveries, answered on standard output: what became of
 * them (JSON), and how a message looks (a page of HTML).
 */
struct cdp_told_ask {
	const char *tool; /* who asks */
	struct cdp_project *pr;
	const char *store;
	const char *explain; /* of a delivery, activation or person; or NULL */
	const char *preview; /* of a person, or NULL */
	const char *template;
	bool past; /* --as-of: what would be decided then, not now */
	int64_t as_of_ms;
};

/*
 * Answer.  *no: nobody or nothing is known by that name (standard error says
 * so).  0; CDP_ECONF: no such store or template; CDP_EDATA: the template cannot
 * be filled; CDP_EIO, CDP_ECORRUPT.
 */
int cdp_told_ask(const struct cdp_told_ask *q, bool *no, struct cdp_err *err);

#endif
