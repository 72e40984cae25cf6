#include "lib/tool/ways.h"

#include <stdio.h>

#include "lib/base/io.h"
#include "lib/journey/chart.h"
#include "lib/journey/journey.h"
#include "lib/profile/net.h"
#include "lib/tool/say.h"

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
	struct cdp_log *log = NULL;
	struct cdp_net net;
	size_t at;
	int rc = open_log(st, "merge", &log, err);

	if (rc == 0 && log != NULL) {
		rc = cdp_net_find(log, q->pr, id, &mem, &net, &at, err);
		if (rc == 0)
			id = net.profile;
	} else if (rc == 0 && !cdp_str_starts(id, CDP_STR("p_"))) {
		rc = CDP_END;
	}
	if (rc == 0)
		rc = cdp_journeys_explain(js, id, b, err);
	if (rc == CDP_END) {
		*no = true;
		cdp_say(q->tool,
		    "nobody is known as '%s': give a profile's id, or "
		    "TYPE:VALUE such as email:ana@example.com",
		    q->explain);
		rc = 0;
	}
	cdp_log_close(log);
	cdp_arena_free(&mem);
	return rc;
}

static bool
asked(const struct cdp_ways *q, struct cdp_str key)
{
	size_t i;

	for (i = 0; i < q->nkey; i++)
		if (cdp_str_is(key, q->key[i]))
			return true;
	return q->nkey == 0;
}

static int
known(const struct cdp_ways *q, struct cdp_err *err)
{
	size_t i, k;

	for (i = 0; i < q->nkey; i++) {
		for (k = 0; k < q->pr->njourney; k++)
			if (cdp_str_is(q->pr->journey[k].key, q->key[i]))
				break;
		if (k == q->pr->njourney)
			return cdp_fail(err, CDP_ECONF,
			    "there is no journey '%s'", q->key[i]);
	}
	if (q->graph > CDP_CHART_DOT &&
	    (q->nkey != 0 ? q->nkey : q->pr->njourney) != 1)
		return cdp_fail(err, CDP_ECONF,
		    "a picture has one journey: name it behind --graph");
	return 0;
}

static int
answer(const struct cdp_ways *q, struct cdp_store *st, struct cdp_log *log,
    struct cdp_buf *b, bool *no, struct cdp_err *err)
{
	struct cdp_journeys *js = cdp_journeys_new(q->pr);
	size_t i;
	int rc = cdp_journeys_ops.open(js, log, err);

	if (rc == 0 && q->explain != NULL)
		rc = explain(q, st, js, b, no, err);
	for (i = 0; rc == 0 && i < q->pr->njourney; i++) {
		if (!asked(q, q->pr->journey[i].key))
			continue;
		if (q->graph != 0)
			cdp_journeys_chart(js, i, q->graph, b);
		if (q->funnel)
			cdp_journeys_funnel(js, i, b);
	}
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
	/* A drawing needs no store. */
	if (rc == CDP_END)
		rc = 0;
	if (rc == 0 && log == NULL && q->graph == 0)
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
