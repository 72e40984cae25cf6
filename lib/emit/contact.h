#ifndef CDP_EMIT_CONTACT_H
#define CDP_EMIT_CONTACT_H

#include "lib/json/line.h"
#include "lib/rule/shares.h"
#include "lib/store/states.h"

/*
 * contact: what was said to a person, and what the person said of that.
 *
 * For each profile: by channel whether it was subscribed or unsubscribed, of
 * which the newest counts; and when messages went out, as far back as a cap
 * looks.  Profiles that merge have both: what either was sent counts, and the
 * newer word.  When what joined them is taken back each has the own word, and
 * what went out counts for all of them.
 */
struct cdp_said {
	struct cdp_str channel; /* ours */
	bool yes;
	uint32_t set; /* of identifiers, of the event that said it */
	int64_t at_ms;
};

struct cdp_reach {
	struct cdp_str channel; /* the project's */
	int64_t at_ms;
};

struct cdp_later {           /* what waits for the end of quiet hours */
	struct cdp_str line; /* ours: the activation */
	int64_t due_ms;
};

struct cdp_contact {
	struct cdp_state k; /* k.due.id is the profile's */
	struct cdp_said *said;
	struct cdp_reach *sent; /* in order of time */
	size_t nsaid, nsent, sentcap;
	struct cdp_later *later; /* in the order in which they came */
	size_t nlater;
	/* While something waits: the profile as last seen, and in which line.
	 */
	struct cdp_buf profile;
	int64_t seen;
};

struct cdp_contacts {
	const struct cdp_project *pr;
	struct cdp_states all;
	struct cdp_tape tape;
};

void cdp_contacts_init(struct cdp_contacts *cs, const struct cdp_project *pr);
void cdp_contacts_free(struct cdp_contacts *cs);

/* Take the log, and know who has something waiting.  0 or fatal. */
int cdp_contacts_open(
    struct cdp_contacts *cs, struct cdp_log *log, struct cdp_err *err);

/* Whether lines may change who waits for what: the log must be open then. */
bool cdp_contacts_waits(const struct cdp_contacts *cs);

/* Whether the line changes what is kept: then the stage must see it. */
bool cdp_contacts_wants(
    const struct cdp_contacts *cs, const struct cdp_line *ln);

/* Take such a line.  0 or fatal. */
int cdp_contacts_line(
    struct cdp_contacts *cs, const struct cdp_line *ln, struct cdp_err *err);

/* The profile's, or NULL if the project asks for none.  0 or fatal. */
int cdp_contacts_get(struct cdp_contacts *cs, struct cdp_str profile,
    struct cdp_contact **ret, struct cdp_err *err);

/* Whether silence, or what was said last, closes the channel, and as what:
 * "unsubscribed", "not_subscribed"; NULL: it is open. */
const char *cdp_contact_closed(const struct cdp_contacts *cs,
    const struct cdp_contact *c, struct cdp_str channel);

/* The cap that one more message at that time would break, or NULL. */
const struct cdp_cap *cdp_contact_capped(const struct cdp_contacts *cs,
    const struct cdp_contact *c, struct cdp_str channel, int64_t at_ms);

/* It goes out. */
void cdp_contact_sent(struct cdp_contacts *cs, struct cdp_contact *c,
    struct cdp_str channel, int64_t at_ms);

/* The activation ln goes through the gates again then. */
void cdp_contact_defer(struct cdp_contacts *cs, struct cdp_contact *c,
    const struct cdp_line *ln, int64_t due_ms);

/*
 * The next activation whose time has come by now_ms, in the order (time,
 * profile), appended to ret as a line of that time with the profile as last
 * seen; it waits no longer.  0, CDP_END if there is none, or fatal.
 */
int cdp_contacts_next(struct cdp_contacts *cs, int64_t now_ms,
    struct cdp_buf *ret, struct cdp_err *err);

/*
 * The same of the first that waits and is of the same step as ln, an undo or a
 * withdrawal, as a line of the time of ln: it never goes out.
 */
int cdp_contacts_recall(struct cdp_contacts *cs, const struct cdp_line *ln,
    struct cdp_buf *ret, struct cdp_err *err);

#endif
