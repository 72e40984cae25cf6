#ifndef CDP_PROFILE_NET_H
#define CDP_PROFILE_NET_H

#include "lib/base/arena.h"
#include "lib/rule/project.h"
#include "lib/store/log.h"

/*
 * net: the identifiers of one profile and the events that hold them together,
 * read from what cdp-merge keeps; for questions, not for the filter.
 */
struct cdp_net_id {
	struct cdp_str type, value;
	struct cdp_str raw;  /* as first written; empty: like the value */
	struct cdp_str name; /* "TYPE:VALUE" */
	int64_t first_ms;
	int64_t refused; /* other profiles whose events had it in vain */
};

struct cdp_net_link {
	int64_t ms;
	struct cdp_str by; /* messageId of the first event that said so */
	size_t *id;        /* places in cdp_net.id */
	size_t n;
};

struct cdp_net_aside {
	struct cdp_str violation, type, hash, over, by;
	int64_t ms;
};

struct cdp_net {
	struct cdp_str profile;
	struct cdp_net_id *id;
	size_t nid;
	struct cdp_net_link *link; /* the oldest first */
	size_t nlink;
	struct cdp_net_aside *aside;
	size_t naside;
};

#define CDP_NET_NONE SIZE_MAX

/* A state of a profile; made in mem.  False if it is of one merged away. */
bool cdp_net_read(struct cdp_str json, struct cdp_str id, struct cdp_arena *mem,
    struct cdp_net *ret);

/*
 * The profile that id stands for: its own id, also one that was merged away,
 * or TYPE:VALUE in any spelling of its type.  *at is the identifier's place,
 * or CDP_NET_NONE for a profile's id.
 *
 * 0; CDP_END if nobody is known by it; CDP_ECORRUPT, CDP_EIO.
 */
int cdp_net_find(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str id, struct cdp_arena *mem, struct cdp_net *ret, size_t *at,
    struct cdp_err *err);

/*
 * The fewest links that lead from one identifier to another, of equals the
 * oldest; their places in order.  False if there is no way.
 */
bool cdp_net_path(const struct cdp_net *net, size_t from, size_t to,
    struct cdp_arena *mem, size_t **ret, size_t *n);

/*
 * The fewest links, or (links false) identifiers between them, without which
 * there is no way from one to the other.  False if there are none (two
 * identifiers of one event), or more than max.  O(max * what the net holds).
 */
bool cdp_net_cut(const struct cdp_net *net, size_t from, size_t to, bool links,
    size_t max, struct cdp_arena *mem, size_t **ret, size_t *n);

#endif
