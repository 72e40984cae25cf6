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
host_is_fixed(struct cdp_str text)
{
	const char *p = text.p, *end = text.p + text.n;

	while (p < end && isspace((unsigned char)*p))
		p++;
	if (p < end && *p == '$')
		return skip_var(&p, end) && ends_host(p, end);
	if (p == end || *p++ != '"')
		return false;
	if (end - p > 8 && memcmp(p, "https://", 8) == 0)
		p += 8;
	else if (end - p > 7 && memcmp(p, "http://", 7) == 0)
		p += 7;
	else if (!skip_hole(&p, end))
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

static void
load_url(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	const struct cdp_node *v = cdp_node_get(map, "url");

	if (v == NULL)
		cdp_diag_error(
		    ld->diags, map, "missing-key", "a request needs a url");
	else if (cdp_load_jq(ld, v, "url", &d->url) && !host_is_fixed(v->text))
		cdp_diag_error(ld->diags, v, "bad-url",
		    "a url must name its host itself, so that no event can "
		    "change it: '\"https://host.example/path/\" + (.to | "
		    "@uri)', or begin with $vars.NAME + \"/...\"");
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

static void
load_method(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	static const char *const methods[] = { "POST", "PUT", "PATCH", "DELETE",
		"GET", NULL };
	const struct cdp_node *v = cdp_node_get(map, "method");
	int k = 0;

	if (v != NULL)
		cdp_load_choice(ld, v, "method", methods, &k);
	d->method = cdp_str_of(methods[k]);
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
	cdp_diag_keys(ld->diags, map, "sign", known, NULL);
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
		"form", "sign", NULL };
	const struct cdp_node *sign = cdp_node_get(map, "sign");
	const struct cdp_node *body = cdp_node_get(map, "body");
	const struct cdp_node *form = cdp_node_get(map, "form");

	if (!cdp_load_is_map(ld, map, "request"))
		return;
	cdp_diag_keys(ld->diags, map, "a request", known, NULL);
	load_method(ld, map, d);
	load_url(ld, map, d);
	load_headers(ld, map, d);
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

/* ---- how it is sent ---- */

/* "50/s", "10 per 1m" */
static void
load_rate(
    struct cdp_loader *ld, const struct cdp_node *v, struct cdp_destination *d)
{
	char *text = cdp_xstrndup(v->text), *end;
	long n = strtol(text, &end, 10);
	int64_t ms = 0;

	if (strcmp(end, "/s") == 0)
		ms = 1000;
	else if (strcmp(end, "/m") == 0)
		ms = 60 * 1000;
	else if (strcmp(end, "/h") == 0)
		ms = 3600 * 1000;
	if (v->kind == CDP_NODE_SCALAR && n > 0 && n <= 1000000 && ms != 0) {
		d->rate_n = n;
		d->rate_ms = ms;
	} else {
		cdp_diag_error(ld->diags, v, "bad-value",
		    "rate must be a number a second, minute or hour, such as "
		    "50/s, 600/m or 1000/h");
	}
	free(text);
}

static void
load_remembers(
    struct cdp_loader *ld, const struct cdp_node *v, struct cdp_destination *d)
{
	if (v->kind == CDP_NODE_SCALAR && cdp_str_is(v->text, "never"))
		d->remembers_ms = CDP_REMEMBERS_NEVER;
	else if (v->kind == CDP_NODE_SCALAR && cdp_str_is(v->text, "always"))
		d->remembers_ms = CDP_REMEMBERS_ALWAYS;
	else
		cdp_load_duration(ld, v, "remembers", &d->remembers_ms);
}

static void
load_retry(
    struct cdp_loader *ld, const struct cdp_node *v, struct cdp_destination *d)
{
	static const char *const known[] = { "for", NULL };

	if (!cdp_load_is_map(ld, v, "retry"))
		return;
	cdp_diag_keys(ld->diags, v, "retry", known, NULL);
	if (cdp_node_get(v, "for") != NULL)
		cdp_load_duration(
		    ld, cdp_node_get(v, "for"), "for", &d->retry_ms);
}

void
cdp_load_sending(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	static const char *const keys[] = { "rate", "retry", "timeout",
		"parallel", "remembers", "allow_private" };
	const struct cdp_node *v[6];
	int64_t n = 8;

	for (size_t i = 0; i < 6; i++) {
		v[i] = cdp_node_get(map, keys[i]);
		if (v[i] != NULL && d->via == CDP_VIA_FILE)
			cdp_diag_error(ld->diags, v[i], "bad-value",
			    "'%s' is for what is sent over a network", keys[i]);
	}
	d->retry_ms = (int64_t)4 * 3600 * 1000;
	d->timeout_ms = 10 * 1000;
	/* What puts a thing in its place may be done twice (RFC 9110, 9.2.2) */
	d->remembers_ms =
	    cdp_str_is(d->method, "PUT") || cdp_str_is(d->method, "DELETE")
	    ? CDP_REMEMBERS_ALWAYS
	    : CDP_REMEMBERS_NEVER;
	if (v[0] != NULL)
		load_rate(ld, v[0], d);
	if (v[1] != NULL)
		load_retry(ld, v[1], d);
	if (v[2] != NULL &&
	    cdp_load_duration(ld, v[2], "timeout", &d->timeout_ms) &&
	    (d->timeout_ms <= 0 || d->timeout_ms > 600 * 1000))
		cdp_diag_error(ld->diags, v[2], "bad-value",
		    "timeout must be longer than nothing and at most 10m");
	if (v[3] != NULL)
		cdp_load_int(ld, v[3], "parallel", 1, 64, &n);
	d->parallel = (size_t)n;
	if (v[4] != NULL)
		load_remembers(ld, v[4], d);
	if (v[5] != NULL)
		cdp_load_bool(ld, v[5], "allow_private", &d->allow_private);
}
