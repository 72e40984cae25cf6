#include "lib/emit/render.h"

void
cdp_render_free(struct cdp_render *r)
{
	cdp_tape_free(&r->tape);
	cdp_buf_free(&r->out);
}

void
cdp_render_want(struct cdp_jq *jq, const struct cdp_text *text)
{
	for (size_t i = 0; i < text->n; i++)
		if (text->part[i].jq >= 0)
			cdp_jq_want(jq, text->part[i].jq);
}

static int
fault(const struct cdp_render *r, int jq, const char *rule, const char *what,
    struct cdp_err *err)
{
	struct cdp_str place = cdp_jq_place(r->jq, jq);

	return cdp_fail_rule(err, CDP_EDATA, rule, NULL, "%.*s: %s",
	    (int)place.n, place.p, what);
}

int
cdp_render_value(struct cdp_render *r, int jq, struct cdp_str input,
    struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err)
{
	struct cdp_str json;
	struct cdp_err why = { 0 };
	int rc = cdp_jq_run(r->jq, jq, input, mem, &json, &why);

	if (rc == CDP_END)
		return fault(r, jq, CDP_RENDER_NONE, "gives nothing", err);
	if (rc == CDP_EDATA)
		return fault(r, jq, NULL, why.msg, err);
	if (rc != 0) {
		*err = why;
		return rc;
	}
	if ((rc = cdp_tape_parse(&r->tape, json, err)) != 0)
		return rc;
	switch (cdp_tape_kind(&r->tape, 0)) {
	case CDP_STRING:
		*ret = cdp_tape_str(&r->tape, 0, mem);
		return 0;
	case CDP_NUM:
	case CDP_TRUE:
	case CDP_FALSE:
		*ret = json;
		return 0;
	case CDP_NULL:
		return fault(r, jq, CDP_RENDER_NONE, "gives null", err);
	case CDP_ARRAY:
		return fault(r, jq, NULL, "gives an array, not a text", err);
	case CDP_OBJECT:
		return fault(r, jq, NULL, "gives an object, not a text", err);
	}
	return 0;
}

void
cdp_render_escape(struct cdp_buf *b, struct cdp_str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char *as = NULL;

		switch (s.p[i]) {
		case '&':
			as = "&amp;";
			break;
		case '<':
			as = "&lt;";
			break;
		case '>':
			as = "&gt;";
			break;
		case '"':
			as = "&quot;";
			break;
		case '\'':
			as = "&#39;";
			break;
		}
		if (as == NULL)
			continue;
		cdp_buf_put(b, (struct cdp_str){ s.p + from, i - from });
		cdp_buf_puts(b, as);
		from = i + 1;
	}
	cdp_buf_put(b, (struct cdp_str){ s.p + from, s.n - from });
}

int
cdp_render_text(struct cdp_render *r, const struct cdp_text *text,
    struct cdp_str input, struct cdp_arena *mem, struct cdp_str *ret,
    struct cdp_err *err)
{
	struct cdp_str s;
	int rc;

	cdp_buf_reset(&r->out);
	for (size_t i = 0; i < text->n; i++) {
		const struct cdp_part *part = &text->part[i];

		if (part->jq < 0) {
			cdp_buf_put(&r->out, part->text);
			continue;
		}
		rc = cdp_render_value(r, part->jq, input, mem, &s, err);
		if (rc != 0)
			return rc;
		if (text->html && !text->raw[i])
			cdp_render_escape(&r->out, s);
		else
			cdp_buf_put(&r->out, s);
	}
	*ret = cdp_arena_dup(mem, cdp_buf_str(&r->out));
	return 0;
}
