#include "lib/emit/quiet.h"

/* Read once; NULL: there is none. */
static const struct cdp_zone *
named(struct cdp_hush *h, struct cdp_str name)
{
	struct cdp_zone *z = cdp_map_get(&h->zones, name);

	if (z == NULL && (z = cdp_zone_open(name)) != NULL)
		*cdp_map_at(&h->zones, cdp_zone_name(z)) = z;
	return z;
}

static const struct cdp_zone *
said(struct cdp_hush *h, const struct cdp_line *ln, uint32_t at,
    const char *member)
{
	const struct cdp_tape *t = ln->tape;

	at = cdp_tape_get(t, at, cdp_str_of(member));
	at = cdp_tape_get(t, at, CDP_STR("timezone"));
	return cdp_tape_isa(t, at, CDP_STRING)
	    ? named(h, cdp_tape_str(t, at, ln->mem))
	    : NULL;
}

static const struct cdp_zone *
zone_of(
    struct cdp_hush *h, const struct cdp_project *pr, const struct cdp_line *ln)
{
	const struct cdp_quiet *q = &pr->outreach.quiet;
	const struct cdp_zone *z;

	if (q->zone.n != 0)
		return named(h, q->zone);
	z = said(h, ln, ln->profile, "traits");
	if (z == NULL)
		z = said(h, ln, cdp_tape_get(ln->tape, 0, CDP_STR("event")),
		    "context");
	return z != NULL ? z : named(h, pr->timezone);
}

bool
cdp_hush_until(struct cdp_hush *h, const struct cdp_project *pr,
    const struct cdp_line *ln, struct cdp_str channel, int64_t *ret)
{
	const struct cdp_quiet *q = &pr->outreach.quiet;
	const struct cdp_zone *z;

	return cdp_quiet_covers(q, channel) &&
	    (z = zone_of(h, pr, ln)) != NULL &&
	    cdp_quiet_until(q, z, ln->ts_ms, ret);
}

void
cdp_hush_free(struct cdp_hush *h)
{
	struct cdp_map_ent *e;
	size_t i = 0;

	while ((e = cdp_map_next(&h->zones, &i)) != NULL)
		cdp_zone_close(e->val);
	cdp_map_free(&h->zones);
}
