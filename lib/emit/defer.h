#ifndef CDP_EMIT_DEFER_H
#define CDP_EMIT_DEFER_H

#include "lib/emit/contact.h"

/*
 * defer: the part of contact.c about what waits for the end of quiet hours;
 * and what join.c needs of it, where profiles become one, or several again.
 */
bool cdp_contact_empty(const struct cdp_contact *c);

/* The newer word of a set counts; of two at once, the no.  True: it is new. */
bool cdp_contact_note(struct cdp_contact *c, struct cdp_str channel, bool yes,
    uint32_t set, int64_t at_ms);

/* A message went out then. */
void cdp_contact_count(const struct cdp_contacts *cs, struct cdp_contact *c,
    struct cdp_str channel, int64_t at_ms);

/* What no cap looks back to from the newest. */
void cdp_contact_forget(const struct cdp_contacts *cs, struct cdp_contact *c);

/* The lines of cdp-merge.  0 or fatal. */
int cdp_contacts_merge(
    struct cdp_contacts *cs, const struct cdp_line *ln, struct cdp_err *err);
int cdp_contacts_unmerge(
    struct cdp_contacts *cs, const struct cdp_line *ln, struct cdp_err *err);

void cdp_defer_read(struct cdp_contact *c, const struct cdp_tape *t);
void cdp_defer_write(struct cdp_buf *b, const struct cdp_contact *c);

/* A clock line, or one with the profile of somebody who waits. */
bool cdp_defer_wants(const struct cdp_contacts *cs, const struct cdp_line *ln);

/* Keep the profile in ln, if it is newer. */
void cdp_defer_seen(
    struct cdp_contacts *cs, struct cdp_contact *c, const struct cdp_line *ln);

/*
 * What waits for c waits for whom the event that began it is now: the i-th of
 * to at the i-th move of v, NULL for nobody, who gets nothing.  ln says so.
 */
void cdp_defer_split(struct cdp_contacts *cs, struct cdp_contact *c,
    struct cdp_contact *const *to, const struct cdp_move *v, size_t n,
    const struct cdp_line *ln);

/* What waits for from waits for into. */
void cdp_defer_join(struct cdp_contacts *cs, struct cdp_contact *into,
    struct cdp_contact *from);

#endif
