#include <ctype.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/rule/load.h"

/* ---- the address ---- */

/* What a project says of itself, which no event can change. */
static bool
skip_var(const char **p, const char *end)
{
	static const char *const own[] = { "$vars.", "$settings." };
	const char *q = NULL;

	for (size_t i = 0; i < 2; i++)
		if ((size_t)(end - *p) > strlen(own[i]) &&
		    memcmp(*p, own[i], strlen(own[i])) == 0)
			q = *p + strlen(own[i]);
	if (q == NULL)
		return false;
	while (q < end && (isalnum((unsigned char)*q) || *q == '_'))
		q++;
	*p = q;
	return true;
}

static bool
skip_hole(const char **p, const char *end)
{
	const char *q = *p + 2;

	if (end - *p < 3 || (*p)[0] != '\\' || (*p)[1] != '(' ||
	    !skip_var(&q, end) || q == end || *q != ')')
		return false;
	*p = q + 1;
	return true;
}

/* Behind the host: nothing more, or a text that cannot become part of it. */
static bool
ends_host(const char *p, const char *end)
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	if (p == end)
		return true;
	if (*p++ != '+')
		return false;
	while (p < end && isspace((unsigned char)*p))
		p++;
	return end - p >= 2 && p[0] == '"' && (p[1] == '/' || p[1] == '?');
}

/*
 * Whether scheme, host and port stand in the program itself, or in $vars: what
 * an event says must not choose who is talked to.
 */
static bool
host_is_fixed(struct cdp_str text, const char *const *schemes)
{
	const char *p = text.p, *end = text.p + text.n;
	size_t i, n = 0;

	while (p < end && isspace((unsigned char)*p))
		p++;
	if (p < end && *p == '$')
		return skip_var(&p, end) && ends_host(p, end);
	if (p == end || *p++ != '"')
		return false;
	for (i = 0; schemes[i] != NULL && n == 0; i++)
		if ((size_t)(end - p) > strlen(schemes[i]) &&
		    memcmp(p, schemes[i], strlen(schemes[i])) == 0)
			n = strlen(schemes[i]);
	p += n;
	if (n == 0 && !skip_hole(&p, end))
		return false;
	while (p < end && *p != '"') {
		if (*p == '/' || *p == '?')
			return true;
		if (isalnum((unsigned char)*p) || strchr(".:-[]", *p) != NULL)
			p++;
		else if (!skip_hole(&p, end))
			return false;
	}
	return p < end && ends_host(p + 1, end);
}

bool
cdp_load_url(struct cdp_loader *ld, const struct cdp_node *map, const char *key,
    const char *const *schemes, struct cdp_destination *d)
{
	const struct cdp_node *v = cdp_node_get(map, key);

	if (v == NULL)
		cdp_diag_error(
		    ld->diags, map, "missing-key", "a %s is missing", key);
	else if (cdp_load_jq(ld, v, key, &d->url) &&
	    host_is_fixed(v->text, schemes))
		return true;
	else if (d->url >= 0)
		cdp_diag_error(ld->diags, v, "bad-url",
		    "a %s must name its host itself, so that no event can "
		    "change it: '\"%shost.example/path/\" + (.to | @uri)', or "
		    "begin with $vars.NAME + \"/...\"",
		    key, schemes[0]);
	return false;
}

/* ---- headers ---- */

static bool
is_token(struct cdp_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) &&
		    strchr("!#$%&'*+-.^_`|~", s.p[i]) == NULL)
			return false;
	return s.n != 0;
}

/* What the connection itself is made of. */
static bool
is_ours(struct cdp_str s)
{
	static const char *const own[] = { "host", "content-length",
		"transfer-encoding", "connection", "te", "trailer", "upgrade",
		"expect", "keep-alive", NULL };

	for (size_t i = 0; own[i] != NULL; i++)
		if (s.n == strlen(own[i]) && strncasecmp(s.p, own[i], s.n) == 0)
			return true;
	return false;
}

static void
load_headers(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	const struct cdp_node *v = cdp_node_get(map, "headers");

	if (v == NULL || !cdp_load_is_map(ld, v, "headers"))
		return;
	d->header = cdp_arena_calloc(ld->mem, v->n + 1, sizeof(*d->header));
	for (size_t i = 0; i < v->n; i++) {
		struct cdp_header *h = &d->header[d->nheader];

		h->name = v->key[i]->text;
		h->secret = memmem(v->item[i]->text.p, v->item[i]->text.n,
				"$secrets", 8) != NULL;
		ld->secrets = true;
		if (!is_token(h->name) || is_ours(h->name))
			cdp_diag_error(ld->diags, v->key[i], "bad-header",
			    "'%.*s' is no header that a request may set",
			    (int)h->name.n, h->name.p);
		else if (cdp_load_jq(ld, v->item[i], "a header", &h->jq))
			d->nheader++;
		ld->secrets = false;
	}
}

/* ---- the request ---- */

const char *const cdp_methods[] = { "POST", "PUT", "PATCH", "DELETE", "GET",
	NULL };

/* A word, or a program that gives one: what is not letters alone. */
static void
load_method(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	const struct cdp_node *v = cdp_node_get(map, "method");
	size_t n = 0;
	int k = 0;

	while (
	    v != NULL && n < v->text.n && isalpha((unsigned char)v->text.p[n]))
		n++;
	if (v != NULL && v->kind == CDP_NODE_SCALAR && n < v->text.n)
		cdp_load_jq(ld, v, "method", &d->method_jq);
	else if (v != NULL)
		cdp_load_choice(ld, v, "method", cdp_methods, &k);
	d->method = cdp_str_of(cdp_methods[k]);
}

static void
load_sign(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_sign *ret)
{
	static const char *const known[] = { "header", "secret", "hash",
		"prefix", NULL };
	static const char *const hashes[] = { "sha256", "sha1", NULL };
	const struct cdp_node *v;
	int k = 0;

	if (!cdp_load_is_map(ld, map, "sign"))
		return;
	cdp_diag_keys(ld->diags, map, "sign", known);
	if ((v = cdp_node_get(map, "hash")) != NULL)
		cdp_load_choice(ld, v, "hash", hashes, &k);
	ret->sha1 = k == 1;
	if ((v = cdp_node_get(map, "prefix")) != NULL)
		cdp_load_str(ld, v, "prefix", &ret->prefix);
	if (!cdp_load_str(
		ld, cdp_node_get(map, "secret"), "secret", &ret->secret) ||
	    !cdp_load_str(
		ld, cdp_node_get(map, "header"), "header", &ret->header))
		return;
	if (!is_token(ret->header) || is_ours(ret->header))
		cdp_diag_error(ld->diags, map, "bad-header",
		    "'%.*s' is no header that a request may set",
		    (int)ret->header.n, ret->header.p);
}

void
cdp_load_request(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	static const char *const known[] = { "method", "url", "headers", "body",
		"form", "sign", "results", NULL };
	static const char *const schemes[] = { "https://", "http://", NULL };
	const struct cdp_node *results = cdp_node_get(map, "results");
	const struct cdp_node *sign = cdp_node_get(map, "sign");
	const struct cdp_node *body = cdp_node_get(map, "body");
	const struct cdp_node *form = cdp_node_get(map, "form");

	if (!cdp_load_is_map(ld, map, "request"))
		return;
	cdp_diag_keys(ld->diags, map, "a request", known);
	load_method(ld, map, d);
	cdp_load_url(ld, map, "url", schemes, d);
	load_headers(ld, map, d);
	if (results != NULL)
		cdp_load_jq(ld, results, "results", &d->results);
	if (sign != NULL)
		load_sign(ld, sign, &d->sign);
	if (body != NULL && form != NULL)
		cdp_diag_error(ld->diags, form, "bad-value",
		    "a request has a body or a form, not both");
	if (body != NULL)
		cdp_load_jq(ld, body, "body", &d->body);
	if (form != NULL)
		cdp_load_jq(ld, form, "form", &d->form);
}
