#include "lib/profile/identifiers.h"

#include "lib/profile/state.h"
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
	cdp_buf_printf(&b, "i:%.*s:", (int)name.n, name.p);
	m->prefix[m->ntype] = cdp_buf_str(&b);
	m->type[m->ntype] =
	    (struct cdp_str){ m->prefix[m->ntype].p + 2, name.n };
	m->nident[m->ntype] = 0;
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

	*id = (struct cdp_ident){ .type = type, .first_ms = first_ms };
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
	owner = (struct cdp_str){ m->json.p + 1, m->json.n - 2 };
	id = cdp_identifiers_new(m, type, key, 0);
	id->owner = cdp_state_profile(m, owner);
	*ret = id;
	/* Loading the profile tells when it was first seen. */
	return cdp_state_load(m, &id->owner, err);
}

/*
 * One value: looked up under its normal spelling; the block lists are asked
 * once a run for what is known and each time for what is not.
 */
static int
add(struct cdp_merge *m, uint32_t type, struct cdp_str raw,
    struct cdp_arena *mem, struct cdp_id *ret, size_t *nret,
    struct cdp_err *err)
{
	const struct cdp_identifier *rule = &m->pr->identity.id[type];
	struct cdp_id id = { .type = type };
	struct cdp_str value;
	char *p;
	size_t i;
	int rc;

	if (cdp_ident_normalize(rule, raw, mem, &value) != 0 ||
	    m->prefix[type].n + value.n > MAX_KEY) {
		m->nviol[cdp_ident_blocked(&m->pr->identity, raw)
			? CDP_VIOL_BLOCKED
			: CDP_VIOL_INVALID]++;
		return 0;
	}
	p = cdp_arena_alloc(mem, m->prefix[type].n + value.n);
	memcpy(p, m->prefix[type].p, m->prefix[type].n);
	memcpy(p + m->prefix[type].n, value.p, value.n);
	id.key = (struct cdp_str){ p, m->prefix[type].n + value.n };
	for (i = 0; i < *nret; i++)
		if (cdp_str_eq(ret[i].key, id.key))
			return 0;
	id.known = cdp_map_get(&m->idents, id.key);
	if (id.known == NULL || !id.known->vetted) {
		bool blocked = cdp_ident_blocked(&m->pr->identity, raw) ||
		    (value.p != raw.p &&
			cdp_ident_blocked(&m->pr->identity, value));

		if (id.known == NULL && !blocked &&
		    (rc = cdp_identifiers_find(
			 m, id.key, type, &id.known, err)) != 0)
			return rc;
		if (id.known != NULL) {
			id.known->vetted = true;
			id.known->blocked = blocked;
		} else if (blocked) {
			m->nviol[CDP_VIOL_BLOCKED]++;
			return 0;
		}
	}
	if (id.known != NULL && id.known->blocked) {
		m->nviol[CDP_VIOL_BLOCKED]++;
		return 0;
	}
	if (*nret < CDP_IDS_MAX)
		ret[(*nret)++] = id;
	return 0;
}

int
cdp_identifiers_extract(struct cdp_merge *m, const struct cdp_line *ln,
    struct cdp_id *ret, size_t *nret, struct cdp_err *err)
{
	const struct cdp_identity *rules = &m->pr->identity;
	const struct cdp_tape *t = ln->tape;
	struct cdp_str raw;
	size_t i, j;
	uint32_t at;
	int rc;

	*nret = 0;
	for (i = 0; i < rules->nid; i++) {
		for (j = 0; j < rules->id[i].nfrom; j++) {
			at = cdp_tape_path(t, 0, &rules->id[i].from[j]);
			if (!cdp_tape_isa(t, at, CDP_STRING) &&
			    !cdp_tape_isa(t, at, CDP_NUM))
				continue;
			raw = cdp_ident_text(t, at, ln->mem);
			if ((rc = add(m, (uint32_t)i, raw, ln->mem, ret, nret,
				 err)) != 0)
				return rc;
		}
	}
	return 0;
}
