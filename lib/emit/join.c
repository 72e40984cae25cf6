#include "lib/emit/defer.h"

#include "lib/base/mem.h"

static struct cdp_contact *
contact(struct cdp_state *k)
{
	return (struct cdp_contact *)k; /* its first member */
}

int
cdp_contacts_merge(
    struct cdp_contacts *cs, const struct cdp_line *ln, struct cdp_err *err)
{
	const struct cdp_tape *t = ln->tape;
	struct cdp_state *from, *into;
	struct cdp_contact *a, *b;
	int rc;

	rc = cdp_states_get(&cs->all,
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("from")), ln->mem),
	    &from, err);
	if (rc != 0 || cdp_contact_empty(contact(from)))
		return rc;
	rc = cdp_states_get(&cs->all,
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("into")), ln->mem),
	    &into, err);
	if (rc != 0)
		return rc;
	a = contact(into);
	b = contact(from);
	for (size_t i = 0; i < b->nsaid; i++)
		cdp_contact_note(a, b->said[i].channel, b->said[i].yes,
		    b->said[i].set, b->said[i].at_ms);
	for (size_t i = 0; i < b->nsent; i++)
		cdp_contact_count(cs, a, b->sent[i].channel, b->sent[i].at_ms);
	cdp_contact_forget(cs, a);
	cdp_defer_join(cs, a, b);
	cdp_states_changed(&cs->all, into);
	cdp_states_clear(&cs->all, from);
	return 0;
}

/* A word goes with its set. */
static void
part_said(struct cdp_contact *c, struct cdp_contact *const *to,
    const struct cdp_move *v, size_t n)
{
	const struct cdp_move *mv;
	size_t kept = 0;

	for (size_t i = 0; i < c->nsaid; i++) {
		struct cdp_said s = c->said[i];

		if ((mv = cdp_moves_find(v, n, s.set)) == NULL) {
			c->said[kept++] = s;
			continue;
		}
		if (to[mv - v] == c) {
			s.set = mv->is;
			c->said[kept++] = s;
			continue;
		}
		if (to[mv - v] != NULL)
			cdp_contact_note(
			    to[mv - v], s.channel, s.yes, mv->is, s.at_ms);
		cdp_mem_disown(&s.channel);
	}
	c->nsaid = kept;
}

/* Each place of to once. */
static bool
is_first(struct cdp_contact *const *to, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (to[j] == to[i])
			return false;
	return to[i] != NULL;
}

int
cdp_contacts_unmerge(
    struct cdp_contacts *cs, const struct cdp_line *ln, struct cdp_err *err)
{
	struct cdp_contact **to, *c;
	struct cdp_state *k;
	struct cdp_move *v;
	struct cdp_str from;
	size_t n;
	int rc;

	if (!cdp_moves_read(ln, &from, &v, &n))
		return 0;
	if ((rc = cdp_states_get(&cs->all, from, &k, err)) != 0 ||
	    cdp_contact_empty(contact(k)))
		return rc;
	c = contact(k);
	to = cdp_arena_calloc(ln->mem, n + 1, sizeof(c));
	for (size_t i = 0; i < n; i++) {
		if (v[i].of.n == 0)
			continue;
		if ((rc = cdp_states_get(&cs->all, v[i].of, &k, err)) != 0)
			return rc;
		to[i] = contact(k);
	}
	part_said(c, to, v, n);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0;
		     is_first(to, i) && to[i] != c && j < c->nsent; j++)
			cdp_contact_count(
			    cs, to[i], c->sent[j].channel, c->sent[j].at_ms);
	cdp_defer_split(cs, c, to, v, n, ln);
	for (size_t i = 0; i < n; i++)
		if (is_first(to, i) && !cdp_contact_empty(to[i]))
			cdp_states_changed(&cs->all, &to[i]->k);
	cdp_states_changed(&cs->all, &c->k);
	return 0;
}
