#include "lib/profile/links.h"

#include <stdlib.h>

#include "lib/profile/parts.h"
#include "lib/profile/violation.h"

/* A set as bytes: sorted by address, which reaches nothing but the table. */
static struct cdp_str
sorted(struct cdp_ident **set, size_t n)
{
	size_t i, j;

	for (i = 1; i < n; i++) {
		struct cdp_ident *id = set[i];

		for (j = i; j != 0 && set[j - 1] > id; j--)
			set[j] = set[j - 1];
		set[j] = id;
	}
	return (struct cdp_str){ (const char *)set, n * sizeof(*set) };
}

void
cdp_links_place(struct cdp_profile *p, struct cdp_link *l)
{
	size_t i = p->nlink;

	while (i != 0 && cdp_stamp_cmp(p->link[i - 1]->at, l->at) > 0)
		i--;
	p->link = cdp_profile_insert(
	    p->link, &p->nlink, &p->linkcap, sizeof(struct cdp_link *), i);
	p->link[i] = l;
}

static void
displace(struct cdp_profile *p, const struct cdp_link *l)
{
	size_t i;

	for (i = 0; p->link[i] != l; i++)
		;
	p->nlink--;
	memmove(
	    &p->link[i], &p->link[i + 1], (p->nlink - i) * sizeof(p->link[0]));
}

/*
 * A link counts for those of its identifiers that it puts below another: the
 * cookie of a kiosk is shared by many users, a user has many cookies.
 */
static bool
is_below(const struct cdp_link *l, const struct cdp_ident *id)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->id[i]->rank < id->rank)
			return true;
	return false;
}

struct cdp_link *
cdp_links_add(struct cdp_merge *m, struct cdp_profile *p,
    struct cdp_ident *const *ids, size_t n, struct cdp_stamp at)
{
	struct cdp_link *l = cdp_xmalloc(sizeof(*l) + n * sizeof(l->id[0]));
	size_t i;

	l->at = cdp_stamp_own(at);
	l->n = n;
	l->part = NULL;
	memcpy(l->id, ids, n * sizeof(l->id[0]));
	*cdp_map_at(&m->links, sorted(l->id, n)) = l;
	cdp_links_place(p, l);
	for (i = 0; i < n; i++)
		l->id[i]->shared += is_below(l, l->id[i]);
	return l;
}

/* It has been seen with one more: is it somebody's, or everybody's? */
static void
watch(struct cdp_merge *m, const struct cdp_ident *id)
{
	uint32_t at = CDP_HUB_FIRST;

	while (at < id->shared)
		at *= 2;
	if (at == id->shared)
		cdp_violation_note(
		    m, CDP_VIOL_HUB, id->type, cdp_ident_value(id), id, at);
}

void
cdp_links_refused(struct cdp_merge *m, const struct cdp_ident *id)
{
	struct cdp_ident *known = cdp_map_get(&m->idents, id->key);

	known->refused++;
	known->shared++;
	watch(m, known);
	cdp_profile_touch(m, &cdp_profile_now(known->owner)->u);
}

struct cdp_link *
cdp_links_find(struct cdp_merge *m, struct cdp_ident **set, size_t n)
{
	return cdp_map_get(&m->links, sorted(set, n));
}

void
cdp_links_date(struct cdp_profile *p, struct cdp_link *l, struct cdp_stamp at)
{
	if (cdp_stamp_cmp(at, l->at) >= 0)
		return;
	displace(p, l);
	cdp_stamp_free(&l->at);
	l->at = cdp_stamp_own(at);
	cdp_links_place(p, l);
}

struct cdp_link *
cdp_links_event(struct cdp_merge *m, struct cdp_profile *p,
    const struct cdp_id *ids, size_t nids, bool fresh, struct cdp_stamp at)
{
	bool all = !m->pr->identity.irreversible;
	struct cdp_ident *set[CDP_IDS_MAX];
	struct cdp_link *l;
	size_t i, n = 0;

	for (i = 0; i < nids; i++)
		if (ids[i].known != NULL &&
		    cdp_profile_now(ids[i].known->owner) == p)
			set[n++] = ids[i].known;
	/* Who has one identifier has one set: the profile says it. */
	if (n == 0 || (n == 1 && (!all || p->nident == 1)))
		return NULL;
	l = cdp_links_find(m, set, n);
	if (l == NULL) {
		if (!fresh && !all && p->nlink >= CDP_LINKS_MAX)
			return NULL;
		if (p->nlink != 0 || p->nident != n)
			cdp_parts_begin(m, p);
		if ((l = cdp_links_find(m, set, n)) != NULL)
			return l;
		l = cdp_links_add(m, p, set, n, at);
		for (i = 0; i < n; i++)
			if (is_below(l, l->id[i]))
				watch(m, l->id[i]);
		if (p->nlink > 1 && all)
			l->part = cdp_parts_new(m);
		cdp_profile_touch(m, &p->u);
	} else if (cdp_stamp_cmp(at, l->at) < 0) {
		cdp_links_date(p, l, at);
		cdp_profile_touch(m, &p->u);
	}
	return l;
}

void
cdp_links_detach(struct cdp_merge *m, struct cdp_link *l)
{
	size_t i;

	cdp_map_del(&m->links, sorted(l->id, l->n));
	for (i = 0; i < l->n; i++)
		l->id[i]->shared -= is_below(l, l->id[i]);
}

void
cdp_links_discard(struct cdp_link *l)
{
	cdp_parts_free(l->part);
	cdp_stamp_free(&l->at);
	free(l);
}

void
cdp_links_join(struct cdp_profile *into, struct cdp_profile *from)
{
	size_t i;

	for (i = 0; i < from->nlink; i++)
		cdp_links_place(into, from->link[i]);
	free(from->link);
	from->link = NULL;
	from->nlink = from->linkcap = 0;
}

void
cdp_links_free(struct cdp_merge *m, struct cdp_profile *p)
{
	size_t i;

	for (i = 0; i < p->nlink; i++) {
		cdp_links_detach(m, p->link[i]);
		cdp_links_discard(p->link[i]);
	}
	free(p->link);
	p->link = NULL;
	p->nlink = p->linkcap = 0;
}
