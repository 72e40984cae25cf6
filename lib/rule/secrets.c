#include <ctype.h>

#include "lib/rule/load.h"

#define SECRET "$secrets."

static void
add(struct cdp_loader *ld, const struct cdp_str *more, size_t n)
{
	struct cdp_project *pr = ld->pr;
	struct cdp_str *all =
	    cdp_load_grow(ld, pr->secret, pr->nsecret, n, sizeof(*all));

	memcpy(all + pr->nsecret, more, n * sizeof(*all));
	pr->secret = all;
	pr->nsecret += n;
}

/* A name of the environment, which is one of jq, too. */
static bool
is_name(struct cdp_loader *ld, const struct cdp_node *at, struct cdp_str s)
{
	bool ok = s.n != 0 && !isdigit((unsigned char)s.p[0]);

	for (size_t i = 0; i < s.n; i++)
		ok = ok && (isalnum((unsigned char)s.p[i]) || s.p[i] == '_');
	if (!ok)
		cdp_diag_error(ld->diags, at, "bad-value",
		    "a secret is named as in the environment, such as "
		    "SMS_TOKEN, not '%.*s'",
		    (int)s.n, s.p);
	return ok;
}

void
cdp_load_secrets(struct cdp_loader *ld, struct cdp_node *node)
{
	const struct cdp_str *more;
	size_t n;

	if (!cdp_load_strs(ld, node, "secrets", &more, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (!is_name(ld,
			node->kind == CDP_NODE_SEQ ? node->item[i] : node,
			more[i]))
			return;
	if (n != 0)
		add(ld, more, n);
}

void
cdp_load_own_secrets(struct cdp_loader *ld, const struct cdp_node *map,
    const struct cdp_str *name, size_t n, struct cdp_destination *d)
{
	const struct cdp_node *other = cdp_node_get(map, "secrets"), *v;
	const char *known[64] = { NULL };

	if (other != NULL && !cdp_load_is_map(ld, other, "secrets"))
		return;
	d->secret = cdp_arena_calloc(ld->mem, n + 1, sizeof(*d->secret));
	for (size_t i = 0; i < n && i < 63; i++) {
		struct cdp_secret *s = &d->secret[d->nsecret++];

		known[i] = cdp_arena_dup(ld->mem, name[i]).p;
		s->name = s->from = name[i];
		v = cdp_node_get(other, known[i]);
		if (v != NULL && cdp_load_str(ld, v, known[i], &s->from))
			is_name(ld, v, s->from);
		add(ld, &s->from, 1);
	}
	if (other != NULL)
		cdp_diag_keys(ld->diags, other, "secrets", known);
}

static void
check_name(struct cdp_loader *ld, const struct cdp_destination *d,
    const struct cdp_node *at, struct cdp_str name)
{
	const struct cdp_project *pr = ld->pr;
	size_t i;

	for (i = 0; i < d->nsecret; i++)
		if (cdp_str_eq(d->secret[i].name, name))
			return;
	for (i = 0; i < pr->nsecret; i++)
		if (cdp_str_eq(pr->secret[i], name))
			return;
	cdp_diag_name(ld->diags, at, "unknown-secret", "secrets has no", name,
	    pr->secret, pr->nsecret);
}

static void
check_header(struct cdp_loader *ld, const struct cdp_destination *d,
    const struct cdp_header *h)
{
	struct cdp_str text = cdp_jq_text(ld->jq, h->jq), name;
	const char *p = text.p, *end = text.p + text.n;
	struct cdp_node at = { .at = ld->pr->jq_at[h->jq] };

	while ((p = memmem(p, (size_t)(end - p), SECRET, 9)) != NULL) {
		name = (struct cdp_str){ p += 9, 0 };
		while (p < end && (isalnum((unsigned char)*p) || *p == '_'))
			p++;
		name.n = (size_t)(p - name.p);
		check_name(ld, d, &at, name);
	}
}

bool
cdp_auth_replaces(const struct cdp_destination *d, size_t header)
{
	struct cdp_str name = d->header[header].name;

	return d->auth.kind != CDP_AUTH_NONE && name.n == 13 &&
	    strncasecmp(name.p, "authorization", 13) == 0;
}

static void
check_auth(struct cdp_loader *ld, const struct cdp_destination *d)
{
	const struct cdp_str name[] = { d->auth.id, d->auth.secret,
		d->auth.refresh };

	for (size_t i = 0; i < 3; i++)
		if (name[i].n != 0)
			check_name(ld, d, d->node, name[i]);
}

void
cdp_check_secrets(struct cdp_loader *ld)
{
	for (size_t i = 0; i < ld->pr->ndestination; i++) {
		const struct cdp_destination *d = &ld->pr->destination[i];

		for (size_t k = 0; k < d->nheader; k++)
			if (d->header[k].secret && !cdp_auth_replaces(d, k))
				check_header(ld, d, &d->header[k]);
		if (d->sign.header.n != 0)
			check_name(ld, d, d->node, d->sign.secret);
		if (d->password.n != 0)
			check_name(ld, d, d->node, d->password);
		check_auth(ld, d);
	}
}
