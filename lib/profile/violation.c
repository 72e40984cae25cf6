#include "lib/profile/violation.h"

#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/json/write.h"
#include "lib/profile/links.h"

#define SHOWN 256 /* bytes of a value */

const char *const cdp_violation_names[CDP_NVIOLS] = {
	[CDP_VIOL_LIMIT] = "Identifier value limit exceeded",
	[CDP_VIOL_TIME_LIMIT] = "Identifier value time limit exceeded",
	[CDP_VIOL_BLOCKED] = "ID value blocked",
	[CDP_VIOL_MERGES] = "Profile merge limit exceeded",
	[CDP_VIOL_MAPPINGS] = "Identifier mapping limit exceeded",
	[CDP_VIOL_INVALID] = "Identifier value not valid",
	[CDP_VIOL_HUB] = "Identifier shared by many",
	[CDP_VIOL_MEMBERS] = "Group member limit exceeded",
};

/* No more of it than is shown, and no broken character at the end. */
static struct cdp_str
cut(struct cdp_str s)
{
	if (s.n <= SHOWN)
		return s;
	for (s.n = SHOWN; s.n != 0 && (s.p[s.n] & 0xC0) == 0x80; s.n--)
		;
	return s;
}

void
cdp_violation_note(struct cdp_merge *m, enum cdp_violation_kind kind,
    uint32_t type, struct cdp_str value, const struct cdp_ident *id,
    uint32_t over)
{
	m->nviol[kind]++;
	if (m->nnoted < CDP_NOTED_MAX)
		m->noted[m->nnoted++] =
		    (struct cdp_noted){ kind, type, over, cut(value), id };
}

void
cdp_violation_hash(struct cdp_str type, struct cdp_str value, char ret[5])
{
	struct cdp_str of[2] = { type, value };

	cdp_hash_sha256(of, 2, ret, 4);
}

void
cdp_violation_keep(struct cdp_merge *m, struct cdp_profile *p,
    enum cdp_violation_kind kind, struct cdp_str type, const char *hash,
    struct cdp_str over, struct cdp_stamp at)
{
	struct cdp_aside *a;

	p->aside = cdp_profile_insert(
	    p->aside, &p->naside, &p->asidecap, sizeof(*p->aside), p->naside);
	a = &p->aside[p->naside - 1];
	*a = (struct cdp_aside){ .kind = kind,
		.type = cdp_identifiers_type(m, type),
		.over =
		    over.n != 0 ? cdp_identifiers_type(m, over) : CDP_NO_TYPE,
		.at = cdp_stamp_own(at) };
	memcpy(a->hash, hash, sizeof(a->hash));
}

static bool
is_kept(const struct cdp_profile *p, enum cdp_violation_kind kind,
    uint32_t type, const char *hash)
{
	size_t i;

	for (i = 0; i < p->naside; i++)
		if (p->aside[i].kind == kind && p->aside[i].type == type &&
		    memcmp(p->aside[i].hash, hash, 4) == 0)
			return true;
	return false;
}

/* {"type":"user_id","max":1,"within_ms":604800000} */
static void
put_limit(struct cdp_buf *b, const struct cdp_merge *m, uint32_t over)
{
	const struct cdp_identifier *rule =
	    cdp_ident_rule(&m->pr->identity, over);

	cdp_json_key(b, "limit");
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "type", m->type[over]);
	cdp_json_ki64(b, "max", rule->limit);
	if (rule->per_ms > 0)
		cdp_json_ki64(b, "within_ms", rule->per_ms);
	cdp_buf_putc(b, '}');
}

static void
line(struct cdp_merge *m, const struct cdp_noted *v,
    const struct cdp_profile *p, struct cdp_stamp at)
{
	struct cdp_str name = cdp_str_of(cdp_violation_names[v->kind]);
	struct cdp_str of[5] = { name, m->type[v->type], v->value,
		cdp_str_of(p->id), at.mid };
	struct cdp_buf *b = &m->out;
	char id[29] = "vio_";

	cdp_hash_sha256(of, 5, id + 4, 24);
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "type", CDP_STR("violation"));
	cdp_json_ktime(b, "timestamp", at.ms);
	cdp_json_kstr(b, "messageId", cdp_str_of(id));
	cdp_json_kstr(b, "violation", name);
	cdp_json_key(b, "identifier");
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "type", m->type[v->type]);
	cdp_json_kstr(b, "value", v->value);
	cdp_buf_putc(b, '}');
	if (v->kind == CDP_VIOL_LIMIT || v->kind == CDP_VIOL_TIME_LIMIT)
		put_limit(b, m, v->over);
	if (v->kind == CDP_VIOL_HUB)
		cdp_json_ki64(b, "shared", v->over);
	cdp_json_kstr(b, "of", cdp_str_of(p->id));
	if (v->id != NULL && cdp_profile_now(v->id->owner) != p)
		cdp_json_kstr(
		    b, "holder", cdp_str_of(cdp_profile_now(v->id->owner)->id));
	cdp_json_kstr(b, "by", at.mid);
	cdp_buf_putc(b, '}');
	cdp_outs_line(m->outs, cdp_buf_str(b));
}

void
cdp_violation_tell(
    struct cdp_merge *m, struct cdp_profile *p, struct cdp_stamp at)
{
	struct cdp_noted *v;
	bool limit;
	char hash[5];
	size_t i;

	/* What is told may find a hub: the list grows on the way. */
	for (i = 0; i < m->nnoted; i++) {
		v = &m->noted[i];
		limit =
		    v->kind == CDP_VIOL_LIMIT || v->kind == CDP_VIOL_TIME_LIMIT;
		if (v->kind == CDP_VIOL_HUB) {
			line(m, v, p, at);
			continue;
		}
		cdp_violation_hash(m->type[v->type], v->value, hash);
		if (p->naside >= CDP_ASIDES_MAX ||
		    is_kept(p, v->kind, v->type, hash))
			continue;
		cdp_violation_keep(m, p, v->kind, m->type[v->type], hash,
		    limit ? m->type[v->over] : CDP_STR(""), at);
		cdp_profile_touch(m, &p->u);
		line(m, v, p, at);
		if (v->id != NULL && cdp_profile_now(v->id->owner) != p)
			cdp_links_refused(m, v->id);
	}
}

void
cdp_violation_join(struct cdp_profile *into, struct cdp_profile *from)
{
	size_t i;

	for (i = 0; i < from->naside; i++) {
		struct cdp_aside *a = &from->aside[i];

		if (into->naside >= CDP_ASIDES_MAX ||
		    is_kept(into, a->kind, a->type, a->hash)) {
			cdp_stamp_free(&a->at);
			continue;
		}
		into->aside = cdp_profile_insert(into->aside, &into->naside,
		    &into->asidecap, sizeof(*into->aside), into->naside);
		into->aside[into->naside - 1] = *a;
	}
	free(from->aside);
	from->aside = NULL;
	from->naside = from->asidecap = 0;
}

void
cdp_violation_free(struct cdp_profile *p)
{
	size_t i;

	for (i = 0; i < p->naside; i++)
		cdp_stamp_free(&p->aside[i].at);
	free(p->aside);
	p->aside = NULL;
	p->naside = p->asidecap = 0;
}
