#ifndef CDP_INGEST_KCAT_H
#define CDP_INGEST_KCAT_H

#include "lib/json/tape.h"

/*
 * kcat: messages of a topic as kcat prints them, a line each.
 *
 * Either an object (kcat -J), or topic, partition, offset and payload with
 * tabs between them (kcat -f '%t\\t%p\\t%o\\t%s\\n').
 */
struct cdp_kcat {
	struct cdp_str topic;
	int64_t partition, offset;
	struct cdp_str payload; /* empty: none */
};

/*
 * Open a line.  t is used for an object; what is not borrowed from the line
 * lives in mem.  0, or CDP_EDATA with the rule "kcat".
 */
int cdp_kcat_read(struct cdp_str line, struct cdp_tape *t,
    struct cdp_arena *mem, struct cdp_kcat *ret, struct cdp_err *err);

#endif
