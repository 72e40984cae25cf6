#include "lib/profile/groups.h"

#include "lib/profile/state.h"

static struct cdp_str
text_at(const struct cdp_line *ln, uint32_t at)
{
	if (cdp_tape_isa(ln->tape, at, CDP_STRING))
		return cdp_tape_str(ln->tape, at, ln->mem);
	if (cdp_tape_isa(ln->tape, at, CDP_NUM))
		return cdp_tape_raw(ln->tape, at);
	return CDP_STR("");
}

struct cdp_circle *
cdp_groups_named(struct cdp_merge *m, size_t kind, const struct cdp_line *ln)
{
	const struct cdp_group *def = &m->pr->group[kind];
	struct cdp_str id = { NULL, 0 };
	size_t i;

	for (i = 0; i < def->nfrom && id.n == 0; i++)
		id = text_at(ln, cdp_tape_path(ln->tape, 0, &def->from[i]));
	if (id.n == 0 || id.n + def->name.n + 3 > 512 ||
	    !cdp_pred_test(def->where, ln->tape, 0, ln->ts_ms))
		return NULL;
	return cdp_state_circle(m, kind, id);
}

static struct cdp_member *
membership(const struct cdp_profile *p, const struct cdp_circle *c)
{
	size_t i;

	for (i = 0; i < p->nmember; i++)
		if (p->member[i].circle == c)
			return &p->member[i];
	return NULL;
}

bool
cdp_groups_has(const struct cdp_profile *p, const struct cdp_circle *c)
{
	return membership(p, c) != NULL;
}

void
cdp_groups_add_member(struct cdp_circle *c, struct cdp_profile *p)
{
	size_t lo = 0, hi = c->nmember;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(c->member[mid]->id, p->id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < c->nmember && c->member[lo] == p)
		return;
	c->member = cdp_profile_insert(c->member, &c->nmember, &c->membercap,
	    sizeof(struct cdp_profile *), lo);
	c->member[lo] = p;
}

void
cdp_groups_link(
    struct cdp_profile *p, struct cdp_circle *c, struct cdp_stamp joined)
{
	struct cdp_member *mb = membership(p, c);
	size_t i = p->nmember;

	if (mb != NULL) {
		if (cdp_stamp_cmp(joined, mb->joined) > 0) {
			cdp_stamp_free(&mb->joined);
			mb->joined = cdp_stamp_own(joined);
		}
		return;
	}
	while (i != 0 &&
	    cdp_str_cmp(p->member[i - 1].circle->u.due.id, c->u.due.id) > 0)
		i--;
	p->member = cdp_profile_insert(
	    p->member, &p->nmember, &p->membercap, sizeof(*p->member), i);
	p->member[i] = (struct cdp_member){ c, cdp_stamp_own(joined), false };
}

static void
enter(struct cdp_merge *m, struct cdp_profile *p, struct cdp_circle *c,
    struct cdp_stamp at)
{
	bool is_new = !cdp_groups_has(p, c);

	cdp_groups_link(p, c, at);
	if (!is_new)
		return;
	cdp_groups_add_member(c, p);
	c->gone = false;
	c->changed = true;
	c->shown = false;
	cdp_profile_touch(m, &c->u);
}

void
cdp_groups_mark(struct cdp_profile *part, struct cdp_circle *c,
    struct cdp_stamp at, bool left)
{
	struct cdp_member *mb = membership(part, c);

	if (mb != NULL && cdp_stamp_cmp(at, mb->joined) <= 0)
		return;
	cdp_groups_link(part, c, at);
	membership(part, c)->left = left;
}

void
cdp_groups_part(struct cdp_merge *m, const struct cdp_profile *p,
    struct cdp_profile *part, const struct cdp_line *ln, struct cdp_stamp at)
{
	struct cdp_circle *c;
	size_t i;

	for (i = 0; ln->type == CDP_GROUP && i < m->pr->ngroup; i++)
		if ((c = cdp_groups_named(m, i, ln)) != NULL &&
		    cdp_groups_has(p, c))
			cdp_groups_mark(part, c, at, false);
	for (i = 0; i < m->nleft; i++)
		cdp_groups_mark(part, m->left[i], at, true);
}

void
cdp_groups_rebuild(struct cdp_merge *m, struct cdp_profile *p,
    const struct cdp_profile *parts, const struct cdp_profile *known)
{
	const struct cdp_member *mb;
	size_t i;

	for (i = 0; i < parts->nmember; i++)
		if (!parts->member[i].left)
			enter(m, p, parts->member[i].circle,
			    parts->member[i].joined);
	for (i = p->nmember; i-- > 0;) {
		struct cdp_circle *c = p->member[i].circle;

		mb = membership(parts, c);
		if (membership(known, c) == NULL || (mb != NULL && !mb->left))
			continue;
		cdp_groups_quit(m, p, c);
		cdp_groups_note_left(m, c);
	}
}

bool
cdp_groups_join(struct cdp_merge *m, struct cdp_profile *p,
    struct cdp_circle *c, struct cdp_stamp at)
{
	int64_t limit = m->pr->group[c->kind].limit;
	const struct cdp_circle *shown = cdp_groups_shown(p, c->kind);
	bool is_new = !cdp_groups_has(p, c);

	if (is_new && limit > 0 && (int64_t)c->nmember >= limit) {
		m->nviol[CDP_VIOL_MEMBERS]++;
		return false;
	}
	enter(m, p, c, at);
	return is_new || cdp_groups_shown(p, c->kind) != shown;
}

/* Take p out of c's list. */
static void
remove_member(struct cdp_circle *c, const struct cdp_profile *p)
{
	size_t j;

	for (j = 0; j < c->nmember && c->member[j] != p; j++)
		;
	if (j == c->nmember)
		return;
	c->nmember--;
	memmove(&c->member[j], &c->member[j + 1],
	    (c->nmember - j) * sizeof(c->member[0]));
}

static void
leave(struct cdp_merge *m, struct cdp_profile *p, struct cdp_circle *c)
{
	remove_member(c, p);
	c->changed = true;
	c->shown = false;
	cdp_profile_touch(m, &c->u);
	if (c->nmember != 0)
		return;
	/* What nobody is left to share was that person's. */
	c->gone = true;
	cdp_unit_free(&c->u);
	c->u.win = NULL;
	cdp_due_set(&m->due, &c->u.due, INT64_MAX);
}

void
cdp_groups_leave(struct cdp_merge *m, struct cdp_profile *p)
{
	size_t i;

	for (i = 0; i < p->nmember; i++)
		leave(m, p, p->member[i].circle);
}

bool
cdp_groups_leaves(
    struct cdp_merge *m, const struct cdp_circle *c, const struct cdp_line *ln)
{
	const struct cdp_group *def = &m->pr->group[c->kind];
	struct cdp_str id = { NULL, 0 };
	size_t i;

	if (def->leave == NULL || !cdp_trigger_test(def->leave, ln))
		return false;
	for (i = 0; i < def->nfrom && id.n == 0; i++)
		id = text_at(ln, cdp_tape_path(ln->tape, 0, &def->from[i]));
	return id.n == 0 || cdp_str_eq(id, c->id);
}

void
cdp_groups_quit(
    struct cdp_merge *m, struct cdp_profile *p, struct cdp_circle *c)
{
	struct cdp_member *mb = membership(p, c);
	size_t i = (size_t)(mb - p->member);

	leave(m, p, c);
	cdp_stamp_free(&mb->joined);
	p->nmember--;
	memmove(mb, mb + 1, (p->nmember - i) * sizeof(*mb));
}

void
cdp_groups_note_left(struct cdp_merge *m, struct cdp_circle *c)
{
	if (m->nleft == m->leftcap) {
		m->leftcap = m->leftcap != 0 ? 2 * m->leftcap : 4;
		m->left = cdp_xreallocarray(
		    m->left, m->leftcap, sizeof(struct cdp_circle *));
	}
	m->left[m->nleft++] = c;
}

void
cdp_groups_merge(
    struct cdp_merge *m, struct cdp_profile *into, struct cdp_profile *from)
{
	size_t i;

	for (i = 0; i < from->nmember; i++) {
		struct cdp_circle *c = from->member[i].circle;

		remove_member(c, from);
		cdp_groups_add_member(c, into);
		cdp_groups_link(into, c, from->member[i].joined);
		cdp_stamp_free(&from->member[i].joined);
		c->changed = true;
		c->shown = false;
		cdp_profile_touch(m, &c->u);
	}
	free(from->member);
	from->member = NULL;
	from->nmember = from->membercap = 0;
}

const struct cdp_circle *
cdp_groups_shown(const struct cdp_profile *p, size_t kind)
{
	const struct cdp_member *best = NULL;
	size_t i;

	for (i = 0; i < p->nmember; i++) {
		const struct cdp_member *mb = &p->member[i];

		if (mb->circle->kind == kind &&
		    (best == NULL ||
			cdp_stamp_cmp(mb->joined, best->joined) > 0))
			best = mb;
	}
	return best != NULL ? best->circle : NULL;
}

bool
cdp_groups_counts(const struct cdp_circle *c, const struct cdp_line *ln)
{
	uint32_t at = ln->type == CDP_GROUP
	    ? cdp_tape_get(ln->tape, 0, CDP_STR("groupId"))
	    : CDP_NOTOK;

	if (at == CDP_NOTOK)
		at = cdp_tape_get(ln->tape,
		    cdp_tape_get(ln->tape, 0, CDP_STR("context")),
		    CDP_STR("groupId"));
	return cdp_tape_kind(ln->tape, at) == CDP_NULL ||
	    cdp_str_eq(text_at(ln, at), c->id);
}
