#ifndef CDP_RULE_TESTS_H
#define CDP_RULE_TESTS_H

#include "lib/rule/project.h"

/*
 * tests: what a project promises, as its `tests:` say it.
 */

/* A line of the input, whole, and when it comes, from the start of its test. */
struct cdp_given {
	int64_t comes_ms;
	struct cdp_str json;
};

enum cdp_want_kind {
	CDP_WANT_SEND,     /* to that destination, with nothing against it */
	CDP_WANT_HELD,     /* it would be, but something is against it */
	CDP_WANT_ENTER,    /* somebody enters that journey */
	CDP_WANT_END,      /* an instance ends with that outcome */
	CDP_WANT_AUDIENCE, /* somebody enters that audience, or leaves it */
	CDP_WANT_PROFILE   /* what is known of somebody then */
};

/* What must happen; what is empty or NULL is not asked. */
struct cdp_want {
	enum cdp_want_kind kind;
	bool timed;
	int64_t at_ms;
	struct cdp_str name;
	struct cdp_str journey, step, action;
	struct cdp_str reason; /* why it is held */
	struct cdp_str user;   /* a value of user_id */
	bool exited;
	struct cdp_pred *where; /* on the line, or on the profile */
	const struct cdp_node *node;
};

struct cdp_test {
	struct cdp_str name;
	int64_t start_ms;
	int64_t until_ms; /* CDP_TIME_END: until nothing is left to happen */
	struct cdp_given *given; /* in the order in which they come */
	size_t ngiven;
	struct cdp_want *want;
	size_t nwant;
	const struct cdp_node *node;
};

/*
 * Read the tests of a file that need not be one of the project, behind those
 * that pr has.  Faults go to diags.  0; CDP_ECONF if there were any; CDP_EIO.
 */
int cdp_tests_read(struct cdp_project *pr, const char *path,
    struct cdp_diags *diags, struct cdp_err *err);

#endif
