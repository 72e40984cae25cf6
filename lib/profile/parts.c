#include "lib/profile/parts.h"

#include <stdlib.h>

#include "lib/profile/consent.h"
#include "lib/profile/groups.h"
#include "lib/profile/traits.h"

struct cdp_profile *
cdp_parts_new(const struct cdp_merge *m)
{
	struct cdp_profile *part = cdp_xcalloc(1, sizeof(*part));

	part->u.defs = &m->own;
	part->u.now_ms = CDP_TIME_NONE;
	part->loaded = true;
	return part;
}

void
cdp_parts_free(struct cdp_profile *part)
{
	if (part == NULL)
		return;
	cdp_profile_free(part);
	free(part);
}

/* The newest says it all; what only the older one names it leaves out. */
static void
join_choices(struct cdp_profile *into, const struct cdp_profile *from)
{
	bool newer = from->has_choice &&
	    (!into->has_choice ||
		cdp_stamp_cmp(from->choice_at, into->choice_at) > 0);
	size_t i, j;

	if (newer) {
		for (i = 0; i < into->nchoice; i++)
			into->choice[i].value = CDP_CONSENT_NO;
		for (i = 0; i < from->nchoice; i++)
			cdp_consent_set(into, from->choice[i].category,
			    from->choice[i].value);
		cdp_stamp_free(&into->choice_at);
		into->choice_at = cdp_stamp_own(from->choice_at);
		into->has_choice = true;
		return;
	}
	for (i = 0; i < from->nchoice; i++) {
		for (j = 0; j < into->nchoice &&
		     !cdp_str_eq(
			 into->choice[j].category, from->choice[i].category);
		     j++)
			;
		if (j == into->nchoice)
			cdp_consent_set(
			    into, from->choice[i].category, CDP_CONSENT_NO);
	}
}

static void
add(struct cdp_merge *m, struct cdp_profile *into,
    const struct cdp_profile *from)
{
	cdp_traits_join(into, from);
	join_choices(into, from);
	cdp_computed_join(&into->u, &from->u, &m->tmp);
	if (into->u.now_ms < from->u.now_ms)
		into->u.now_ms = from->u.now_ms;
}

static void
add_members(struct cdp_profile *into, const struct cdp_profile *from)
{
	size_t i;

	for (i = 0; i < from->nmember; i++)
		cdp_groups_mark(into, from->member[i].circle,
		    from->member[i].joined, from->member[i].left);
}

void
cdp_parts_join(
    struct cdp_merge *m, struct cdp_profile **into, struct cdp_profile *from)
{
	if (*into == NULL) {
		*into = from;
		return;
	}
	if (from != NULL) {
		add(m, *into, from);
		add_members(*into, from);
	}
	cdp_parts_free(from);
}

static bool
has_parts(const struct cdp_profile *p)
{
	size_t i;

	for (i = 0; i < p->nlink; i++)
		if (p->link[i]->part != NULL)
			return true;
	return false;
}

/*
 * It has one identifier, or is from before sets were kept: then they hang
 * together by the first.
 */
static void
first_sets(struct cdp_merge *m, struct cdp_profile *p)
{
	struct cdp_ident *set[CDP_IDS_MAX];
	struct cdp_stamp at = p->born;
	size_t i, n;

	for (i = 0; i < p->nident; i++)
		if (p->ident[i]->first_ms < at.ms)
			at.ms = p->ident[i]->first_ms;
	i = 1;
	do {
		set[0] = p->ident[0];
		for (n = 1; n < CDP_IDS_MAX && i < p->nident; n++)
			set[n] = p->ident[i++];
		cdp_links_add(m, p, set, n, at);
	} while (i < p->nident);
}

void
cdp_parts_begin(struct cdp_merge *m, struct cdp_profile *p)
{
	if (m->pr->identity.irreversible || p->nident == 0 || has_parts(p))
		return;
	if (p->nlink == 0)
		first_sets(m, p);
	p->link[0]->part = cdp_parts_new(m);
	add(m, p->link[0]->part, p);
	add_members(p->link[0]->part, p);
}

static void
ignore(void *arg, const struct cdp_trait *def, const struct cdp_err *err)
{
	(void)arg;
	(void)def;
	(void)err;
}

void
cdp_parts_event(struct cdp_merge *m, const struct cdp_profile *p,
    struct cdp_link *l, const struct cdp_line *ln, int64_t at_ms)
{
	struct cdp_stamp at = { at_ms, ln->message_id };
	struct cdp_count c = { ln, p->u.now_ms, m->pr->jq, &m->tmp, ignore, m };
	struct cdp_profile *part;
	bool touched = false;

	if (l == NULL || !has_parts(p))
		return;
	if (l->part == NULL)
		l->part = cdp_parts_new(m);
	part = l->part;
	part->u.now_ms = p->u.now_ms;
	cdp_computed_expire(&part->u, p->u.now_ms, &m->tmp);
	if (ln->type == CDP_IDENTIFY)
		cdp_traits_identify(part, ln, at);
	cdp_consent_event(m, part, ln, at, &touched);
	cdp_computed_event(&part->u, &c, &touched);
	cdp_groups_part(m, p, part, ln, at);
}

struct cdp_profile *
cdp_parts_members(const struct cdp_merge *m, const struct cdp_profile *p)
{
	struct cdp_profile *all = cdp_parts_new(m);
	size_t i;

	for (i = 0; i < p->nlink; i++)
		if (p->link[i]->part != NULL)
			add_members(all, p->link[i]->part);
	return all;
}

void
cdp_parts_rebuild(
    struct cdp_merge *m, struct cdp_profile *p, const struct cdp_profile *known)
{
	struct cdp_profile *members = cdp_parts_members(m, p);
	int64_t now_ms = p->u.now_ms;
	size_t i;

	cdp_groups_rebuild(m, p, members, known);
	cdp_parts_free(members);

	cdp_unit_free(&p->u);
	p->u.win = NULL;
	cdp_traits_free(p);
	cdp_consent_free(p);
	p->has_choice = false;
	for (i = 0; i < p->nlink; i++)
		if (p->link[i]->part != NULL)
			add(m, p, p->link[i]->part);
	if (p->nlink == 1) {
		cdp_parts_free(p->link[0]->part);
		p->link[0]->part = NULL;
	}
	p->u.now_ms = now_ms;
	cdp_computed_expire(&p->u, now_ms, &m->tmp);
}
