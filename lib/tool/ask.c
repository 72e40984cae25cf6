#include "lib/tool/ask.h"

#include <stdio.h>

#include "lib/profile/explain.h"
#include "lib/tool/say.h"
#include "lib/tool/whom.h"

/*
 * Where the second name begins: behind the first comma that a type or a
 * profile's id follows; an address may have commas, too.
 */
static const char *
second(const struct cdp_ask *ask, const char *ids)
{
	const struct cdp_identity *rules = &ask->pr->identity;
	const char *p;
	size_t i;

	for (p = ids; (p = strchr(p, ',')) != NULL;) {
		p++;
		if (strncmp(p, "p_", 2) == 0)
			return p;
		for (i = 0; i < rules->nid; i++)
			if (strncmp(p, rules->id[i].name.p,
				rules->id[i].name.n) == 0 &&
			    p[rules->id[i].name.n] == ':')
				return p;
	}
	p = strchr(ids, ',');
	return p != NULL && rules->others ? p + 1 : NULL;
}

static int
nobody(const struct cdp_ask *ask, struct cdp_str id, bool *no)
{
	*no = true;
	cdp_whom_unknown(ask->tool, ask->pr, id);
	return 0;
}

/* The first of two names that is nobody's. */
static struct cdp_str
unknown(const struct cdp_ask *ask, struct cdp_log *log, struct cdp_str one,
    struct cdp_str other)
{
	struct cdp_arena mem = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_net net;
	size_t at;
	int rc = cdp_net_find(log, ask->pr, one, &mem, &net, &at, &err);

	cdp_arena_free(&mem);
	return rc == 0 ? other : one;
}

static int
explain(const struct cdp_ask *ask, struct cdp_log *log, struct cdp_buf *b,
    bool *no, struct cdp_err *err)
{
	const char *other = second(ask, ask->explain);
	struct cdp_str one = cdp_str_of(ask->explain);
	bool joined = true;
	int rc;

	if (other != NULL) {
		one.n = (size_t)(other - ask->explain) - 1;
		rc = cdp_explain_two(
		    log, ask->pr, one, cdp_str_of(other), &joined, b, err);
	} else {
		rc = cdp_explain_one(log, ask->pr, one, b, err);
	}
	if (rc == CDP_END && other != NULL)
		one = unknown(ask, log, one, cdp_str_of(other));
	if (rc == CDP_END)
		return nobody(ask, one, no);
	*no = !joined;
	cdp_buf_putc(b, '\n');
	return rc;
}

static int
draw(const struct cdp_ask *ask, struct cdp_log *log, struct cdp_buf *b,
    bool *no, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	struct cdp_net net;
	size_t i, at;
	int rc = 0;

	for (i = 0; rc == 0 && i < ask->nid; i++) {
		rc = cdp_net_find(
		    log, ask->pr, cdp_str_of(ask->id[i]), &mem, &net, &at, err);
		if (rc == 0)
			cdp_draw_net(b, &net, at, ask->draw);
		else if (rc == CDP_END)
			rc = nobody(ask, cdp_str_of(ask->id[i]), no);
	}
	cdp_arena_free(&mem);
	return rc;
}

int
cdp_ask_run(const struct cdp_ask *ask, bool *no, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = "merge", .readonly = true };
	struct cdp_store *st = NULL;
	struct cdp_log *log = NULL;
	struct cdp_buf b = { 0 };
	int rc;

	rc = cdp_store_open(&cdp_io_real, ask->store, CDP_STORE_READ, &st, err);
	if (rc == 0)
		rc = cdp_log_open(st, &opt, &log, err);
	if (rc == CDP_END)
		rc = cdp_fail(err, CDP_ECONF,
		    "cdp-merge has kept nothing in a store at '%s'",
		    ask->store);
	if (rc == 0 && ask->edges)
		rc = cdp_draw_edges(log, cdp_say_line, NULL, err);
	else if (rc == 0 && ask->hubs)
		rc = cdp_hubs_write(log, ask->pr, cdp_say_line, NULL, err);
	else if (rc == 0 && ask->explain != NULL)
		rc = explain(ask, log, &b, no, err);
	else if (rc == 0)
		rc = draw(ask, log, &b, no, err);
	if (rc == 0 && b.n != 0)
		fwrite(b.p, 1, b.n, stdout);
	if (rc == 0 && fflush(stdout) != 0)
		rc = cdp_fail(err, CDP_EIO, "cannot write standard output");
	cdp_buf_free(&b);
	cdp_log_close(log);
	cdp_store_close(st);
	return rc;
}
