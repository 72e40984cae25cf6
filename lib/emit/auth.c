#include "lib/emit/auth.h"

#include <stdio.h>

#include "lib/emit/jwt.h"
#include "lib/emit/request.h"
#include "lib/json/write.h"

#define HOUR_MS ((int64_t)3600 * 1000)
#define SPARE_MS ((int64_t)60 * 1000) /* so long before it ends it is over */
/* Apple wants a new one within an hour, and at most one in 20 minutes. */
#define APNS_MS ((int64_t)50 * 60 * 1000)
#define APNS_PAUSE_MS ((int64_t)20 * 60 * 1000)
#define PAUSE_MS 1000
#define PAUSE_MAX 9 /* 2^9 s */

static const struct cdp_auth_rule *
rule_of(const struct cdp_auth *au)
{
	return au->def != NULL && au->def->auth.kind != CDP_AUTH_NONE
	    ? &au->def->auth
	    : NULL;
}

/* ---- what the project says ---- */

static int
take_secret(struct cdp_auth *au, const struct cdp_tape *secrets,
    struct cdp_str name, struct cdp_str *ret, struct cdp_err *err)
{
	uint32_t v = cdp_tape_get(secrets, 0, name);

	if (name.n == 0)
		return 0;
	if (!cdp_tape_isa(secrets, v, CDP_STRING))
		return cdp_fail(err, CDP_ECONF,
		    "destination '%.*s' needs the secret %.*s for its auth: "
		    "put it into the environment, or the name of a file with "
		    "it as %.*s_FILE",
		    (int)au->def->name.n, au->def->name.p, (int)name.n, name.p,
		    (int)name.n, name.p);
	*ret = cdp_arena_dup(&au->mem, cdp_tape_str(secrets, v, &au->mem));
	return 0;
}

/* A program of the project, which sees nothing but settings. */
static int
take_value(struct cdp_auth *au, struct cdp_project *pr, struct cdp_render *r,
    int program, struct cdp_str *ret, struct cdp_err *err)
{
	int id, rc;

	if (program < 0)
		return 0;
	id = cdp_jq_add_with(r->jq, cdp_jq_text(pr->jq, program),
	    cdp_jq_place(pr->jq, program), cdp_jq_settings(pr->jq, program));
	cdp_jq_want(r->jq, id);
	rc = cdp_render_value(r, id, CDP_STR("null"), &au->mem, ret, err);
	return rc == CDP_EDATA ? CDP_ECONF : rc;
}

static struct cdp_str
member(struct cdp_auth *au, const struct cdp_tape *t, const char *name)
{
	return cdp_arena_dup(&au->mem,
	    cdp_tape_str(t, cdp_tape_get(t, 0, cdp_str_of(name)), &au->mem));
}

static int
bad(const struct cdp_auth *au, const char *what, struct cdp_err *err)
{
	return cdp_fail(err, CDP_ECONF, "destination '%.*s': secret %.*s %s",
	    (int)au->def->name.n, au->def->name.p, (int)au->def->auth.secret.n,
	    au->def->auth.secret.p, what);
}

/* The file that Google gives to a service account. */
static int
read_account(struct cdp_auth *au, struct cdp_err *err)
{
	struct cdp_tape t = { 0 };
	int rc = 0;

	if (cdp_tape_parse(&t, au->secret, NULL) == 0) {
		au->issuer = member(au, &t, "client_email");
		au->key_id = member(au, &t, "private_key_id");
		au->url = member(au, &t, "token_uri");
		au->secret = member(au, &t, "private_key");
	}
	cdp_tape_free(&t);
	if (au->issuer.n == 0 || au->url.n == 0 ||
	    !cdp_request_header_fits(au->url))
		rc = bad(au, "is no key of a service account, as JSON", err);
	return rc;
}

/* A key that cannot sign is found at once, not when the first one waits. */
static int
try_key(struct cdp_auth *au, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	struct cdp_err why = { 0 };
	int rc = cdp_jwt_make(
	    au->def->auth.kind == CDP_AUTH_APNS ? CDP_JWT_ES256 : CDP_JWT_RS256,
	    au->secret, au->key_id, CDP_STR("{}"), &b, &why);

	if (b.n != 0)
		explicit_bzero(b.p, b.n);
	cdp_buf_free(&b);
	return rc == 0 ? 0 : bad(au, why.msg, err);
}

int
cdp_auth_init(struct cdp_auth *au, struct cdp_project *pr,
    const struct cdp_destination *def, const struct cdp_tape *secrets,
    struct cdp_jq *jq, struct cdp_err *err)
{
	const struct cdp_auth_rule *rule = &def->auth;
	struct cdp_render r = { .jq = jq };
	int rc;

	*au = (struct cdp_auth){ .def = def };
	if (rule->kind == CDP_AUTH_NONE)
		return 0;
	(void)((rc = take_secret(au, secrets, rule->id, &au->id, err)) != 0 ||
	    (rc = take_secret(au, secrets, rule->secret, &au->secret, err)) !=
		0 ||
	    (rc = take_secret(au, secrets, rule->refresh, &au->refresh, err)) !=
		0 ||
	    (rc = take_value(au, pr, &r, rule->url, &au->url, err)) != 0 ||
	    (rc = take_value(au, pr, &r, rule->scope, &au->scope, err)) != 0 ||
	    (rc = take_value(au, pr, &r, rule->key_id, &au->key_id, err)) !=
		0 ||
	    (rc = take_value(au, pr, &r, rule->team_id, &au->issuer, err)) !=
		0);
	if (rc == 0 && rule->kind == CDP_AUTH_GOOGLE)
		rc = read_account(au, err);
	if (rc == 0 && rule->kind != CDP_AUTH_OAUTH)
		rc = try_key(au, err);
	cdp_render_free(&r);
	return rc;
}

void
cdp_auth_free(struct cdp_auth *au)
{
	cdp_str_wipe(au->secret);
	cdp_str_wipe(au->refresh);
	if (au->token.cap != 0)
		explicit_bzero(au->token.p, au->token.cap);
	cdp_buf_free(&au->token);
	cdp_arena_free(&au->mem);
}

/* ---- tokens ---- */

bool
cdp_auth_ready(const struct cdp_auth *au, int64_t now_ms)
{
	return rule_of(au) == NULL || now_ms < au->until_ms;
}

struct cdp_str
cdp_auth_value(const struct cdp_auth *au)
{
	return rule_of(au) != NULL ? cdp_buf_str(&au->token)
				   : (struct cdp_str){ 0 };
}

static void
take_token(struct cdp_auth *au, const char *scheme, struct cdp_str token,
    int64_t now_ms, int64_t for_ms)
{
	cdp_buf_reset(&au->token);
	cdp_buf_puts(&au->token, scheme);
	cdp_buf_put(&au->token, token);
	au->made_ms = now_ms;
	au->until_ms = now_ms + for_ms;
	au->faults = 0;
}

static int
sign(struct cdp_auth *au, int64_t now_ms, struct cdp_buf *ret,
    struct cdp_err *err)
{
	bool apns = au->def->auth.kind == CDP_AUTH_APNS;
	struct cdp_buf b = { 0 };
	int rc;

	cdp_buf_putc(&b, '{');
	cdp_json_kstr(&b, "iss", au->issuer);
	cdp_json_ki64(&b, "iat", now_ms / 1000);
	if (!apns) {
		cdp_json_ki64(&b, "exp", (now_ms + HOUR_MS) / 1000);
		cdp_json_kstr(&b, "aud", au->url);
		cdp_json_kstr(&b, "scope", au->scope);
	}
	cdp_buf_putc(&b, '}');
	rc = cdp_jwt_make(apns ? CDP_JWT_ES256 : CDP_JWT_RS256, au->secret,
	    au->key_id, cdp_buf_str(&b), ret, err);
	cdp_buf_free(&b);
	return rc;
}

static void
put_field(struct cdp_buf *b, const char *name, struct cdp_str value)
{
	if (value.n == 0)
		return;
	cdp_buf_puts(b, b->n != 0 ? "&" : "");
	cdp_buf_puts(b, name);
	cdp_buf_putc(b, '=');
	cdp_request_encode(b, value);
}

static int
put_form(
    struct cdp_auth *au, int64_t now_ms, struct cdp_buf *b, struct cdp_err *err)
{
	struct cdp_buf jwt = { 0 };
	int rc = 0;

	if (au->def->auth.kind == CDP_AUTH_GOOGLE) {
		rc = sign(au, now_ms, &jwt, err);
		put_field(b, "grant_type",
		    CDP_STR("urn:ietf:params:oauth:grant-type:jwt-bearer"));
		put_field(b, "assertion", cdp_buf_str(&jwt));
		cdp_buf_free(&jwt);
		return rc;
	}
	put_field(b, "grant_type",
	    au->refresh.n != 0 ? CDP_STR("refresh_token")
			       : CDP_STR("client_credentials"));
	put_field(b, "refresh_token", au->refresh);
	put_field(b, "client_id", au->id);
	put_field(b, "client_secret", au->secret);
	put_field(b, "scope", au->scope);
	return rc;
}

static void
post_form(struct cdp_auth *au, struct cdp_http *http, size_t wire, void *tag,
    struct cdp_str form)
{
	const struct cdp_http_header header[] = {
		{ CDP_STR("Content-Type"),
		    CDP_STR("application/x-www-form-urlencoded") },
		{ CDP_STR("Accept"), CDP_STR("application/json") },
	};
	const struct cdp_http_req req = { .tag = tag,
		.wire = wire,
		.method = CDP_STR("POST"),
		.url = au->url,
		.body = form,
		.has_body = true,
		.header = header,
		.nheader = 2,
		.timeout_ms = au->def->timeout_ms,
		.allow_private = au->def->allow_private,
		.ca = au->def->ca,
		.twice = true };

	cdp_http_start(http, &req);
}

int
cdp_auth_ask(struct cdp_auth *au, struct cdp_http *http, size_t wire, void *tag,
    int64_t now_ms, bool *begun, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	int rc = 0;

	*begun = false;
	if (au->asking || now_ms < au->due_ms)
		return 0;
	if (au->def->auth.kind == CDP_AUTH_APNS) {
		if ((rc = sign(au, now_ms, &b, err)) == 0)
			take_token(
			    au, "bearer ", cdp_buf_str(&b), now_ms, APNS_MS);
	} else if ((rc = put_form(au, now_ms, &b, err)) == 0) {
		post_form(au, http, wire, tag, cdp_buf_str(&b));
		au->asking = *begun = true;
	}
	if (b.cap != 0)
		explicit_bzero(b.p, b.cap);
	cdp_buf_free(&b);
	return rc;
}

/* ---- answers ---- */

/* Only what RFC 6749, 5.2, has as a word: nothing of what was sent. */
static void
say(const struct cdp_http_answer *an, const struct cdp_tape *t,
    struct cdp_arena *mem, char said[128])
{
	struct cdp_str word =
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("error")), mem);

	if (an->status == 0)
		snprintf(
		    said, 128, "no token: %.*s", (int)an->why.n, an->why.p);
	else
		snprintf(said, 128, "no token: HTTP %ld%s%.*s", an->status,
		    word.n != 0 ? " " : "",
		    word.n <= 40 && cdp_request_header_fits(word) ? (int)word.n
								  : 0,
		    word.p != NULL ? word.p : "");
}

bool
cdp_auth_answer(struct cdp_auth *au, const struct cdp_http_answer *an,
    int64_t now_ms, char said[128])
{
	struct cdp_arena mem = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_str token = { 0 };
	int64_t seconds = HOUR_MS / 1000;
	bool ok;

	au->asking = false;
	if (an->status != 0 && cdp_tape_parse(&t, an->body, NULL) == 0) {
		token = cdp_tape_str(
		    &t, cdp_tape_get(&t, 0, CDP_STR("access_token")), &mem);
		cdp_tape_i64(
		    &t, cdp_tape_get(&t, 0, CDP_STR("expires_in")), &seconds);
	}
	ok = an->status >= 200 && an->status < 300 && token.n != 0 &&
	    cdp_request_header_fits(token) && seconds > 0;
	if (ok) {
		int64_t for_ms = seconds < INT32_MAX ? seconds * 1000 : HOUR_MS;

		take_token(au, "Bearer ", token, now_ms,
		    for_ms > 2 * SPARE_MS ? for_ms - SPARE_MS : for_ms / 2);
	} else {
		say(an, &t, &mem, said);
		au->due_ms = now_ms + ((int64_t)PAUSE_MS << au->faults);
		au->faults += au->faults < PAUSE_MAX;
	}
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
	return ok;
}

bool
cdp_auth_refused(
    struct cdp_auth *au, const struct cdp_http_answer *an, int64_t left_ms)
{
	const struct cdp_auth_rule *rule = rule_of(au);
	bool apns = rule != NULL && rule->kind == CDP_AUTH_APNS;
	int64_t next_ms;

	if (rule == NULL ||
	    (an->status != 401 &&
		(!apns || an->status != 403 ||
		    memmem(an->body.p, an->body.n, "ExpiredProviderToken",
			20) == NULL)))
		return false;
	if (left_ms < au->made_ms)
		return true;
	next_ms = au->made_ms + (apns ? APNS_PAUSE_MS : PAUSE_MS);
	au->until_ms = 0;
	if (au->due_ms < next_ms)
		au->due_ms = next_ms;
	return true;
}
