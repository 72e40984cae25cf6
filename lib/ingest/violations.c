#include "lib/ingest/violations.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"

struct cdp_violations {
	FILE *fp;
	char *path;
	const struct cdp_plan *plan;
	struct cdp_str source;
	struct cdp_buf line, text;
};

int
cdp_violations_open(const char *path, const struct cdp_plan *plan,
    struct cdp_str source, struct cdp_violations **ret, struct cdp_err *err)
{
	struct cdp_violations *vs;
	FILE *fp = fopen(path, "we");

	if (fp == NULL)
		return cdp_fail(err, CDP_EIO, "cannot open '%s'", path);
	vs = cdp_xcalloc(1, sizeof(*vs));
	vs->fp = fp;
	vs->path = cdp_xstrdup(path);
	vs->plan = plan;
	vs->source = source;
	*ret = vs;
	return 0;
}

/* One id for one violation of one event, in any run. */
static void
put_id(struct cdp_violations *vs, const struct cdp_line *ln,
    const struct cdp_violation *v)
{
	const struct cdp_str part[] = { vs->source, ln->message_id,
		cdp_str_of(v->type), v->field, v->text };
	struct cdp_buf *b = &vs->text;
	char hex[65], id[40];

	cdp_buf_reset(b);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		cdp_buf_put(b, part[i]);
		cdp_buf_putc(b, '\0');
	}
	cdp_hash_sha256_plain(cdp_buf_str(b), hex);
	snprintf(id, sizeof(id), "sch-%.24s", hex);
	cdp_json_kstr(&vs->line, "messageId", cdp_str_of(id));
}

/* The string at a path of the event, or an empty one. */
static void
put_of(struct cdp_buf *b, const char *key, const struct cdp_line *ln,
    const char *const *path)
{
	uint32_t at = 0;

	for (; *path != NULL && at != CDP_NOTOK; path++)
		at = cdp_tape_isa(ln->tape, at, CDP_OBJECT)
		    ? cdp_tape_get(ln->tape, at, cdp_str_of(*path))
		    : CDP_NOTOK;
	cdp_json_kstr(b, key, cdp_tape_str(ln->tape, at, ln->mem));
}

static void
put_properties(struct cdp_violations *vs, const struct cdp_line *ln,
    const struct cdp_violation *v)
{
	static const char *const version[] = { "context", "app", "version",
		NULL };
	static const char *const event[] = { "event", NULL };
	static const char *const name[] = { "name", NULL };
	static const char *const sent[] = { "sentAt", NULL };
	static const char *const time[] = { "timestamp", NULL };
	struct cdp_buf *b = &vs->line;

	cdp_json_key(b, "properties");
	cdp_buf_putc(b, '{');
	put_of(b, "appVersion", ln, version);
	cdp_json_kstr(b, "eventMessageID", ln->message_id);
	put_of(b, "eventName", ln, ln->type == CDP_TRACK ? event : name);
	put_of(b, "eventSentAt", ln, sent);
	put_of(b, "eventTimestamp", ln, time);
	cdp_json_kstr(b, "eventType", cdp_str_of(cdp_type_names[ln->type]));
	cdp_json_kstr(b, "sourceID", vs->source);
	cdp_json_kstr(b, "sourceName", vs->source);
	cdp_json_kstr(b, "sourceSlug", vs->source);
	cdp_json_kstr(b, "trackingPlanID", vs->plan->id);
	cdp_json_kstr(b, "trackingPlanName", vs->plan->name);
	cdp_json_kstr(b, "violationDescription", v->text);
	cdp_json_kstr(b, "violationField", v->field);
	cdp_json_kstr(b, "violationType", cdp_str_of(v->type));
	cdp_buf_putc(b, '}');
}

void
cdp_violations_add(void *self, const struct cdp_line *ln,
    const struct cdp_violation *v, const char *code, bool blocked)
{
	struct cdp_violations *vs = self;
	struct cdp_buf *b = &vs->line;

	(void)code, (void)blocked;
	cdp_buf_reset(b);
	cdp_buf_puts(b,
	    "{\"type\":\"track\",\"event\":\"Violation Generated\","
	    "\"userId\":\"schema-violations\"");
	put_id(vs, ln, v);
	if (ln->ts_ms != CDP_TIME_NONE)
		cdp_json_ktime(b, "timestamp", ln->ts_ms);
	put_properties(vs, ln, v);
	cdp_buf_puts(b, "}\n");
	fwrite(b->p, 1, b->n, vs->fp);
}

int
cdp_violations_close(struct cdp_violations *vs, struct cdp_err *err)
{
	int bad, rc = 0;

	if (vs == NULL)
		return 0;
	bad = ferror(vs->fp);
	if (fclose(vs->fp) != 0 || bad)
		rc = cdp_fail(err, CDP_EIO, "cannot write '%s'", vs->path);
	cdp_buf_free(&vs->line);
	cdp_buf_free(&vs->text);
	free(vs->path);
	free(vs);
	return rc;
}
