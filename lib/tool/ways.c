#include "lib/tool/ways.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/journey/chart.h"
#include "lib/journey/journey.h"
#include "lib/tool/say.h"
#include "lib/tool/whom.h"

/* A log of the store, or NULL if there is none.  0 or fatal. */
static int
open_log(struct cdp_store *st, const char *stage, struct cdp_log **ret,
    struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = stage, .readonly = true };
	int rc = cdp_log_open(st, &opt, ret, err);

	return rc == CDP_END ? 0 : rc;
}

/* Whom cdp-merge knows by that name; a profile's id by itself, if it is none.
 */
static int
explain(const struct cdp_ways *q, struct cdp_store *st, struct cdp_journeys *js,
    struct cdp_buf *b, bool *no, struct cdp_err *err)
{
	struct cdp_str id = cdp_str_of(q->explain);
	struct cdp_arena mem = { 0 };
	struct cdp_buf profile = { 0 };
	struct cdp_log *log = NULL;
	int rc = open_log(st, "merge", &log, err);

	if (rc == 0 && log != NULL) {
		rc = cdp_whom_find(q->pr, log, &id, &mem, &profile, err);
	} else if (rc == 0 && !cdp_str_starts(id, CDP_STR("p_"))) {
		rc = CDP_END;
	}
	if (rc == 0)
		rc =
		    cdp_journeys_explain(js, id, cdp_buf_str(&profile), b, err);
	if (rc == CDP_END) {
		*no = true;
		cdp_whom_unknown(q->tool, q->pr, cdp_str_of(q->explain));
		rc = 0;
	}
	cdp_log_close(log);
	cdp_buf_free(&profile);
	cdp_arena_free(&mem);
	return rc;
}

/* "JOURNEY" or "JOURNEY@VERSION". */
static struct cdp_str
name_of(const char *operand, struct cdp_str *version)
{
	struct cdp_str s = cdp_str_of(operand);
	const char *at = memchr(s.p, '@', s.n);

	*version = CDP_STR("");
	if (at != NULL) {
		*version = cdp_str_of(at + 1);
		s.n = (size_t)(at - s.p);
	}
	return s;
}

static int
unknown(const struct cdp_project *pr, struct cdp_str name, struct cdp_err *err)
{
	struct cdp_str *v = cdp_xcalloc(pr->njourney + 1, sizeof(*v));
	int near;

	for (size_t i = 0; i < pr->njourney; i++)
		v[i] = pr->journey[i].key;
	near = cdp_str_nearest(name, v, pr->njourney);
	if (near >= 0)
		cdp_fail(err, CDP_ECONF,
		    "the project has no journey '%.*s'; did you mean '%.*s'?",
		    (int)name.n, name.p, (int)v[near].n, v[near].p);
	else
		cdp_fail(err, CDP_ECONF, "the project has no journey '%.*s'",
		    (int)name.n, name.p);
	free(v);
	return CDP_ECONF;
}

static int
known(const struct cdp_ways *q, struct cdp_err *err)
{
	struct cdp_str name, version;
	size_t i, k;

	for (i = 0; i < q->nkey; i++) {
		name = name_of(q->key[i], &version);
		for (k = 0; k < q->pr->njourney; k++)
			if (cdp_str_eq(q->pr->journey[k].key, name))
				break;
		if (k == q->pr->njourney)
			return unknown(q->pr, name, err);
	}
	if (q->graph > CDP_CHART_DOT &&
	    (q->nkey != 0 ? q->nkey : q->pr->njourney) != 1)
		return cdp_fail(err, CDP_ECONF,
		    "a picture has one journey: name it behind --graph");
	return 0;
}

static int
show(const struct cdp_ways *q, struct cdp_journeys *js, size_t jx,
    struct cdp_str version, struct cdp_buf *b, struct cdp_err *err)
{
	if (q->graph != 0)
		return cdp_journeys_chart(js, jx, version, q->graph, b, err);
	return q->funnel ? cdp_journeys_funnel(js, jx, version, b, err) : 0;
}

/* In the order of the project, of one journey in that of the operands. */
static int
show_all(const struct cdp_ways *q, struct cdp_journeys *js, struct cdp_buf *b,
    struct cdp_err *err)
{
	struct cdp_str name, version;
	size_t i, k;
	int rc = 0;

	for (i = 0; rc == 0 && i < q->pr->njourney; i++) {
		if (q->nkey == 0)
			rc = show(q, js, i, CDP_STR(""), b, err);
		for (k = 0; rc == 0 && k < q->nkey; k++) {
			name = name_of(q->key[k], &version);
			if (cdp_str_eq(name, q->pr->journey[i].key))
				rc = show(q, js, i, version, b, err);
		}
	}
	return rc;
}

static int
answer(const struct cdp_ways *q, struct cdp_store *st, struct cdp_log *log,
    struct cdp_buf *b, bool *no, struct cdp_err *err)
{
	struct cdp_journeys *js = cdp_journeys_new(q->pr);
	int rc = cdp_journeys_ops.open(js, log, err);

	if (rc == 0 && q->explain != NULL)
		rc = explain(q, st, js, b, no, err);
	if (rc == 0)
		rc = show_all(q, js, b, err);
	cdp_journeys_free(js);
	return rc;
}

int
cdp_ways_ask(const struct cdp_ways *q, bool *no, struct cdp_err *err)
{
	struct cdp_store *st = NULL;
	struct cdp_log *log = NULL;
	struct cdp_buf b = { 0 };
	int rc;

	if ((rc = known(q, err)) != 0)
		return rc;
	rc = cdp_store_open(&cdp_io_real, q->store, CDP_STORE_READ, &st, err);
	if (rc == 0)
		rc = open_log(st, "journey", &log, err);
	/* A drawing needs no store, if nobody named one. */
	if (rc == CDP_END)
		rc = 0;
	if (rc == 0 && log == NULL && (q->graph == 0 || q->named))
		rc = cdp_fail(err, CDP_ECONF,
		    "cdp-journey has kept nothing in a store at '%s'",
		    q->store);
	if (rc == 0)
		rc = answer(q, st, log, &b, no, err);
	if (rc == 0 && b.n != 0)
		fwrite(b.p, 1, b.n, stdout);
	if (rc == 0 && fflush(stdout) != 0)
		rc = cdp_fail(err, CDP_EIO, "cannot write standard output");
	cdp_buf_free(&b);
	cdp_log_close(log);
	cdp_store_close(st);
	return rc;
}
