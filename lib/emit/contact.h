#ifndef CDP_EMIT_CONTACT_H
#define CDP_EMIT_CONTACT_H

#include "lib/json/line.h"
#include "lib/rule/project.h"
#include "lib/store/states.h"

/*
 * contact: what was said to a person, and what the person said of that.
 *
 * For each profile: by channel whether it was subscribed or unsubscribed, of
 * which the newest counts; and when messages went out, as far back as a cap
 * looks.  Profiles that merge have both: what either was sent counts, and the
 * newer word.
 */
struct cdp_said {
	struct cdp_str channel; /* ours */
	bool yes;
	int64_t at_ms;
};

struct cdp_reach {
	struct cdp_str channel; /* the project's */
	int64_t at_ms;
};

struct cdp_contact {
	struct cdp_state k; /* k.due.id is the profile's */
	struct cdp_said *said;
	struct cdp_reach *sent; /* in order of time */
	size_t nsaid, nsent, sentcap;
};

struct cdp_contacts {
	const struct cdp_project *pr;
	struct cdp_states all;
};

void cdp_contacts_init(struct cdp_contacts *cs, const struct cdp_project *pr);
void cdp_contacts_free(struct cdp_contacts *cs);
void cdp_contacts_open(struct cdp_contacts *cs, struct cdp_log *log);

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

#endif
