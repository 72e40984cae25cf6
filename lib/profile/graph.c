#include "lib/profile/graph.h"

#include "lib/base/hash.h"
#include "lib/profile/privacy.h"
#include "lib/profile/state.h"
#include "lib/profile/violation.h"
#include "lib/rule/ident.h"

/* ---- resolving ---- */

static int
older(const struct cdp_profile *a, const struct cdp_profile *b)
{
	int c = cdp_stamp_cmp(a->born, b->born);

	return c != 0 ? c : strcmp(a->id, b->id);
}

/* The profiles that the first n identifiers match, the oldest first. */
static void
match(const struct cdp_id *ids, size_t n, struct cdp_found *ret)
{
	struct cdp_profile *p;
	size_t i, j;

	ret->n = 0;
	for (i = 0; i < n; i++) {
		if (ids[i].known == NULL)
			continue;
		p = cdp_profile_now(ids[i].known->owner);
		for (j = 0; j < ret->n && ret->p[j] != p; j++)
			;
		if (j < ret->n)
			continue;
		for (j = ret->n++; j != 0 && older(ret->p[j - 1], p) > 0; j--)
			ret->p[j] = ret->p[j - 1];
		ret->p[j] = p;
	}
}

static int64_t
held(const struct cdp_profile *p, uint32_t type, int64_t since_ms)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < p->nident; i++)
		if (p->ident[i]->type == type &&
		    p->ident[i]->first_ms > since_ms)
			n++;
	return n;
}

/*
 * Whether the candidate would hold too many of a type that it gains.  A
 * profile that is over a limit which was tightened later is left in peace.
 */
static bool
exceeds(const struct cdp_merge *m, const struct cdp_id *ids, size_t n,
    const struct cdp_found *found, uint32_t type, int64_t now_ms)
{
	const struct cdp_identifier *rule =
	    cdp_ident_rule(&m->pr->identity, type);
	int64_t since = rule->per_ms > 0 ? now_ms - rule->per_ms : INT64_MIN;
	int64_t total = 0, most = 0, one;
	size_t i;

	if (rule->limit <= 0)
		return false;
	for (i = 0; i < found->n; i++) {
		one = held(found->p[i], type, since);
		total += one;
		if (one > most)
			most = one;
	}
	for (i = 0; i < n; i++)
		if (ids[i].known == NULL && ids[i].type == type)
			total++;
	return total > rule->limit && total > most;
}

/* Whether all of it is known already, and one profile's: the usual case. */
static bool
is_settled(const struct cdp_id *ids, size_t n, const struct cdp_found *found)
{
	size_t i;

	if (found->n != 1)
		return false;
	for (i = 0; i < n; i++)
		if (ids[i].known == NULL)
			return false;
	return true;
}

/* If not, *over is the type that there would be too many of. */
static bool
accepts(struct cdp_merge *m, const struct cdp_id *ids, size_t n,
    const struct cdp_found *found, int64_t now_ms, uint32_t *over)
{
	if (is_settled(ids, n, found))
		return true;
	for (*over = 0; *over < m->ntype; ++*over)
		if (exceeds(m, ids, n, found, *over, now_ms))
			return false;
	return true;
}

static void
set_aside(struct cdp_merge *m, const struct cdp_id *id,
    enum cdp_violation_kind kind, uint32_t over)
{
	size_t n = m->prefix[id->type].n;
	struct cdp_str value = { id->key.p + n, id->key.n - n };

	cdp_violation_note(m, kind, id->type, value, id->known, over);
}

/*
 * The caps of the system: what would pass them does not merge, and the event
 * belongs to the profile of its first known identifier.
 */
static void
cap(struct cdp_merge *m, const struct cdp_id *ids, struct cdp_found *found)
{
	size_t merges = found->n - 1, mappings = 0, i;

	for (i = 0; i < found->n; i++) {
		merges += found->p[i]->nmerged;
		mappings += found->p[i]->nident;
	}
	if (merges <= m->max_merges && mappings <= m->max_mappings)
		return;
	for (i = 0; ids[i].known == NULL; i++)
		;
	found->p[0] = cdp_profile_now(ids[i].known->owner);
	found->n = 1;
	while (++i < found->nids)
		if (ids[i].known != NULL &&
		    cdp_profile_now(ids[i].known->owner) != found->p[0])
			set_aside(m, &ids[i],
			    merges > m->max_merges ? CDP_VIOL_MERGES
						   : CDP_VIOL_MAPPINGS,
			    CDP_NO_TYPE);
}

void
cdp_graph_resolve(struct cdp_merge *m, const struct cdp_id *ids, size_t nids,
    int64_t now_ms, struct cdp_found *ret)
{
	uint32_t over;
	size_t n;

	for (n = nids; n != 0; n--) {
		match(ids, n, ret);
		if (accepts(m, ids, n, ret, now_ms, &over))
			break;
		set_aside(m, &ids[n - 1],
		    cdp_ident_rule(&m->pr->identity, over)->per_ms > 0
			? CDP_VIOL_TIME_LIMIT
			: CDP_VIOL_LIMIT,
		    over);
	}
	if (n == 0)
		ret->n = 0;
	ret->nids = n;
	if (ret->n > 1)
		cap(m, ids, ret);
}

/* ---- changing ---- */

struct cdp_profile *
cdp_graph_found(
    struct cdp_merge *m, const struct cdp_id *first, struct cdp_stamp born)
{
	struct cdp_str prefix = m->prefix[first->type], of[3];
	struct cdp_profile *p;
	char id[23] = "p_";

	of[0] = born.mid;
	of[1] = m->type[first->type];
	of[2] = (struct cdp_str){ first->key.p + prefix.n,
		first->key.n - prefix.n };
	cdp_hash_sha256(of, 3, id + 2, 20);
	p = cdp_state_profile(m, cdp_str_of(id));
	p->loaded = true;
	p->gone = false;
	p->born = cdp_stamp_own(born);
	m->nprofile++;
	return p;
}

/* "i:TYPE:" */
static struct cdp_str
prefix(const struct cdp_ident *id)
{
	return (struct cdp_str){ id->key.p, id->prefix };
}

/*
 * By type, then in order of first sight.  Types that the project does not name
 * have numbers in the order in which they were met: they go by their names.
 */
int
cdp_graph_ident_cmp(const struct cdp_ident *a, const struct cdp_ident *b)
{
	int c;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->type != b->type && (c = cdp_str_cmp(prefix(a), prefix(b))) != 0)
		return c;
	if (a->first_ms != b->first_ms)
		return a->first_ms < b->first_ms ? -1 : 1;
	return cdp_str_cmp(a->key, b->key);
}

void
cdp_graph_link(struct cdp_profile *p, struct cdp_ident *id)
{
	size_t i = p->nident;

	while (i != 0 && cdp_graph_ident_cmp(p->ident[i - 1], id) > 0)
		i--;
	p->ident = cdp_profile_insert(
	    p->ident, &p->nident, &p->identcap, sizeof(*p->ident), i);
	p->ident[i] = id;
	id->owner = p;
}

/*
 * An event that came late saw it first: so that the order of values does not
 * depend on that of arrival.
 */
static bool
seen_before(struct cdp_profile *p, const struct cdp_id *in, int64_t at_ms)
{
	struct cdp_ident *id = in->known;
	size_t i;

	if (at_ms >= id->first_ms || id->owner != p)
		return false;
	cdp_mem_disown(&id->raw);
	id->raw = cdp_mem_own(in->raw);
	for (i = 0; p->ident[i] != id; i++)
		;
	p->nident--;
	memmove(&p->ident[i], &p->ident[i + 1],
	    (p->nident - i) * sizeof(*p->ident));
	id->first_ms = at_ms;
	cdp_graph_link(p, id);
	return true;
}

void
cdp_graph_renew(struct cdp_merge *m, struct cdp_ident *id)
{
	if (m->nfresh == m->freshcap) {
		m->freshcap = m->freshcap != 0 ? m->freshcap * 2 : 64;
		m->fresh =
		    cdp_xreallocarray(m->fresh, m->freshcap, sizeof(*m->fresh));
	}
	m->fresh[m->nfresh++] = id;
	id->fresh = true;
}

bool
cdp_graph_attach(struct cdp_merge *m, struct cdp_profile *p, struct cdp_id *ids,
    size_t nids, int64_t at_ms)
{
	struct cdp_ident *id;
	bool any = false;
	size_t i;

	for (i = 0; i < nids; i++) {
		if (ids[i].known != NULL) {
			any |= seen_before(p, &ids[i], at_ms);
			continue;
		}
		if (p->nident >= m->max_mappings) {
			set_aside(m, &ids[i], CDP_VIOL_MAPPINGS, CDP_NO_TYPE);
			continue;
		}
		id = cdp_identifiers_new(m, ids[i].type, ids[i].key, at_ms);
		id->raw = cdp_mem_own(ids[i].raw);
		ids[i].known = id;
		id->vetted = true;
		id->suppressed = cdp_privacy_suppressed(m, id);
		cdp_graph_renew(m, id);
		m->nident[id->type]++;
		cdp_graph_link(p, id);
		any = true;
	}
	return any;
}

void
cdp_graph_join(
    struct cdp_merge *m, struct cdp_profile *into, struct cdp_profile *from)
{
	size_t i;

	for (i = 0; i < from->nident; i++) {
		cdp_graph_link(into, from->ident[i]);
		cdp_graph_renew(m, from->ident[i]);
	}
	free(from->ident);
	from->ident = NULL;
	from->nident = from->identcap = 0;
}
