#ifndef CDP_INGEST_CHANGE_H
#define CDP_INGEST_CHANGE_H

#include "lib/base/buf.h"
#include "lib/rule/transforms.h"

/*
 * change: members left out, hashed, masked and renamed without reading more of
 * a line than its tape.
 *
 * What stays is copied as it is.  All members of a name are changed where an
 * object has several; a value that is a list or an object is hashed or masked
 * in all that is in it; null stays.
 */
struct cdp_changes {
	struct cdp_fate *v;
	size_t n, cap;
	struct cdp_arena mem; /* for one line */
};

/*
 * Append the line with the changes of t made: 0; CDP_END, and nothing is
 * appended, if it has nothing of what is to be changed.  key is that of a hash,
 * or empty.
 */
int cdp_change_line(struct cdp_changes *c, const struct cdp_transform *t,
    struct cdp_str key, const struct cdp_tape *line, struct cdp_buf *b);

void cdp_changes_free(struct cdp_changes *c);

#endif
