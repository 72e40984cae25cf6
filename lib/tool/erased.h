#ifndef CDP_TOOL_ERASED_H
#define CDP_TOOL_ERASED_H

#include "lib/base/map.h"
#include "lib/json/tape.h"
#include "lib/store/compact.h"

/*
 * erased: what is left of a log's states and records without some profiles.
 *
 * A state goes if it is theirs: under their id, an identifier of theirs, who
 * was merged into them, what was to be taken back from them; a group loses a
 * member.  A record goes if it names one of them at all: that is what it was
 * written for.
 */

/* The ids of profiles that are to go: "p_" and 20 hex digits each. */
struct cdp_erased {
	struct cdp_map ids;
	struct cdp_arena mem;
	struct cdp_tape tape;
};

void cdp_erased_add(struct cdp_erased *e, struct cdp_str id);
bool cdp_erased_has(const struct cdp_erased *e, struct cdp_str id);

/* How often one of them stands in the text. */
size_t cdp_erased_count(const struct cdp_erased *e, struct cdp_str text);
void cdp_erased_free(struct cdp_erased *e);

/* What each state and record of a log becomes; arg is the struct above. */
enum cdp_compact_keep cdp_erased_state(
    void *arg, struct cdp_str key, struct cdp_str val, struct cdp_buf *ret);
enum cdp_compact_keep cdp_erased_record(void *arg, enum cdp_rec_kind kind,
    struct cdp_str json, struct cdp_buf *ret);

#endif
