#include "lib/emit/request.h"

#include "lib/json/write.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

void
cdp_request_want(struct cdp_jq *jq, const struct cdp_destination *d)
{
	const int id[] = { d->method_jq, d->url, d->form, d->body, d->results,
		d->reply_to, d->unsubscribe };

	for (size_t i = 0; i < 7; i++)
		if (id[i] >= 0)
			cdp_jq_want(jq, id[i]);
	for (size_t i = 0; i < d->nheader; i++)
		if (!d->header[i].secret)
			cdp_jq_want(jq, d->header[i].jq);
}

bool
cdp_request_header_fits(struct cdp_str value)
{
	for (size_t i = 0; i < value.n; i++)
		if ((value.p[i] < ' ' && value.p[i] != '\t') ||
		    (unsigned char)value.p[i] > '~')
			return false;
	return true;
}

static int
refuse(
    const struct cdp_render *r, int jq, const char *what, struct cdp_err *err)
{
	struct cdp_str place = cdp_jq_place(r->jq, jq);

	return cdp_fail_rule(err, CDP_EDATA, CDP_REQUEST_BAD, NULL,
	    "%.*s: %s has a character that must not be sent there",
	    (int)place.n, place.p, what);
}

static int
put_method(struct cdp_render *r, const struct cdp_destination *d,
    struct cdp_str input, struct cdp_arena *mem, struct cdp_buf *b,
    struct cdp_err *err)
{
	struct cdp_str method = d->method, place;
	size_t i = 0;
	int rc;

	if (d->method_jq >= 0) {
		rc =
		    cdp_render_value(r, d->method_jq, input, mem, &method, err);
		if (rc != 0)
			return rc;
		while (cdp_methods[i] != NULL &&
		    !cdp_str_is(method, cdp_methods[i]))
			i++;
		place = cdp_jq_place(r->jq, d->method_jq);
		if (cdp_methods[i] == NULL)
			return cdp_fail(err, CDP_EDATA,
			    "%.*s: the method must be POST, PUT, PATCH, DELETE "
			    "or GET, not '%.*s'",
			    (int)place.n, place.p, (int)method.n, method.p);
	}
	cdp_json_kstr(b, "method", method);
	return 0;
}

static int
put_url(struct cdp_render *r, const struct cdp_destination *d,
    struct cdp_str input, struct cdp_arena *mem, struct cdp_buf *b,
    struct cdp_err *err)
{
	struct cdp_str url;
	int rc = cdp_render_value(r, d->url, input, mem, &url, err);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || (unsigned char)url.p[i] > '~')
			return refuse(r, d->url, "the url", err);
	if ((rc = put_method(r, d, input, mem, b, err)) == 0)
		cdp_json_kstr(b, "url", url);
	return rc;
}

/* A header whose program gives nothing or null is left out. */
static int
put_headers(struct cdp_render *r, const struct cdp_destination *d,
    struct cdp_str input, struct cdp_arena *mem, struct cdp_buf *b,
    struct cdp_err *err)
{
	struct cdp_str v;
	int rc;

	cdp_json_key(b, "headers");
	cdp_buf_putc(b, '{');
	for (size_t i = 0; i < d->nheader; i++) {
		if (d->header[i].secret)
			continue;
		rc = cdp_render_value(r, d->header[i].jq, input, mem, &v, err);
		if (rc == CDP_EDATA && strcmp(err->rule, CDP_RENDER_NONE) == 0)
			continue;
		if (rc != 0)
			return rc;
		if (!cdp_request_header_fits(v))
			return refuse(r, d->header[i].jq, "the header", err);
		cdp_json_comma(b);
		cdp_json_str(b, d->header[i].name);
		cdp_buf_putc(b, ':');
		cdp_json_str(b, v);
	}
	cdp_buf_putc(b, '}');
	return 0;
}

/* ---- bodies ---- */

void
cdp_request_encode(struct cdp_buf *b, struct cdp_str s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-_.*";

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\0' && strchr(plain, s.p[i]) != NULL)
			cdp_buf_putc(b, s.p[i]);
		else if (s.p[i] == ' ')
			cdp_buf_putc(b, '+');
		else
			cdp_buf_printf(b, "%%%02X", (unsigned char)s.p[i]);
}

static void
put_field(struct cdp_buf *b, const struct cdp_tape *t, uint32_t key,
    uint32_t val, struct cdp_arena *mem)
{
	if (cdp_tape_kind(t, val) == CDP_NULL)
		return;
	if (b->n != 0)
		cdp_buf_putc(b, '&');
	cdp_request_encode(b, cdp_tape_str(t, key, mem));
	cdp_buf_putc(b, '=');
	if (cdp_tape_isa(t, val, CDP_STRING))
		cdp_request_encode(b, cdp_tape_str(t, val, mem));
	else
		cdp_request_encode(b, cdp_tape_raw(t, val));
}

/* An object of scalars; a list is the same name several times. */
static int
put_form(struct cdp_render *r, struct cdp_str json, struct cdp_arena *mem,
    struct cdp_buf *b, struct cdp_err *err)
{
	const struct cdp_tape *t = &r->tape;
	uint32_t it = 0, key, val, jt, none, one;
	int rc = cdp_tape_parse(&r->tape, json, err);

	if (rc != 0)
		return rc;
	if (!cdp_tape_isa(t, 0, CDP_OBJECT))
		return cdp_fail(err, CDP_EDATA, "a form must be an object");
	cdp_buf_reset(&r->out);
	while (cdp_tape_next(t, 0, &it, &key, &val)) {
		if (!cdp_tape_isa(t, val, CDP_ARRAY)) {
			put_field(&r->out, t, key, val, mem);
			continue;
		}
		for (jt = 0; cdp_tape_next(t, val, &jt, &none, &one);)
			put_field(&r->out, t, key, one, mem);
	}
	cdp_json_kstr(b, "type", CDP_STR(FORM_TYPE));
	cdp_json_kstr(b, "text", cdp_buf_str(&r->out));
	return 0;
}

int
cdp_request_body(struct cdp_render *r, const struct cdp_destination *d,
    struct cdp_str input, struct cdp_str standard, struct cdp_arena *mem,
    struct cdp_buf *b, struct cdp_err *err)
{
	int jq = d->form >= 0 ? d->form : d->body;
	struct cdp_str json = standard;
	int rc = 0;

	if (jq < 0 && cdp_str_is(d->method, "GET"))
		return 0;
	if (jq >= 0)
		rc = cdp_jq_run(r->jq, jq, input, mem, &json, err);
	if (rc == CDP_END)
		return cdp_fail(err, CDP_EDATA, "body gives nothing");
	if (rc != 0)
		return rc;
	if (d->form >= 0)
		return put_form(r, json, mem, b, err);
	if (json.p[0] == '"') {
		cdp_json_kstr(b, "type", CDP_STR("text/plain"));
		cdp_json_kraw(b, "text", json);
	} else {
		cdp_json_kstr(b, "type", CDP_STR("application/json"));
		cdp_json_kraw(b, "body", json);
	}
	return 0;
}

int
cdp_request_make(struct cdp_render *r, const struct cdp_destination *d,
    struct cdp_str input, struct cdp_str standard, struct cdp_arena *mem,
    struct cdp_str *ret, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	int rc;

	cdp_buf_putc(&b, '{');
	if (d->via == CDP_VIA_EXEC)
		rc = cdp_request_body(r, d, input, standard, mem, &b, err);
	else if ((rc = put_url(r, d, input, mem, &b, err)) == 0 &&
	    (rc = put_headers(r, d, input, mem, &b, err)) == 0 &&
	    d->batch_max == 0)
		rc = cdp_request_body(r, d, input, standard, mem, &b, err);
	cdp_buf_putc(&b, '}');
	if (rc == 0)
		*ret = cdp_arena_dup(mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return rc;
}

/* ---- mail ---- */

/* What a program gives, if there is one, and it gives anything. */
static int
optional(struct cdp_render *r, int jq, struct cdp_str input,
    struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err)
{
	int rc = jq < 0 ? 0 : cdp_render_value(r, jq, input, mem, ret, err);

	return rc == CDP_EDATA && strcmp(err->rule, CDP_RENDER_NONE) == 0 ? 0
									  : rc;
}

static void
read_message(struct cdp_render *r, struct cdp_str json, struct cdp_mail *m,
    struct cdp_arena *mem)
{
	const struct cdp_tape *t = &r->tape;

	if (json.n == 0 || cdp_tape_parse(&r->tape, json, NULL) != 0)
		return;
	m->subject =
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("subject")), mem);
	m->text = cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("text")), mem);
	m->html = cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("html")), mem);
}

int
cdp_request_mail(struct cdp_render *r, const struct cdp_destination *d,
    struct cdp_str input, struct cdp_str message, struct cdp_mail *m,
    struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	struct cdp_str box = { 0 }, all;
	int rc;

	cdp_buf_putc(&b, '{');
	if ((rc = optional(r, d->reply_to, input, mem, &m->reply_to, err)) !=
		0 ||
	    (rc = optional(
		 r, d->unsubscribe, input, mem, &m->unsubscribe, err)) != 0 ||
	    (rc = put_url(r, d, input, mem, &b, err)) != 0)
		goto out;
	read_message(r, message, m, mem);
	if ((rc = cdp_mail_write(m, mem, &all, err)) != 0)
		goto out;
	cdp_mail_box(m->from, &box, NULL);
	cdp_json_kstr(&b, "from", box);
	cdp_mail_box(m->to, &box, NULL);
	cdp_json_kstr(&b, "to", box);
	cdp_json_kstr(&b, "text", all);
	cdp_buf_putc(&b, '}');
	*ret = cdp_arena_dup(mem, cdp_buf_str(&b));
out:
	cdp_buf_free(&b);
	return rc;
}
