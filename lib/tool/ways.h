#ifndef CDP_TOOL_WAYS_H
#define CDP_TOOL_WAYS_H

#include "lib/rule/project.h"

/*
 * ways: questions about journeys, answered on standard output: where one
 * person stands (JSON), how a journey goes (a drawing, with counts if there is
 * a store), what became of who entered (NDJSON).
 */
struct cdp_ways {
	const char *tool; /* who asks */
	struct cdp_project *pr;
	const char *store;
	bool named;          /* by an option: it must be there */
	const char *explain; /* a profile's id or TYPE:VALUE; or NULL */
	int graph;           /* 0, or an enum cdp_chart_form */
	bool funnel;
	char *const *key; /* of journeys; none: all */
	size_t nkey;
};

/*
 * Answer.  *no: nobody is known by that name (standard error says so).  0;
 * CDP_ECONF: no such store or journey; CDP_EIO, CDP_ECORRUPT.
 */
int cdp_ways_ask(const struct cdp_ways *q, bool *no, struct cdp_err *err);

#endif
