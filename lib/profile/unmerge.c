#include "lib/profile/unmerge.h"

#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/json/write.h"
#include "lib/profile/circles.h"
#include "lib/profile/graph.h"
#include "lib/profile/parts.h"
#include "lib/profile/state.h"
#include "lib/profile/timers.h"
#include "lib/profile/view.h"

/* ---- what became of each set, for later filters ---- */

/* One set of identifiers that a command has changed, or may have moved. */
struct moved {
	uint32_t set, is;
	const struct cdp_ident *of; /* one of it; NULL: nothing is left */
};

struct moves {
	struct moved *v;
	size_t n;
	struct cdp_profile *known; /* its parts' places in circles, before */
};

static uint32_t
number(const struct cdp_merge *m, struct cdp_ident *const *set, size_t n)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += cdp_ident_one(
		    m->type[set[i]->type], cdp_ident_value(set[i]));
	return sum;
}

/* {"set":1,"is":2,"of":"p_..."}; false: it is where and what it was. */
static bool
put_move(struct cdp_buf *b, const struct moved *v, const struct cdp_profile *p)
{
	const struct cdp_profile *of =
	    v->of != NULL ? cdp_profile_now(v->of->owner) : NULL;

	if (of == p && v->is == v->set)
		return false;
	cdp_json_comma(b);
	cdp_buf_putc(b, '{');
	cdp_json_ki64(b, "set", v->set);
	if (of != NULL) {
		cdp_json_ki64(b, "is", v->is);
		cdp_json_kstr(b, "of", cdp_str_of(of->id));
	}
	cdp_buf_putc(b, '}');
	return true;
}

/* The line that says it; none if all is as it was. */
static void
tell_moves(struct cdp_merge *m, const struct cdp_profile *p,
    const struct moves *mv, struct cdp_str by, int64_t at_ms)
{
	struct cdp_str of[2] = { cdp_str_of(p->id), by };
	struct cdp_buf *b = &m->out;
	char id[29] = "unm_";
	bool any = false;
	size_t i;

	if (m->pr->identity.irreversible || m->people ||
	    m->changes >= CDP_CHANGES_IDENTIFY)
		return;
	cdp_hash_sha256(of, 2, id + 4, 24);
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "type", CDP_STR("unmerge"));
	cdp_json_ktime(b, "timestamp", at_ms);
	cdp_json_kstr(b, "messageId", cdp_str_of(id));
	cdp_json_kstr(b, "from", of[0]);
	cdp_json_kstr(b, "by", by);
	cdp_json_key(b, "sets");
	cdp_buf_putc(b, '[');
	for (i = 0; i < mv->n; i++)
		any |= put_move(b, &mv->v[i], p);
	cdp_buf_puts(b, "]}");
	if (any)
		cdp_outs_line(m->outs, cdp_buf_str(b));
}

/* ---- sets ---- */

/* Put a set back, which may have become one that is there. */
static void
put_back(struct cdp_merge *m, struct cdp_profile *p, struct cdp_ident **set,
    size_t n, struct cdp_link *was)
{
	struct cdp_link *l;
	struct cdp_profile *part = was->part;

	was->part = NULL;
	if (n == 0 || (n == 1 && m->pr->identity.irreversible)) {
		cdp_parts_free(part);
		return;
	}
	l = cdp_links_find(m, set, n);
	if (l == NULL)
		l = cdp_links_add(m, p, set, n, was->at);
	else
		cdp_links_date(p, l, was->at);
	cdp_parts_join(m, &l->part, part);
}

/*
 * When each was first seen, by what is left; one that nothing is left of was
 * never anybody's.
 */
static void
see_again(struct cdp_merge *m, struct cdp_profile *p)
{
	struct cdp_ident **all = p->ident;
	size_t n = p->nident, i, j;

	for (i = 0; i < n; i++)
		all[i]->first_ms = INT64_MAX;
	for (i = 0; i < p->nlink; i++)
		for (j = 0; j < p->link[i]->n; j++)
			if (p->link[i]->id[j]->first_ms > p->link[i]->at.ms)
				p->link[i]->id[j]->first_ms = p->link[i]->at.ms;
	p->ident = NULL;
	p->nident = p->identcap = 0;
	for (i = 0; i < n; i++)
		if (all[i]->first_ms != INT64_MAX)
			cdp_graph_link(p, all[i]);
		else
			cdp_identifiers_forget(m, all[i]);
	free(all);
}

/*
 * All sets without the identifier x, or, of the event by, with the first
 * identifier only.  False if there is no such event.
 */
static bool
take_out(struct cdp_merge *m, struct cdp_profile *p, const struct cdp_ident *x,
    struct cdp_str by, struct moves *mv)
{
	struct cdp_link **all = p->link;
	size_t n = p->nlink, i, j, k;
	bool found = x != NULL;

	for (i = 0; i < n && !found; i++)
		found = all[i]->n > 1 && cdp_str_eq(all[i]->at.mid, by);
	if (!found)
		return false;
	for (i = 0; i < n; i++)
		cdp_links_detach(m, all[i]);
	p->link = NULL;
	p->nlink = p->linkcap = 0;
	mv->v = cdp_arena_calloc(m->mem, n + 1, sizeof(*mv->v));
	mv->n = n;
	for (i = 0; i < n; i++) {
		struct cdp_link *l = all[i];
		bool taken = x == NULL && cdp_str_eq(l->at.mid, by);
		uint32_t set = number(m, l->id, l->n);

		for (j = k = 0; j < l->n; j++)
			if (l->id[j] != x)
				l->id[k++] = l->id[j];
		for (j = 1; taken && j < k; j++)
			if (cdp_graph_ident_cmp(l->id[j], l->id[0]) < 0)
				l->id[0] = l->id[j];
		if (taken && k > 1)
			k = 1;
		mv->v[i] = (struct moved){ set, number(m, l->id, k),
			k != 0 ? l->id[0] : NULL };
		put_back(m, p, l->id, k, l);
		cdp_links_discard(l);
	}
	free(all);
	if (!m->pr->identity.irreversible)
		see_again(m, p);
	return true;
}

/* ---- components ---- */

static uint32_t
root(uint32_t *up, uint32_t i)
{
	while (up[i] != i)
		i = up[i] = up[up[i]];
	return i;
}

/* The lower place stands for both: links know no order. */
static void
unite(uint32_t *up, uint32_t i, uint32_t j)
{
	i = root(up, i);
	j = root(up, j);
	if (i < j)
		up[j] = i;
	else
		up[i] = j;
}

/* For each identifier the place of the first one of the same person. */
static uint32_t *
components(struct cdp_merge *m, const struct cdp_profile *p)
{
	uint32_t *up = cdp_arena_alloc(m->mem, (p->nident + 1) * sizeof(*up));
	uint32_t i;
	size_t k, j;

	for (i = 0; i < p->nident; i++)
		up[i] = p->ident[i]->at = i;
	for (k = 0; k < p->nlink; k++)
		for (j = 1; j < p->link[k]->n; j++)
			unite(up, p->link[k]->id[0]->at, p->link[k]->id[j]->at);
	for (i = 0; i < p->nident; i++)
		up[i] = root(up, i);
	return up;
}

/* Who was here first keeps the profile. */
static uint32_t
oldest(const struct cdp_profile *p, const uint32_t *part)
{
	size_t i, first = 0;

	for (i = 1; i < p->nident; i++)
		if (p->ident[i]->first_ms < p->ident[first]->first_ms)
			first = i;
	return p->nident != 0 ? part[first] : 0;
}

/* A new profile for those of p's identifiers that are of one part. */
static struct cdp_profile *
part_from(struct cdp_merge *m, struct cdp_profile *p, const uint32_t *part,
    uint32_t which, struct cdp_str mid)
{
	const struct cdp_ident *first = p->ident[which];
	struct cdp_profile *q;
	struct cdp_id id;
	size_t i, n;

	id = (struct cdp_id){ .type = first->type, .key = first->key };
	q = cdp_graph_found(m, &id, (struct cdp_stamp){ first->first_ms, mid });
	q->u.now_ms = p->u.now_ms;
	for (i = 0; i < p->nident; i++)
		if (part[i] == which) {
			cdp_graph_link(q, p->ident[i]);
			cdp_graph_renew(m, p->ident[i]);
		}
	for (i = n = 0; i < p->nlink; i++)
		if (p->link[i]->id[0]->owner == q)
			cdp_links_place(q, p->link[i]);
		else
			p->link[n++] = p->link[i];
	p->nlink = n;
	return q;
}

/* ---- the whole ---- */

/* All of them are made before anybody is told, and then the others. */
static void
tell(struct cdp_merge *m, struct cdp_profile **p, size_t n,
    const struct cdp_profile *known, int64_t at_ms)
{
	size_t i;

	m->nleft = 0;
	for (i = n; i-- != 0;) { /* who is new first: a circle is never empty */
		if (!m->pr->identity.irreversible)
			cdp_parts_rebuild(m, p[i], known);
		cdp_timers_set(m, &p[i]->u);
		cdp_profile_touch(m, &p[i]->u);
	}
	for (i = 0; i < n; i++)
		(void)cdp_circles_refresh(m, p[i]);
	for (i = 0; i < n; i++) {
		p[i]->fresh_view = false;
		cdp_view_profile(m, p[i]);
		cdp_view_line(m, p[i], at_ms);
	}
	for (i = 0; i < n; i++)
		cdp_circles_tell(m, p[i], at_ms);
	m->nleft = 0;
}

/* Make of p those that its links do not hold together any more. */
static void
split(struct cdp_merge *m, struct cdp_profile *p, const struct moves *mv,
    struct cdp_str mid, int64_t at_ms)
{
	uint32_t *part = components(m, p), stays = oldest(p, part), i;
	struct cdp_profile **q =
	    cdp_arena_alloc(m->mem, (p->nident + 1) * sizeof(p));
	size_t nq = 1, n = 0;

	q[0] = p;
	for (i = 0; i < p->nident; i++)
		if (part[i] == i && i != stays)
			q[nq++] = part_from(m, p, part, i, mid);
	for (i = 0; i < p->nident; i++)
		if (p->ident[i]->owner == p)
			p->ident[n++] = p->ident[i];
	p->nident = n;
	m->nsplit += nq - 1;
	tell_moves(m, p, mv, mid, at_ms);
	tell(m, q, nq, mv->known, at_ms);
	cdp_parts_free(mv->known);
}

/* From now on it is nobody's. */
static void
take_identifier(struct cdp_merge *m, struct cdp_profile *p,
    struct cdp_ident *id, struct moves *mv, int64_t at_ms)
{
	size_t i;

	for (i = 0; p->ident[i] != id; i++)
		;
	p->nident--;
	memmove(&p->ident[i], &p->ident[i + 1],
	    (p->nident - i) * sizeof(*p->ident));
	take_out(m, p, id, CDP_STR(""), mv);
	id->owner = NULL;
	id->taken_ms = at_ms;
	cdp_graph_renew(m, id);
}

/* The profile, brought to the time of the command, as are its circles. */
static int
ready(struct cdp_merge *m, struct cdp_profile **p, struct moves *mv,
    int64_t now_ms, struct cdp_err *err)
{
	int rc = cdp_state_load(m, p, err);
	size_t i;

	if (rc == 0 && (*p)->u.now_ms > now_ms)
		now_ms = (*p)->u.now_ms;
	if (rc == 0)
		rc = cdp_timers_advance(m, p, 1, now_ms, err);
	if (rc == 0) {
		(*p)->u.now_ms = now_ms;
		cdp_parts_begin(m, *p);
		mv->known = cdp_parts_members(m, *p);
	}
	for (i = 0; rc == 0 && i < mv->known->nmember; i++)
		rc = cdp_timers_prepare(
		    m, mv->known->member[i].circle, now_ms, err);
	return rc;
}

/* One that nobody has had is taken all the same. */
static int
of_identifier(struct cdp_merge *m, const struct cdp_line *ln, uint32_t type,
    struct cdp_str key, struct cdp_ident *id, int64_t at_ms,
    struct cdp_err *err)
{
	struct cdp_profile *p;
	struct moves mv = { 0 };
	int rc;

	if (id == NULL)
		id = cdp_identifiers_new(m, type, key, at_ms);
	if (id->owner == NULL) {
		cdp_outs_reject(m->outs, "unknown_identifier", m->type[type],
		    CDP_STR("nobody has it; it will identify nobody"));
		id->taken_ms = at_ms;
		cdp_graph_renew(m, id);
		return 0;
	}
	p = cdp_profile_now(id->owner);
	if ((rc = ready(m, &p, &mv, at_ms, err)) != 0)
		return rc;
	take_identifier(m, p, id, &mv, at_ms);
	split(m, p, &mv, ln->message_id, at_ms);
	return 0;
}

static int
of_event(struct cdp_merge *m, const struct cdp_line *ln, struct cdp_str by,
    struct cdp_ident *id, int64_t at_ms, struct cdp_err *err)
{
	struct cdp_profile *p = NULL;
	struct moves mv = { 0 };
	int rc = 0;

	if (id != NULL && id->owner != NULL) {
		p = cdp_profile_now(id->owner);
		rc = ready(m, &p, &mv, at_ms, err);
	}
	if (rc == 0 && p != NULL && take_out(m, p, NULL, by, &mv)) {
		split(m, p, &mv, ln->message_id, at_ms);
		return 0;
	}
	cdp_parts_free(mv.known);
	if (rc == 0)
		cdp_outs_reject(m->outs, "unknown_event", CDP_STR("event"),
		    CDP_STR("no two identifiers of that profile came together "
			    "on it first; cdp-merge --explain says on which"));
	return rc;
}

int
cdp_unmerge_command(struct cdp_merge *m, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err)
{
	int64_t at_ms = cdp_merge_time(m, ln);
	struct cdp_ident_value v[CDP_IDENTS_MAX];
	struct cdp_str by = cdp_tape_str(
	    ln->tape, cdp_tape_get(ln->tape, 0, CDP_STR("event")), ln->mem);
	struct cdp_ident *id;
	struct cdp_str key;
	uint32_t type;
	size_t i, n;
	int rc = cdp_ident_values(&m->pr->identity, ln, v, &n, err);

	if (rc == 0)
		cdp_outs_pass(outs);
	for (i = 0; rc == 0 && i < n; i++) {
		type = cdp_identifiers_type(m, v[i].name);
		key = cdp_identifiers_key(m, type, v[i].value, ln->mem);
		rc = cdp_identifiers_find(m, key, type, &id, err);
		if (rc != 0 || by.n != 0)
			break;
		rc = of_identifier(m, ln, type, key, id, at_ms, err);
	}
	if (rc == 0 && by.n != 0)
		rc = of_event(m, ln, by, id, at_ms, err);
	return rc;
}
