#ifndef CDP_INGEST_BODY_H
#define CDP_INGEST_BODY_H

#include "lib/base/buf.h"
#include "lib/json/line.h"
#include "lib/rule/project.h"

/*
 * body: one JSON text from outside, as the events in it.
 *
 * A text is an event; or a list of them; or what Segment's libraries send,
 * {"batch":[...]} without a type.  Its context and integrations are merged
 * into each event, member by member, and the event's own stay; its sentAt,
 * receivedAt and timestamp are those of the events that have none.
 */
struct cdp_body {
	struct cdp_tape tape; /* of the text */
	struct cdp_tape item; /* of one of several */
	struct cdp_buf text;  /* which with what is said of all */
};

/*
 * Read a text and hand on each event in it; the lines live until the next.
 *
 * 0, or what each returned, which is told of what is bad, too: an event of
 * several, or the whole text.  For one event it costs no more than to read it.
 */
int cdp_body_split(struct cdp_body *b, const struct cdp_limits *limits,
    struct cdp_str text, uint64_t lineno, struct cdp_arena *mem,
    const struct cdp_each *each, struct cdp_err *err);

void cdp_body_free(struct cdp_body *b);

#endif
