#include "lib/profile/view.h"

#include "lib/base/hash.h"
#include "lib/json/write.h"
#include "lib/profile/changes.h"
#include "lib/profile/groups.h"
#include "lib/profile/identifiers.h"

/* A trait whose value is not to be shown yet: a jq trait from `jq` on. */
static bool
is_later(const struct cdp_defs *defs, uint32_t trait, size_t jq)
{
	for (; jq < defs->nderived; jq++)
		if (defs->derived[jq] == trait)
			return true;
	return false;
}

/* "name":value of computed trait i, unless it has none (now). */
static void
put_computed(
    struct cdp_buf *b, const struct cdp_unit *u, uint32_t trait, size_t jq)
{
	struct cdp_str val = cdp_computed_value(u, trait);

	if (val.n == 0 || is_later(u->defs, trait, jq))
		return;
	cdp_json_comma(b);
	cdp_json_str(b, u->defs->v[trait].name);
	cdp_buf_putc(b, ':');
	cdp_buf_put(b, val);
}

static void
put_custom(struct cdp_buf *b, const struct cdp_custom *c)
{
	if (c->val.n == 0)
		return;
	cdp_json_comma(b);
	cdp_json_str(b, c->name);
	cdp_buf_putc(b, ':');
	cdp_buf_put(b, c->val);
}

/*
 * Both lists are sorted.  A computed trait hides a custom one of its name,
 * even while it has no value.
 */
static void
put_traits(struct cdp_buf *b, const struct cdp_unit *u,
    const struct cdp_custom *custom, size_t ncustom, size_t jq)
{
	const struct cdp_defs *defs = u->defs;
	size_t i = 0, j = 0;
	int c;

	cdp_buf_puts(b, ",\"traits\":{");
	while (i < defs->n || j < ncustom) {
		if (i == defs->n)
			c = 1;
		else if (j == ncustom)
			c = -1;
		else
			c = cdp_str_cmp(
			    defs->v[defs->by_name[i]].name, custom[j].name);
		if (c > 0) {
			put_custom(b, &custom[j++]);
			continue;
		}
		put_computed(b, u, defs->by_name[i++], jq);
		if (c == 0)
			j++;
	}
	cdp_buf_putc(b, '}');
}

static void
put_identifiers(
    struct cdp_buf *b, const struct cdp_merge *m, const struct cdp_profile *p)
{
	uint32_t type = UINT32_MAX;
	size_t i;

	cdp_buf_puts(b, ",\"identifiers\":{");
	for (i = 0; i < p->nident; i++) {
		if (p->ident[i]->type != type) {
			if (type != UINT32_MAX)
				cdp_buf_putc(b, ']');
			type = p->ident[i]->type;
			cdp_json_comma(b);
			cdp_json_str(b, m->type[type]);
			cdp_buf_puts(b, ":[");
		}
		cdp_json_comma(b);
		cdp_json_str(b, cdp_ident_value(p->ident[i]));
	}
	cdp_buf_puts(b, type != UINT32_MAX ? "]}" : "}");
}

static void
put_groups(
    struct cdp_buf *b, const struct cdp_merge *m, const struct cdp_profile *p)
{
	bool any = false;
	size_t i;

	for (i = 0; p->nmember != 0 && i < m->pr->ngroup; i++) {
		const struct cdp_circle *c = cdp_groups_shown(p, i);

		if (c == NULL)
			continue;
		cdp_buf_puts(b, any ? "," : ",\"groups\":{");
		cdp_json_str(b, m->pr->group[i].name);
		cdp_buf_putc(b, ':');
		cdp_buf_put(b, cdp_buf_str(&c->view));
		any = true;
	}
	if (any)
		cdp_buf_putc(b, '}');
}

static void
put_consent(struct cdp_buf *b, const struct cdp_profile *p)
{
	static const char *const words[] = { "false", "true", "\"conflict\"" };
	size_t i;

	for (i = 0; i < p->nchoice; i++) {
		cdp_buf_puts(b, i == 0 ? ",\"consent\":{" : ",");
		cdp_json_str(b, p->choice[i].category);
		cdp_buf_putc(b, ':');
		cdp_buf_puts(b, words[p->choice[i].value]);
	}
	if (i != 0)
		cdp_buf_putc(b, '}');
}

static void
put_merged(struct cdp_buf *b, const struct cdp_profile *p)
{
	size_t i;

	for (i = 0; i < p->nmerged; i++) {
		cdp_buf_puts(b, i == 0 ? ",\"merged\":[" : ",");
		cdp_json_str(b, cdp_str_of(p->merged[i]));
	}
	if (i != 0)
		cdp_buf_putc(b, ']');
}

static void
put_suppressed(struct cdp_buf *b, const struct cdp_profile *p)
{
	size_t i;

	for (i = 0; i < p->nident; i++)
		if (p->ident[i]->suppressed) {
			cdp_buf_puts(b, ",\"suppressed\":true");
			return;
		}
}

/* All but who it is. */
static void
put_known(struct cdp_buf *b, const struct cdp_merge *m,
    const struct cdp_profile *p, size_t jq)
{
	put_traits(b, &p->u, p->custom, p->ncustom, jq);
	put_groups(b, m, p);
	put_consent(b, p);
	put_merged(b, p);
	put_suppressed(b, p);
}

/* The profile as an object, jq traits from `jq` on left out. */
static void
put_profile(struct cdp_buf *b, const struct cdp_merge *m,
    const struct cdp_profile *p, size_t jq)
{
	cdp_buf_puts(b, "{\"id\":\"");
	cdp_buf_puts(b, p->id);
	cdp_buf_putc(b, '"');
	put_identifiers(b, m, p);
	put_known(b, m, p, jq);
	cdp_buf_putc(b, '}');
}

static void
put_circle(struct cdp_buf *b, const struct cdp_circle *c, size_t jq)
{
	cdp_buf_puts(b, "{\"id\":");
	cdp_json_str(b, c->id);
	cdp_buf_puts(b, ",\"members\":");
	cdp_buf_u64(b, c->nmember);
	put_traits(b, &c->u, NULL, 0, jq);
	cdp_buf_putc(b, '}');
}

/* The first case that holds, of a profile or circle as it stands. */
static void
run_case(struct cdp_merge *m, struct cdp_unit *u, uint32_t trait,
    struct cdp_str json)
{
	const struct cdp_trait *def = &u->defs->v[trait];
	struct cdp_str val = { NULL, 0 };
	struct cdp_err err = { 0 };
	struct cdp_ctx ctx = { .now_ms = u->now_ms,
		.profile = &m->view,
		.jq = m->pr->jq,
		.mem = m->mem,
		.err = &err };
	size_t i;

	if (cdp_tape_parse(&m->view, json, &err) != 0)
		return;
	for (i = 0; i < def->ncase && val.n == 0; i++)
		if (cdp_cond_test(def->cases[i].cond, &ctx))
			val = def->cases[i].val;
	if (err.code != 0)
		cdp_profile_fault(m, def, &err);
	cdp_computed_set(u, trait, val);
}

/* Run jq trait number i of u on json, unless what it sees is as it was. */
static void
run_jq(struct cdp_merge *m, struct cdp_unit *u, size_t i, struct cdp_str json)
{
	const struct cdp_trait *def = &u->defs->v[u->defs->derived[i]];
	struct cdp_str val = { NULL, 0 };
	const struct cdp_jqpaths *sees = &u->defs->sees[u->defs->derived[i]];
	struct cdp_err err = { 0 };
	int rc;

	if (!sees->all) {
		cdp_buf_reset(&m->json);
		if (cdp_tape_parse(&m->view, json, &err) == 0)
			cdp_jqpaths_narrow(&m->json, sees, &m->view, 0);
		json = cdp_buf_str(&m->json);
		if (cdp_computed_same(u, u->defs->derived[i], cdp_hash64(json)))
			return;
	}
	rc = cdp_jq_run(m->pr->jq, def->jq, json, m->mem, &val, &err);
	if (rc < 0)
		cdp_profile_fault(m, def, &err);
	if (rc != 0 || cdp_str_is(val, "null"))
		val.n = 0;
	cdp_computed_set(u, u->defs->derived[i], val);
}

static void
derive(struct cdp_merge *m, struct cdp_unit *u, size_t i, struct cdp_str json)
{
	if (u->defs->v[u->defs->derived[i]].kind == CDP_TRAIT_CASE)
		run_case(m, u, u->defs->derived[i], json);
	else
		run_jq(m, u, i, json);
}

/* Take what m->tmp holds as the new view.  True if it differs. */
static bool
swap(struct cdp_merge *m, struct cdp_buf *view)
{
	struct cdp_buf old = *view;

	if (cdp_str_eq(cdp_buf_str(&m->tmp), cdp_buf_str(view)))
		return false;
	cdp_buf_reset(view);
	cdp_buf_put(view, cdp_buf_str(&m->tmp));
	return old.n != 0;
}

/* Whether the view is as it is to be. */
static bool
is_fresh(const struct cdp_profile *p)
{
	return p->fresh_view && !p->u.defs->looks_up;
}

static void
derive_all(struct cdp_merge *m, struct cdp_profile *p)
{
	size_t i;

	for (i = 0; i < p->u.defs->nderived; i++) {
		cdp_buf_reset(&m->tmp);
		put_profile(&m->tmp, m, p, i);
		derive(m, &p->u, i, cdp_buf_str(&m->tmp));
	}
}

void
cdp_view_known(struct cdp_merge *m, struct cdp_profile *p, struct cdp_buf *b)
{
	if (!is_fresh(p))
		derive_all(m, p);
	put_known(b, m, p, p->u.defs->nderived);
}

bool
cdp_view_profile(struct cdp_merge *m, struct cdp_profile *p)
{
	if (m->people || is_fresh(p))
		return false;
	derive_all(m, p);
	cdp_buf_reset(&m->tmp);
	cdp_buf_puts(&m->tmp, "{\"profile\":");
	put_profile(&m->tmp, m, p, p->u.defs->nderived);
	cdp_buf_putc(&m->tmp, '}');
	p->fresh_view = true;
	if (!cdp_str_eq(cdp_buf_str(&m->tmp), cdp_buf_str(&p->edit)))
		p->spot = (struct cdp_spot){ 0 };
	return swap(m, &p->edit);
}

bool
cdp_view_circle(struct cdp_merge *m, struct cdp_circle *c)
{
	size_t i;

	if (m->people || c->shown)
		return false;
	for (i = 0; i < c->u.defs->nderived; i++) {
		cdp_buf_reset(&m->tmp);
		put_circle(&m->tmp, c, i);
		derive(m, &c->u, i, cdp_buf_str(&m->tmp));
	}
	cdp_buf_reset(&m->tmp);
	put_circle(&m->tmp, c, c->u.defs->nderived);
	c->shown = true;
	return swap(m, &c->view);
}

void
cdp_view_line(struct cdp_merge *m, struct cdp_profile *p, int64_t ms)
{
	struct cdp_buf *b = &m->out;

	if (m->changes != CDP_CHANGES_NONE) {
		cdp_changes_tell(m, p, ms);
		return;
	}
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "type", CDP_STR("profile"));
	cdp_json_ktime(b, "timestamp", ms);
	cdp_buf_putc(b, ',');
	cdp_buf_put(b, (struct cdp_str){ p->edit.p + 1, p->edit.n - 1 });
	cdp_outs_line(m->outs, cdp_buf_str(b));
}
