#include "lib/profile/consent.h"

/* Its place by name, or the place it would have. */
static size_t
find(const struct cdp_profile *p, struct cdp_str category, bool *found)
{
	size_t i;
	int c = 1;

	for (i = 0; i < p->nchoice; i++)
		if ((c = cdp_str_cmp(p->choice[i].category, category)) >= 0)
			break;
	*found = c == 0;
	return i;
}

bool
cdp_consent_set(struct cdp_profile *p, struct cdp_str category,
    enum cdp_consent_value value)
{
	bool found;
	size_t i = find(p, category, &found);

	if (!found) {
		p->choice = cdp_profile_insert(p->choice, &p->nchoice,
		    &p->choicecap, sizeof(*p->choice), i);
		p->choice[i] =
		    (struct cdp_choice){ cdp_mem_own(category), value };
		return true;
	}
	if (p->choice[i].value == value)
		return false;
	p->choice[i].value = value;
	return true;
}

static enum cdp_consent_value
given(const struct cdp_tape *t, uint32_t prefs, struct cdp_str category)
{
	uint32_t at = cdp_tape_get(t, prefs, category);

	return cdp_tape_isa(t, at, CDP_TRUE) ? CDP_CONSENT_YES : CDP_CONSENT_NO;
}

bool
cdp_consent_event(const struct cdp_merge *m, struct cdp_profile *p,
    const struct cdp_line *ln, struct cdp_stamp at, bool *touched)
{
	const struct cdp_consent *rules = &m->pr->consent;
	const struct cdp_tape *t = ln->tape;
	uint32_t prefs = m->consent, it = 0, key, val;
	bool changed = false;
	size_t i;

	if (!cdp_tape_isa(t, prefs, CDP_OBJECT) ||
	    (p->has_choice && cdp_stamp_cmp(at, p->choice_at) < 0))
		return false;
	cdp_stamp_free(&p->choice_at);
	p->choice_at = cdp_stamp_own(at);
	p->has_choice = *touched = true;
	for (i = 0; i < p->nchoice; i++)
		changed |= cdp_consent_set(p, p->choice[i].category,
		    given(t, prefs, p->choice[i].category));
	for (i = 0; i < rules->ncat; i++)
		changed |= cdp_consent_set(
		    p, rules->cat[i].name, given(t, prefs, rules->cat[i].name));
	while (cdp_tape_next(t, prefs, &it, &key, &val)) {
		struct cdp_str name = cdp_tape_str(t, key, ln->mem);

		changed |= cdp_consent_set(p, name, given(t, prefs, name));
	}
	return changed;
}

/* What both say stays; what they do not both say is false on one side. */
void
cdp_consent_join(struct cdp_profile *p, const struct cdp_profile *from)
{
	bool found;
	size_t i, j;

	for (i = 0; i < p->nchoice; i++) {
		struct cdp_choice *c = &p->choice[i];

		j = find(from, c->category, &found);
		if (c->value !=
		    (found ? from->choice[j].value : CDP_CONSENT_NO))
			c->value = CDP_CONSENT_CONFLICT;
	}
	for (i = 0; i < from->nchoice; i++) {
		const struct cdp_choice *c = &from->choice[i];

		find(p, c->category, &found);
		if (!found)
			cdp_consent_set(p, c->category,
			    c->value == CDP_CONSENT_NO ? CDP_CONSENT_NO
						       : CDP_CONSENT_CONFLICT);
	}
	if (from->has_choice &&
	    (!p->has_choice ||
		cdp_stamp_cmp(from->choice_at, p->choice_at) > 0)) {
		cdp_stamp_free(&p->choice_at);
		p->choice_at = cdp_stamp_own(from->choice_at);
		p->has_choice = true;
	}
}

void
cdp_consent_free(struct cdp_profile *p)
{
	size_t i;

	for (i = 0; i < p->nchoice; i++)
		cdp_mem_disown(&p->choice[i].category);
	free(p->choice);
	cdp_stamp_free(&p->choice_at);
	p->choice = NULL;
	p->nchoice = p->choicecap = 0;
}
