#include "lib/profile/identifiers.h"

#include <stdlib.h>

#include "lib/profile/state.h"
#include "lib/profile/violation.h"
#include "lib/rule/ident.h"

#define MAX_KEY 512 /* of the log */

static void
add_type(struct cdp_merge *m, struct cdp_str name)
{
	struct cdp_buf b = { 0 };
	size_t n = m->ntype + 1;

	m->type = cdp_xreallocarray(m->type, n, sizeof(*m->type));
	m->prefix = cdp_xreallocarray(m->prefix, n, sizeof(*m->prefix));
	m->nident = cdp_xreallocarray(m->nident, n, sizeof(*m->nident));
	m->nhub = cdp_xreallocarray(m->nhub, n, sizeof(*m->nhub));
	cdp_buf_printf(&b, "i:%.*s:", (int)name.n, name.p);
	m->prefix[m->ntype] = cdp_buf_str(&b);
	m->type[m->ntype] =
	    (struct cdp_str){ m->prefix[m->ntype].p + 2, name.n };
	m->nident[m->ntype] = m->nhub[m->ntype] = 0;
	m->ntype = n;
}

void
cdp_identifiers_init(struct cdp_merge *m)
{
	size_t i;

	for (i = 0; i < m->pr->identity.nid; i++)
		add_type(m, m->pr->identity.id[i].name);
}

uint32_t
cdp_identifiers_type(struct cdp_merge *m, struct cdp_str name)
{
	size_t i;

	for (i = 0; i < m->ntype; i++)
		if (cdp_str_eq(m->type[i], name))
			return (uint32_t)i;
	add_type(m, name);
	return (uint32_t)i;
}

struct cdp_ident *
cdp_identifiers_new(
    struct cdp_merge *m, uint32_t type, struct cdp_str key, int64_t first_ms)
{
	struct cdp_ident *id = cdp_xmalloc(sizeof(*id) + key.n);

	*id = (struct cdp_ident){ .type = type,
		.rank = (uint32_t)(type < m->pr->identity.nid
			? type
			: m->pr->identity.nid),
		.first_ms = first_ms };
	memcpy(id->text, key.p, key.n);
	id->key = (struct cdp_str){ id->text, key.n };
	id->prefix = (uint32_t)m->prefix[type].n;
	*cdp_map_at(&m->idents, id->key) = id;
	return id;
}

void
cdp_identifiers_forget(struct cdp_merge *m, struct cdp_ident *id)
{
	size_t i, n = 0;

	for (i = 0; i < m->nfresh; i++)
		if (m->fresh[i] != id)
			m->fresh[n++] = m->fresh[i];
	m->nfresh = n;
	cdp_map_del(&m->idents, id->key);
	if (m->log != NULL)
		cdp_log_put(m->log, id->key, CDP_STR(""), INT64_MAX);
	cdp_mem_disown(&id->raw);
	free(id);
}

int
cdp_identifiers_find(struct cdp_merge *m, struct cdp_str key, uint32_t type,
    struct cdp_ident **ret, struct cdp_err *err)
{
	struct cdp_ident *id = cdp_map_get(&m->idents, key);
	struct cdp_str owner;
	int rc;

	*ret = id;
	if (id != NULL || m->log == NULL)
		return 0;
	cdp_buf_reset(&m->json);
	if ((rc = cdp_log_get(m->log, key, &m->json, err)) != 0)
		return rc == CDP_END ? 0 : rc;
	if (m->json.n < 2)
		return 0;
	if (m->json.p[0] != '"') {
		*ret = cdp_identifiers_new(m, type, key, 0);
		(*ret)->taken_ms =
		    strtoll(m->json.p + sizeof("{\"taken\":") - 1, NULL, 10);
		return 0;
	}
	owner = (struct cdp_str){ m->json.p + 1, m->json.n - 2 };
	id = cdp_identifiers_new(m, type, key, 0);
	id->owner = cdp_state_profile(m, owner);
	*ret = id;
	/* Loading the profile tells when it was first seen. */
	return cdp_state_load(m, &id->owner, err);
}

struct cdp_str
cdp_identifiers_key(const struct cdp_merge *m, uint32_t type,
    struct cdp_str value, struct cdp_arena *mem)
{
	struct cdp_str prefix = m->prefix[type];
	char *p = cdp_arena_alloc(mem, prefix.n + value.n);

	memcpy(p, prefix.p, prefix.n);
	memcpy(p + prefix.n, value.p, value.n);
	return (struct cdp_str){ p, prefix.n + value.n };
}

/*
 * Whether id is blocked: the lists are asked once a run for what is known and
 * each time for what is not; what is not known is looked for in the log.
 */
static int
vet(struct cdp_merge *m, struct cdp_id *id, struct cdp_str raw,
    struct cdp_str value, bool *blocked, struct cdp_err *err)
{
	const struct cdp_identity *rules = &m->pr->identity;
	int rc;

	if (id->known != NULL && id->known->vetted) {
		*blocked = id->known->blocked || id->known->taken_ms != 0;
		return 0;
	}
	*blocked = cdp_ident_blocked(rules, raw) ||
	    (value.p != raw.p && cdp_ident_blocked(rules, value));
	if (id->known == NULL && !*blocked &&
	    (rc = cdp_identifiers_find(
		 m, id->key, id->type, &id->known, err)) != 0)
		return rc;
	if (id->known != NULL) {
		id->known->vetted = true;
		id->known->blocked = *blocked;
		*blocked = *blocked || id->known->taken_ms != 0;
	}
	return 0;
}

/* One value: looked up under its normal spelling. */
static int
add(struct cdp_merge *m, uint32_t type, struct cdp_str raw,
    struct cdp_arena *mem, struct cdp_id *ret, size_t *nret,
    struct cdp_err *err)
{
	const struct cdp_identity *rules = &m->pr->identity;
	struct cdp_id id = { .type = type };
	struct cdp_str value;
	bool blocked;
	size_t i;
	int rc;

	if (cdp_ident_normalize(
		cdp_ident_rule(rules, type), raw, mem, &value) != 0 ||
	    m->prefix[type].n + value.n > MAX_KEY) {
		cdp_violation_note(m,
		    cdp_ident_blocked(rules, raw) ? CDP_VIOL_BLOCKED
						  : CDP_VIOL_INVALID,
		    type, raw, NULL, CDP_NO_TYPE);
		return 0;
	}
	/* Most are their own spelling: not worth a look at the bytes. */
	if ((raw.p != value.p || raw.n != value.n) && !cdp_str_eq(raw, value))
		id.raw = raw;
	id.key = cdp_identifiers_key(m, type, value, mem);
	for (i = 0; i < *nret; i++)
		if (cdp_str_eq(ret[i].key, id.key))
			return 0;
	id.known = cdp_map_get(&m->idents, id.key);
	if ((rc = vet(m, &id, raw, value, &blocked, err)) != 0)
		return rc;
	if (blocked)
		cdp_violation_note(
		    m, CDP_VIOL_BLOCKED, type, value, NULL, CDP_NO_TYPE);
	else
		ret[(*nret)++] = id;
	return 0;
}

int
cdp_identifiers_extract(struct cdp_merge *m, const struct cdp_line *ln,
    struct cdp_id *ret, size_t *nret, struct cdp_err *err)
{
	const struct cdp_identity *rules = &m->pr->identity;
	struct cdp_ident_value raw[CDP_IDENTS_MAX];
	size_t i, n;
	bool more;
	int rc;

	*nret = 0;
	cdp_ident_raws(rules, ln, raw, &n, &more, &m->consent);
	for (i = 0; i < n; i++) {
		uint32_t type = raw[i].type < rules->nid
		    ? (uint32_t)raw[i].type
		    : cdp_identifiers_type(m, raw[i].name);

		if ((rc = add(
			 m, type, raw[i].value, ln->mem, ret, nret, err)) != 0)
			return rc;
	}
	return 0;
}
