#ifndef CDP_RULE_TRACKING_H
#define CDP_RULE_TRACKING_H

#include "lib/base/map.h"
#include "lib/json/schema.h"
#include "lib/rule/cond.h"

/*
 * tracking: the tracking plan of a project (project.h), compiled.
 */
enum cdp_plan_action {
	CDP_ALLOW,
	CDP_OMIT,
	CDP_BLOCK
};

/* Of what kind of call a rule is. */
enum cdp_plan_part {
	CDP_PLAN_TRACK,
	CDP_PLAN_IDENTIFY,
	CDP_PLAN_GROUP,
	CDP_PLAN_PAGE,
	CDP_PLAN_SCREEN,
	CDP_PLAN_COMMON, /* of every call, beside its own */
	CDP_PLAN_NPARTS
};

struct cdp_plan_version {
	int64_t number;
	struct cdp_schema *schema; /* of the whole event */
	struct cdp_map planned;	   /* names of properties or traits, to the
				      struct cdp_node of what they must be */
	bool open;   /* it says of others what they must be */
	bool closed; /* it says that there are no others */
	const struct cdp_node *node;
};

struct cdp_plan_rule {
	struct cdp_str name;	    /* of a track call */
	struct cdp_plan_version *v; /* the oldest first */
	size_t n;		    /* 0: there is no rule */
	const struct cdp_node *node;
};

/* What happens to a call of one kind. */
struct cdp_plan_mode {
	enum cdp_plan_action unplanned_property; /* allow or omit */
	enum cdp_plan_action violation;
	enum cdp_plan_action common; /* to a violation of the common rule */
};

/* What is expected of a whole input. */
enum cdp_metric {
	CDP_METRIC_COUNT,
	CDP_METRIC_RATIO, /* of all records */
	CDP_METRIC_VALID_RATIO,
	CDP_METRIC_DUPLICATE_RATIO,
	CDP_METRIC_MAX_AGE /* of the newest, in milliseconds */
};

struct cdp_bound {
	bool given;
	double value;
	struct cdp_str text; /* as written */
};

struct cdp_expect {
	struct cdp_str id;
	enum cdp_metric metric;
	const char *metric_name;
	struct cdp_trigger on; /* the records it is about */
	struct cdp_bound min, max;
	bool warning; /* no error if it is not met */
	const struct cdp_node *node;
};

struct cdp_plan {
	bool present;
	struct cdp_str id, name; /* of who wrote it, or empty */
	enum cdp_plan_action unplanned_event; /* allow or block */
	struct cdp_plan_mode mode[CDP_PLAN_NPARTS]; /* but COMMON */
	struct cdp_plan_rule *event;
	size_t nevent;
	struct cdp_map by_name; /* of event */
	struct cdp_plan_rule part[CDP_PLAN_NPARTS]; /* but TRACK */
	struct cdp_expect *expect;
	size_t nexpect;
};

#endif
