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

struct cdp_link *
cdp_links_add(struct cdp_merge *m, struct cdp_profile *p,
    struct cdp_ident *const *ids, size_t n, struct cdp_stamp at)
{
	struct cdp_link *l = cdp_xmalloc(sizeof(*l) + n * sizeof(l->id[0]));

	l->at = cdp_stamp_own(at);
	l->n = n;
	l->part = NULL;
	memcpy(l->id, ids, n * sizeof(l->id[0]));
	*cdp_map_at(&m->links, sorted(l->id, n)) = l;
	cdp_links_place(p, l);
	return l;
}

/*
 * The most values of one type above id's that it came together with, but on
 * the link that is left out: the cookie of a kiosk is seen with many users, a
 * user with many cookies.
 */
static uint32_t
above(const struct cdp_profile *p, const struct cdp_ident *id,
    const struct cdp_link *out)
{
	uint32_t most = 0, n = 0;
	size_t i, j;

	for (i = 0; i < p->nident; i++)
		p->ident[i]->at = 0;
	for (i = 0; i < p->nlink; i++) {
		const struct cdp_link *l = p->link[i];

		for (j = 0; j < l->n && l->id[j] != id; j++)
			;
		if (l == out || j == l->n)
			continue;
		for (j = 0; j < l->n; j++)
			l->id[j]->at = l->id[j]->rank < id->rank;
	}
	for (i = 0; i < p->nident; i++) { /* they stand by type */
		if (i != 0 && p->ident[i]->type != p->ident[i - 1]->type)
			n = 0;
		n += p->ident[i]->at;
		most = n > most ? n : most;
	}
	return most;
}

/* Once a run for each type: not its value, which may be somebody's. */
static void
warn(struct cdp_merge *m, const struct cdp_ident *id, uint32_t n)
{
	struct cdp_str type = m->type[id->type];

	if (m->note != NULL)
		m->note(m->note_arg,
		    cdp_arena_printf(m->mem,
			"a value of %.*s is seen with %u others: whoever they "
			"are, it may make them one; --hubs tells which",
			(int)type.n, type.p, n)
			.p);
}

/*
 * It is seen with so many, one more than before: is it somebody's, or
 * everybody's?  Said at identity.hub, and each time there are twice as many.
 */
static void
watch(struct cdp_merge *m, const struct cdp_ident *id, uint32_t n)
{
	uint64_t first = (uint64_t)m->pr->identity.hub, at = first;

	while (at != 0 && at < n)
		at *= 2;
	if (at == 0 || at != n)
		return;
	if (at == first && m->nhub[id->type]++ == 0)
		warn(m, id, n);
	cdp_violation_note(
	    m, CDP_VIOL_HUB, id->type, cdp_ident_value(id), id, n);
}

void
cdp_links_refused(struct cdp_merge *m, const struct cdp_ident *id)
{
	struct cdp_ident *known = cdp_map_get(&m->idents, id->key);
	struct cdp_profile *p = cdp_profile_now(known->owner);

	known->refused++;
	watch(m, known, known->refused + above(p, known, NULL));
	cdp_profile_touch(m, &p->u);
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

/* What one more link says of one of its identifiers. */
static void
watch_link(struct cdp_merge *m, const struct cdp_profile *p,
    const struct cdp_link *l, const struct cdp_ident *id)
{
	uint32_t n;

	if (p->ident[0]->rank >= id->rank)
		return;
	n = above(p, id, NULL);
	if (n > above(p, id, l))
		watch(m, id, id->refused + n);
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
		for (i = 0; n > 1 && i < n; i++)
			watch_link(m, p, l, l->id[i]);
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
	cdp_map_del(&m->links, sorted(l->id, l->n));
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
