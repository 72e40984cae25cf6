#include "lib/journey/editions.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

#define SAY(s) (int)(s).n, (s).p

void
cdp_editions_free(struct cdp_editions *es)
{
	size_t i;

	for (i = 0; i < es->n; i++)
		cdp_tally_free(&es->v[i].tally);
	free(es->v);
}

static struct cdp_edition *
add(struct cdp_editions *es, struct cdp_str version)
{
	struct cdp_edition *e;

	es->v = cdp_xreallocarray(es->v, es->n + 1, sizeof(*es->v));
	e = &es->v[es->n++];
	*e = (struct cdp_edition){ .jr = NULL };
	snprintf(e->version, sizeof(e->version), "%.*s", SAY(version));
	if (cdp_str_is(version, es->jr->version))
		e->jr = es->jr;
	return e;
}

size_t
cdp_editions_now(struct cdp_editions *es)
{
	size_t i = es->n;

	/* The newest is nearly always the one. */
	while (i-- > 0)
		if (es->v[i].jr == es->jr)
			return i;
	add(es, cdp_str_of(es->jr->version));
	return es->n - 1;
}

const struct cdp_journey *
cdp_editions_journey(const struct cdp_editions *es, size_t edition)
{
	if (edition < es->n && es->v[edition].jr != NULL)
		return es->v[edition].jr;
	return es->jr;
}

size_t
cdp_editions_find(const struct cdp_editions *es, struct cdp_str version)
{
	size_t i = 0;

	while (
	    i < es->n && !cdp_str_starts(cdp_str_of(es->v[i].version), version))
		i++;
	return i;
}

size_t
cdp_edition_read(const struct cdp_tape *t, uint32_t at)
{
	int64_t n;

	if (cdp_tape_i64(t, cdp_tape_get(t, at, CDP_STR("edition")), &n) &&
	    n > 0)
		return (size_t)n;
	return 0;
}

/* ---- JSON ---- */

void
cdp_editions_sum(const struct cdp_editions *es, struct cdp_tally *ret)
{
	size_t i;

	*ret = (struct cdp_tally){ 0 };
	for (i = 0; i < es->n; i++)
		cdp_tally_add(ret, &es->v[i].tally);
}

static void
put(struct cdp_buf *b, const struct cdp_edition *e)
{
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "version", cdp_str_of(e->version));
	cdp_tally_write(b, &e->tally);
	cdp_buf_putc(b, '}');
}

void
cdp_editions_write(struct cdp_buf *b, const struct cdp_editions *es)
{
	struct cdp_tally sum;
	size_t i;

	cdp_editions_sum(es, &sum);
	cdp_buf_putc(b, '{');
	if (es->n == 1)
		cdp_json_kstr(b, "version", cdp_str_of(es->v[0].version));
	cdp_tally_write(b, &sum);
	if (es->n > 1) {
		cdp_json_key(b, "versions");
		cdp_buf_putc(b, '[');
		for (i = 0; i < es->n; i++) {
			cdp_json_comma(b);
			put(b, &es->v[i]);
		}
		cdp_buf_putc(b, ']');
	}
	cdp_buf_putc(b, '}');
	cdp_tally_free(&sum);
}

static void
get(struct cdp_editions *es, const struct cdp_tape *t, uint32_t at,
    struct cdp_arena *mem)
{
	uint32_t v = cdp_tape_get(t, at, CDP_STR("version"));
	struct cdp_edition *e;

	/* Of before there were versions: what is running is taken for ours. */
	e = add(es,
	    v != CDP_NOTOK ? cdp_tape_str(t, v, mem)
			   : cdp_str_of(es->jr->version));
	e->written = v != CDP_NOTOK;
	cdp_tally_read(&e->tally, t, at);
}

/* ---- the log ---- */

/* "j:KEY": what is counted.  "v:KEY:VERSION": what it says. */
static struct cdp_str
key_of(
    const struct cdp_editions *es, const char *version, struct cdp_arena *mem)
{
	struct cdp_str key = es->jr->key;

	if (version == NULL)
		return cdp_arena_printf(mem, "j:%.*s", SAY(key));
	return cdp_arena_printf(mem, "v:%.*s:%s", SAY(key), version);
}

static int
load(struct cdp_editions *es, struct cdp_project *pr, struct cdp_log *log,
    struct cdp_edition *e, struct cdp_arena *mem, struct cdp_err *err)
{
	struct cdp_diags diags = { 0 };
	struct cdp_buf b = { 0 };
	int rc = cdp_log_get(log, key_of(es, e->version, mem), &b, err);

	if (rc == 0) {
		e->jr = cdp_project_journey(
		    pr, es->jr->key, cdp_buf_str(&b), &diags);
		if (e->jr == NULL)
			rc = cdp_fail(err, CDP_ECONF,
			    "journey '%.*s': version %s, under which %lld run, "
			    "cannot be read any more: %s",
			    SAY(es->jr->key), e->version,
			    (long long)cdp_tally_running(&e->tally),
			    diags.v[0].msg);
	}
	cdp_diags_free(&diags);
	cdp_buf_free(&b);
	return rc;
}

int
cdp_editions_load(struct cdp_editions *es, struct cdp_project *pr,
    struct cdp_log *log, size_t edition, struct cdp_err *err)
{
	struct cdp_edition *e = &es->v[edition];
	struct cdp_arena mem = { 0 };
	int rc = 0;

	if (e->jr == NULL)
		rc = load(es, pr, log, e, &mem, err);
	cdp_arena_free(&mem);
	return rc;
}

static int
read_counts(struct cdp_editions *es, struct cdp_log *log, struct cdp_arena *mem,
    struct cdp_err *err)
{
	struct cdp_str name = key_of(es, NULL, mem);
	struct cdp_buf b = { 0 };
	struct cdp_tape t = { 0 };
	uint32_t list, it = 0, key, val;
	int rc = cdp_log_get(log, name, &b, err);

	if (rc == 0 && cdp_tape_parse(&t, cdp_buf_str(&b), err) != 0)
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "cannot read what journeys keep under '%.*s'", SAY(name));
	if (rc == 0) {
		list = cdp_tape_get(&t, 0, CDP_STR("versions"));
		if (list == CDP_NOTOK)
			get(es, &t, 0, mem);
		while (cdp_tape_next(&t, list, &it, &key, &val))
			get(es, &t, val, mem);
	}
	cdp_tape_free(&t);
	cdp_buf_free(&b);
	return rc == CDP_END ? 0 : rc;
}

int
cdp_editions_open(struct cdp_editions *es, struct cdp_project *pr,
    struct cdp_log *log, int64_t now_ms, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	const struct cdp_tally *t;
	size_t i;
	int rc = read_counts(es, log, &mem, err);

	for (i = 0; rc == 0 && i < es->n; i++) {
		t = &es->v[i].tally;
		if (es->v[i].jr == NULL &&
		    (cdp_tally_running(t) > 0 || t->until_ms > now_ms))
			rc = load(es, pr, log, &es->v[i], &mem, err);
		if (rc == CDP_END) /* those who run under it have our own */
			rc = 0;
	}
	cdp_arena_free(&mem);
	return rc;
}

void
cdp_editions_save(struct cdp_editions *es, struct cdp_log *log)
{
	struct cdp_arena mem = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_edition *e;
	bool dirty = false;

	for (e = es->v; e < es->v + es->n; e++) {
		if (!e->tally.dirty)
			continue;
		if (!e->written && e->jr != NULL)
			cdp_log_put(log, key_of(es, e->version, &mem),
			    e->jr->text, INT64_MAX);
		e->written = dirty = true;
		e->tally.dirty = false;
	}
	if (dirty) {
		cdp_editions_write(&b, es);
		cdp_log_put(
		    log, key_of(es, NULL, &mem), cdp_buf_str(&b), INT64_MAX);
	}
	cdp_buf_free(&b);
	cdp_arena_free(&mem);
}
