#ifndef CDP_EMIT_DEFER_H
#define CDP_EMIT_DEFER_H

#include "lib/emit/contact.h"

/*
 * defer: the part of contact.c about what waits for the end of quiet hours.
 */
void cdp_defer_read(struct cdp_contact *c, const struct cdp_tape *t);
void cdp_defer_write(struct cdp_buf *b, const struct cdp_contact *c);

/* A clock line, or one with the profile of somebody who waits. */
bool cdp_defer_wants(const struct cdp_contacts *cs, const struct cdp_line *ln);

/* Keep the profile in ln, if it is newer. */
void cdp_defer_seen(
    struct cdp_contacts *cs, struct cdp_contact *c, const struct cdp_line *ln);

/* What waits for from waits for into. */
void cdp_defer_join(struct cdp_contacts *cs, struct cdp_contact *into,
    struct cdp_contact *from);

#endif
