#include "lib/emit/post.h"

#include <ctype.h>

#include "lib/base/hash.h"
#include "lib/emit/request.h"
#include "lib/json/write.h"

#define SECRET "$secrets."

/* ---- secrets ---- */

static int
missing(
    const struct cdp_destination *def, struct cdp_str name, struct cdp_err *err)
{
	for (size_t i = 0; i < def->nsecret; i++)
		if (cdp_str_eq(def->secret[i].name, name))
			name = def->secret[i].from;
	return cdp_fail(err, CDP_ECONF,
	    "destination '%.*s' needs the secret %.*s: put it into the "
	    "environment, or the name of a file with it as %.*s_FILE",
	    (int)def->name.n, def->name.p, (int)name.n, name.p, (int)name.n,
	    name.p);
}

/* Every one that the program names must have a value. */
static int
has_all(struct cdp_str text, const struct cdp_tape *t,
    const struct cdp_destination *def, struct cdp_err *err)
{
	const char *p = text.p, *end = text.p + text.n;
	struct cdp_str name;

	while ((p = memmem(p, (size_t)(end - p), SECRET, 9)) != NULL) {
		name = (struct cdp_str){ p += 9, 0 };
		while (p < end && (isalnum((unsigned char)*p) || *p == '_'))
			p++;
		name.n = (size_t)(p - name.p);
		if (!cdp_tape_isa(t, cdp_tape_get(t, 0, name), CDP_STRING))
			return missing(def, name, err);
	}
	return 0;
}

/* As this destination calls them: the later of two members wins. */
static void
name_secrets(const struct cdp_destination *def, const struct cdp_tape *t,
    struct cdp_buf *b)
{
	cdp_buf_put(b, (struct cdp_str){ t->p, t->n - 1 });
	for (size_t i = 0; i < def->nsecret; i++) {
		uint32_t v = cdp_tape_get(t, 0, def->secret[i].from);

		if (v == CDP_NOTOK)
			continue;
		cdp_json_comma(b);
		cdp_json_str(b, def->secret[i].name);
		cdp_buf_putc(b, ':');
		cdp_buf_put(b, cdp_tape_raw(t, v));
	}
	cdp_buf_putc(b, '}');
}

static int
make_header(struct cdp_post *po, struct cdp_render *r, int id,
    const struct cdp_header *h, struct cdp_err *err)
{
	struct cdp_str v = { 0 }, place = cdp_jq_place(r->jq, id);
	int rc = cdp_render_value(r, id, CDP_STR("null"), &po->mem, &v, err);

	if (rc == CDP_EDATA)
		return CDP_ECONF;
	if (rc != 0)
		return rc;
	if (v.n == 0 || !cdp_request_header_fits(v))
		return cdp_fail(err, CDP_ECONF,
		    "%.*s: what it gives cannot be a header: it is empty, or "
		    "a secret has a newline in it",
		    (int)place.n, place.p);
	po->secret[po->nsecret++] = (struct cdp_http_header){ h->name, v };
	return 0;
}

/* The same program for a jq of ours, which knows secrets. */
static int
take_program(const struct cdp_jq *from, int id, struct cdp_jq *jq)
{
	id = cdp_jq_add_with(jq, cdp_jq_text(from, id), cdp_jq_place(from, id),
	    cdp_jq_settings(from, id));
	cdp_jq_want(jq, id);
	return id;
}

/* In a jq of their own: no other program ever sees a secret. */
static int
make_headers(struct cdp_post *po, struct cdp_project *pr, struct cdp_render *r,
    struct cdp_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < po->def->nheader && rc == 0; i++) {
		const struct cdp_header *h = &po->def->header[i];

		if (h->secret && !cdp_auth_replaces(po->def, i))
			rc = has_all(
			    cdp_jq_text(pr->jq, h->jq), &r->tape, po->def, err);
	}
	for (size_t i = 0; i < po->def->nheader && rc == 0; i++) {
		const struct cdp_header *h = &po->def->header[i];
		int id;

		if (!h->secret || cdp_auth_replaces(po->def, i))
			continue;
		id = take_program(pr->jq, h->jq, r->jq);
		rc = make_header(po, r, id, h, err);
	}
	return rc;
}

/* The one secret that is used by itself. */
static int
take_key(struct cdp_post *po, const struct cdp_tape *t, struct cdp_err *err)
{
	struct cdp_str name =
	    po->def->password.n != 0 ? po->def->password : po->def->sign.secret;
	uint32_t v = cdp_tape_get(t, 0, name);

	if (name.n == 0)
		return 0;
	if (!cdp_tape_isa(t, v, CDP_STRING))
		return missing(po->def, name, err);
	po->key = cdp_arena_dup(&po->mem, cdp_tape_str(t, v, &po->mem));
	return 0;
}

/* Who says the password; the program sees nothing but settings. */
static int
take_user(struct cdp_post *po, struct cdp_project *pr, struct cdp_render *r,
    struct cdp_err *err)
{
	int id, rc;

	if (po->def->user < 0)
		return 0;
	id = take_program(pr->jq, po->def->user, r->jq);
	rc = cdp_render_value(r, id, CDP_STR("null"), &po->mem, &po->user, err);
	return rc == CDP_EDATA ? CDP_ECONF : rc;
}

/* Whole headers first: a secret in one may be written in another way there. */
static void
make_veil(struct cdp_post *po, const struct cdp_tape *t)
{
	struct cdp_arena mem = { 0 };
	uint32_t it = 0, key, v;

	for (size_t i = 0; i < po->nsecret; i++)
		cdp_veil_add(&po->veil, po->secret[i].value);
	while (cdp_tape_next(t, 0, &it, &key, &v))
		cdp_veil_add(&po->veil, cdp_tape_str(t, v, &mem));
	cdp_arena_free(&mem);
}

int
cdp_post_init(struct cdp_post *po, struct cdp_project *pr,
    const struct cdp_destination *def, struct cdp_str secrets,
    struct cdp_err *err)
{
	struct cdp_render r = { .jq = cdp_jq_like(pr->jq) };
	struct cdp_buf b = { 0 };
	int rc = cdp_tape_parse(&r.tape, secrets, err);

	*po = (struct cdp_post){ .def = def,
		.wire = (size_t)(def - pr->destination) };
	po->secret =
	    cdp_arena_calloc(&po->mem, def->nheader + 1, sizeof(*po->secret));
	if (rc == 0) {
		name_secrets(def, &r.tape, &b);
		cdp_jq_secrets(r.jq, cdp_buf_str(&b));
		rc = cdp_tape_parse(&r.tape, cdp_buf_str(&b), err);
	}
	if (rc == 0 && (rc = take_key(po, &r.tape, err)) == 0 &&
	    (rc = make_headers(po, pr, &r, err)) == 0)
		rc = take_user(po, pr, &r, err);
	if (rc == 0)
		rc = cdp_tape_parse(&r.tape, cdp_buf_str(&b), err);
	if (rc == 0)
		rc = cdp_auth_init(&po->auth, pr, def, &r.tape, r.jq, err);
	if (rc == 0 && cdp_tape_parse(&r.tape, cdp_buf_str(&b), err) == 0)
		make_veil(po, &r.tape);
	cdp_jq_free(r.jq);
	cdp_render_free(&r);
	explicit_bzero(b.p, b.n);
	cdp_buf_free(&b);
	return rc;
}

void
cdp_post_free(struct cdp_post *po)
{
	cdp_auth_free(&po->auth);
	for (size_t i = 0; i < po->nsecret; i++)
		cdp_str_wipe(po->secret[i].value);
	cdp_str_wipe(po->key);
	cdp_veil_free(&po->veil);
	cdp_arena_free(&po->mem);
}

/* ---- a request ---- */

struct letter {
	struct cdp_http_header *all;
	size_t n;
};

static bool
has_header(const struct letter *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->all[i].name.n == strlen(name) &&
		    strncasecmp(l->all[i].name.p, name, strlen(name)) == 0)
			return true;
	return false;
}

static void
add(struct letter *l, struct cdp_str name, struct cdp_str value)
{
	l->all[l->n++] = (struct cdp_http_header){ name, value };
}

/* Over what leaves, all of it. */
static struct cdp_str
signature(const struct cdp_post *po, struct cdp_str body, struct cdp_arena *mem)
{
	const struct cdp_sign *sign = &po->def->sign;
	char hex[65];

	cdp_hash_sign(po->key, sign->sha1, body, hex);
	return cdp_arena_printf(
	    mem, "%.*s%s", (int)sign->prefix.n, sign->prefix.p, hex);
}

static void
read_headers(const struct cdp_post *po, const struct cdp_tape *t,
    struct cdp_str key, struct cdp_str body, struct cdp_arena *mem,
    struct letter *l)
{
	uint32_t list = cdp_tape_get(t, 0, CDP_STR("headers")), it = 0, k, v;
	struct cdp_str type =
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("type")), mem);

	l->all = cdp_arena_calloc(
	    mem, cdp_tape_count(t, list) + po->nsecret + 4, sizeof(*l->all));
	while (cdp_tape_next(t, list, &it, &k, &v))
		add(l, cdp_tape_str(t, k, mem), cdp_tape_str(t, v, mem));
	for (size_t i = 0; i < po->nsecret; i++)
		add(l, po->secret[i].name, po->secret[i].value);
	if (cdp_auth_value(&po->auth).n != 0)
		add(l, CDP_STR("Authorization"), cdp_auth_value(&po->auth));
	if (po->def->sign.header.n != 0)
		add(l, po->def->sign.header, signature(po, body, mem));
	if (type.n != 0 && !has_header(l, "content-type"))
		add(l, CDP_STR("Content-Type"), type);
	if (!has_header(l, "idempotency-key"))
		add(l, CDP_STR("Idempotency-Key"), key);
}

int
cdp_post_start(const struct cdp_post *po, struct cdp_http *http,
    struct cdp_str json, struct cdp_str key, void *tag, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	struct cdp_tape t = { 0 };
	struct letter l = { 0 };
	struct cdp_http_req req = { .tag = tag,
		.wire = po->wire,
		.timeout_ms = po->def->timeout_ms,
		.allow_private = po->def->allow_private,
		.ca = po->def->ca,
		.mail = po->def->via == CDP_VIA_SMTP,
		.plain = po->def->plain,
		.user = po->user,
		.password = po->key,
		.twice = po->def->remembers_ms != CDP_REMEMBERS_NEVER };
	uint32_t body, text;
	int rc = cdp_tape_parse(&t, json, NULL);

	if (rc == 0) {
		body = cdp_tape_get(&t, 0, CDP_STR("body"));
		text = cdp_tape_get(&t, 0, CDP_STR("text"));
		req.method = cdp_tape_str(
		    &t, cdp_tape_get(&t, 0, CDP_STR("method")), &mem);
		req.url =
		    cdp_tape_str(&t, cdp_tape_get(&t, 0, CDP_STR("url")), &mem);
		req.has_body = body != CDP_NOTOK || text != CDP_NOTOK;
		req.body = body != CDP_NOTOK ? cdp_tape_raw(&t, body)
					     : cdp_tape_str(&t, text, &mem);
		req.from = cdp_tape_str(
		    &t, cdp_tape_get(&t, 0, CDP_STR("from")), &mem);
		req.to =
		    cdp_tape_str(&t, cdp_tape_get(&t, 0, CDP_STR("to")), &mem);
		if (!req.mail)
			read_headers(po, &t, key, req.body, &mem, &l);
		req.header = l.all;
		req.nheader = l.n;
	}
	if (rc != 0 || req.url.n == 0)
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "the queue of '%.*s' has what is no request",
		    (int)po->def->name.n, po->def->name.p);
	else
		cdp_http_start(http, &req);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
	return rc;
}
