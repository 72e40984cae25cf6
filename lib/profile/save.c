#include "lib/profile/save.h"

#include <stdlib.h>

#include "lib/json/write.h"
#include "lib/profile/identifiers.h"
#include "lib/profile/state.h"

static void
put_stamp(struct cdp_buf *b, struct cdp_stamp s)
{
	cdp_buf_i64(b, s.ms);
	cdp_buf_putc(b, ',');
	cdp_json_str(b, s.mid);
}

static void
write_customs(struct cdp_buf *b, const struct cdp_profile *p)
{
	size_t i;

	cdp_json_key(b, "traits");
	cdp_buf_putc(b, '{');
	for (i = 0; i < p->ncustom; i++) {
		cdp_json_comma(b);
		cdp_json_str(b, p->custom[i].name);
		cdp_buf_puts(b, ":[");
		put_stamp(b, p->custom[i].at);
		if (p->custom[i].val.n != 0) {
			cdp_buf_putc(b, ',');
			cdp_buf_put(b, p->custom[i].val);
		}
		cdp_buf_putc(b, ']');
	}
	cdp_buf_putc(b, '}');
}

/* [type,value,ms], and behind it what is not as usual. */
static void
write_ident(
    struct cdp_buf *b, const struct cdp_merge *m, const struct cdp_ident *id)
{
	cdp_json_str(b, m->type[id->type]);
	cdp_buf_putc(b, ',');
	cdp_json_str(b, cdp_ident_value(id));
	cdp_buf_putc(b, ',');
	cdp_buf_i64(b, id->first_ms);
	if (!id->suppressed && id->raw.n == 0 && id->refused == 0)
		return;
	cdp_buf_puts(b, id->suppressed ? ",true" : ",false");
	if (id->raw.n == 0 && id->refused == 0)
		return;
	cdp_buf_putc(b, ',');
	cdp_json_str(b, id->raw);
	if (id->refused == 0)
		return;
	cdp_buf_putc(b, ',');
	cdp_buf_u64(b, id->refused);
}

static void
write_idents(
    struct cdp_buf *b, const struct cdp_merge *m, const struct cdp_profile *p)
{
	size_t i;

	cdp_json_key(b, "ids");
	cdp_buf_putc(b, '[');
	for (i = 0; i < p->nident; i++) {
		cdp_buf_puts(b, i != 0 ? ",[" : "[");
		write_ident(b, m, p->ident[i]);
		cdp_buf_putc(b, ']');
		p->ident[i]->at = (uint32_t)i;
	}
	cdp_buf_putc(b, ']');
}

static int
by_number(const void *a, const void *b)
{
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;

	return (i > j) - (i < j);
}

/* [ms,messageId, places in ids ...]; after the ids were written. */
static void
write_links(struct cdp_buf *b, const struct cdp_profile *p)
{
	uint32_t at[CDP_IDS_MAX];
	size_t i, j;

	for (i = 0; i < p->nlink; i++) {
		const struct cdp_link *l = p->link[i];

		if (i == 0) {
			cdp_json_key(b, "links");
			cdp_buf_putc(b, '[');
		}
		cdp_buf_puts(b, i != 0 ? ",[" : "[");
		put_stamp(b, l->at);
		for (j = 0; j < l->n; j++)
			at[j] = l->id[j]->at;
		qsort(at, l->n, sizeof(at[0]), by_number);
		for (j = 0; j < l->n; j++) {
			cdp_buf_putc(b, ',');
			cdp_buf_u64(b, at[j]);
		}
		cdp_buf_putc(b, ']');
	}
	if (i != 0)
		cdp_buf_putc(b, ']');
}

/* [kind,type,hash,over or "",ms,messageId] */
static void
write_asides(
    struct cdp_buf *b, const struct cdp_merge *m, const struct cdp_profile *p)
{
	size_t i;

	for (i = 0; i < p->naside; i++) {
		const struct cdp_aside *a = &p->aside[i];

		if (i == 0) {
			cdp_json_key(b, "aside");
			cdp_buf_putc(b, '[');
		}
		cdp_buf_puts(b, i != 0 ? ",[" : "[");
		cdp_buf_u64(b, a->kind);
		cdp_buf_putc(b, ',');
		cdp_json_str(b, m->type[a->type]);
		cdp_buf_putc(b, ',');
		cdp_json_str(b, (struct cdp_str){ a->hash, sizeof(a->hash) });
		cdp_buf_putc(b, ',');
		cdp_json_str(
		    b, a->over != CDP_NO_TYPE ? m->type[a->over] : CDP_STR(""));
		cdp_buf_putc(b, ',');
		put_stamp(b, a->at);
		cdp_buf_putc(b, ']');
	}
	if (i != 0)
		cdp_buf_putc(b, ']');
}

static void
write_consent(struct cdp_buf *b, const struct cdp_profile *p)
{
	size_t i;

	if (!p->has_choice && p->nchoice == 0)
		return;
	cdp_json_key(b, "consent");
	cdp_buf_putc(b, '[');
	put_stamp(b, p->choice_at);
	cdp_buf_puts(b, ",{");
	for (i = 0; i < p->nchoice; i++) {
		cdp_json_comma(b);
		cdp_json_str(b, p->choice[i].category);
		cdp_buf_putc(b, ':');
		cdp_buf_i64(b, (int64_t)p->choice[i].value);
	}
	cdp_buf_puts(b, "}]");
}

static void
write_members(struct cdp_buf *b, const struct cdp_profile *p)
{
	size_t i;

	for (i = 0; i < p->nmember; i++) {
		if (i == 0) {
			cdp_json_key(b, "groups");
			cdp_buf_putc(b, '[');
		}
		cdp_buf_puts(b, i != 0 ? ",[" : "[");
		cdp_json_str(b, p->member[i].circle->u.due.id);
		cdp_buf_putc(b, ',');
		put_stamp(b, p->member[i].joined);
		cdp_buf_puts(b, p->member[i].left ? ",true]" : "]");
	}
	if (i != 0)
		cdp_buf_putc(b, ']');
}

/* What each set has contributed, null for nothing; in the order of links. */
static void
write_parts(struct cdp_buf *b, const struct cdp_profile *p)
{
	bool any = false;
	size_t i;

	for (i = 0; i < p->nlink; i++)
		any |= p->link[i]->part != NULL;
	for (i = 0; any && i < p->nlink; i++) {
		const struct cdp_profile *part = p->link[i]->part;

		if (i == 0) {
			cdp_json_key(b, "parts");
			cdp_buf_putc(b, '[');
		}
		cdp_json_comma(b);
		if (part == NULL) {
			cdp_buf_puts(b, "null");
			continue;
		}
		cdp_buf_putc(b, '{');
		write_customs(b, part);
		write_consent(b, part);
		write_members(b, part);
		cdp_json_key(b, "computed");
		cdp_computed_write(b, &part->u);
		cdp_buf_putc(b, '}');
	}
	if (any)
		cdp_buf_putc(b, ']');
}

static void
write_profile(
    struct cdp_buf *b, const struct cdp_merge *m, const struct cdp_profile *p)
{
	size_t i;

	cdp_buf_putc(b, '{');
	if (p->into != NULL) {
		/*
		 * Not who that has become since: then it would depend on where
		 * the epochs end.
		 */
		cdp_json_kstr(b, "into", cdp_str_of(p->into->id));
		cdp_buf_putc(b, '}');
		return;
	}
	cdp_json_key(b, "born");
	cdp_buf_putc(b, '[');
	put_stamp(b, p->born);
	cdp_buf_putc(b, ']');
	cdp_json_ki64(b, "now", p->u.now_ms);
	write_idents(b, m, p);
	write_links(b, p);
	write_parts(b, p);
	write_asides(b, m, p);
	write_customs(b, p);
	write_consent(b, p);
	write_members(b, p);
	for (i = 0; i < p->nmerged; i++) {
		if (i == 0)
			cdp_json_key(b, "merged");
		cdp_buf_putc(b, i == 0 ? '[' : ',');
		cdp_json_str(b, cdp_str_of(p->merged[i]));
	}
	if (i != 0)
		cdp_buf_putc(b, ']');
	cdp_json_key(b, "computed");
	cdp_computed_write(b, &p->u);
	cdp_buf_putc(b, '}');
}

static void
write_circle(struct cdp_buf *b, const struct cdp_circle *c)
{
	size_t i;

	cdp_buf_puts(b, "{\"members\":[");
	for (i = 0; i < c->nmember; i++) {
		cdp_json_comma(b);
		cdp_json_str(b, cdp_str_of(c->member[i]->id));
	}
	cdp_buf_putc(b, ']');
	cdp_json_ki64(b, "now", c->u.now_ms);
	cdp_json_key(b, "computed");
	cdp_computed_write(b, &c->u);
	cdp_buf_putc(b, '}');
}

/* Nothing is written of who is gone: the key goes. */
static void
write_unit(struct cdp_merge *m, struct cdp_unit *u)
{
	struct cdp_circle *c = (struct cdp_circle *)u;
	struct cdp_profile *p = (struct cdp_profile *)u;

	if (u->circle && !c->gone)
		write_circle(&m->json, c);
	else if (!u->circle && !p->gone)
		write_profile(&m->json, m, p);
}

static void
save_ident(struct cdp_merge *m, struct cdp_ident *id)
{
	cdp_buf_reset(&m->json);
	if (id->owner == NULL)
		cdp_buf_printf(
		    &m->json, "{\"taken\":%lld}", (long long)id->taken_ms);
	else
		cdp_json_str(
		    &m->json, cdp_str_of(cdp_profile_now(id->owner)->id));
	cdp_log_put(m->log, id->key, cdp_buf_str(&m->json), INT64_MAX);
	id->fresh = false;
}

static void
save_unit(struct cdp_merge *m, struct cdp_unit *u)
{
	u->dirty = false;
	cdp_buf_reset(&m->json);
	write_unit(m, u);
	cdp_state_bytes(m, u, m->json.n);
	cdp_log_put(m->log, u->due.id, cdp_buf_str(&m->json),
	    u->due.at != 0 ? u->due.due_ms : INT64_MAX);
}

/*
 * Who comes back is looked for by an identifier first: it is put beside its
 * profile, in the same frame if may be.
 */
void
cdp_save_all(struct cdp_merge *m)
{
	const struct cdp_profile *p;
	size_t i, j;

	for (i = 0; i < m->ndirty; i++) {
		save_unit(m, m->dirty[i]);
		p = (const struct cdp_profile *)m->dirty[i];
		for (j = 0; !m->dirty[i]->circle && j < p->nident; j++)
			if (p->ident[j]->fresh)
				save_ident(m, p->ident[j]);
	}
	m->ndirty = 0;
	for (i = 0; i < m->nfresh; i++)
		if (m->fresh[i]->fresh)
			save_ident(m, m->fresh[i]);
	m->nfresh = 0;
	if (m->clock_dirty) {
		cdp_buf_reset(&m->json);
		cdp_buf_i64(&m->json, m->clock_ms);
		cdp_log_put(
		    m->log, CDP_STATE_CLOCK, cdp_buf_str(&m->json), INT64_MAX);
		m->clock_dirty = false;
	}
}
