#ifndef CDP_RULE_TRANSFORMS_H
#define CDP_RULE_TRANSFORMS_H

#include "lib/json/tape.h"
#include "lib/rule/cond.h"

/*
 * transforms: what cdp-ingest changes in events, in the order of the list.
 */
enum cdp_mask {
	CDP_MASK_ALL,   /* nothing of it stays */
	CDP_MASK_EMAIL, /* the first letter and the domain */
	CDP_MASK_IP,    /* the network: the first 24 bits, or 48 */
	CDP_MASK_FIRST, /* so many characters, if there are more */
	CDP_MASK_LAST
};

enum cdp_change_kind {
	CDP_CHANGE_DROP,
	CDP_CHANGE_HASH,
	CDP_CHANGE_MASK,
	CDP_CHANGE_RENAME
};

/* One place in an event. */
struct cdp_change {
	struct cdp_path path;
	struct cdp_str name; /* rename: of the member, in the same object */
	enum cdp_mask mask;
	size_t keep; /* of first and last */
};

struct cdp_transform {
	struct cdp_trigger on; /* nevent 0: also of what is no event */
	int jq;                /* or -1 */
	enum cdp_change_kind kind;
	struct cdp_change *change;
	size_t nchange;
	struct cdp_str key; /* hash: the name of a secret, or empty */
};

struct cdp_transforms {
	struct cdp_transform *v;
	size_t n;
};

#endif
