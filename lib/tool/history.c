#include <stdio.h>

#include "lib/base/time.h"
#include "lib/ingest/position.h"
#include "lib/json/write.h"
#include "lib/store/history.h"
#include "lib/store/lookup.h"
#include "lib/tool/history.h"
#include "lib/tool/say.h"

/* What a walk through one log needs. */
struct walk {
	const char *name;
	struct cdp_str key;
	struct cdp_buf line;
	int64_t until_ms;
	struct cdp_buf *val;
	bool any;
};

static int
print(struct walk *w)
{
	cdp_buf_puts(&w->line, "}\n");
	return fwrite(w->line.p, 1, w->line.n, stdout) == w->line.n ? 0
								    : CDP_EIO;
}

static void
begin(struct walk *w)
{
	cdp_buf_reset(&w->line);
	cdp_buf_putc(&w->line, '{');
	cdp_json_kstr(&w->line, "log", cdp_str_of(w->name));
}

static void
put_u64(struct walk *w, const char *name, uint64_t v)
{
	cdp_json_ki64(&w->line, name, (int64_t)v);
}

/* Which epoch, and when. */
static void
put_epoch(struct walk *w, const struct cdp_epoch_info *in)
{
	char time[CDP_TIME_SIZE];

	put_u64(w, "e", in->e);
	if (in->first != in->e)
		put_u64(w, "first", in->first);
	if (in->t_ms == CDP_TIME_NONE)
		return;
	cdp_time_format(in->t_ms, time);
	cdp_json_kstr(&w->line, "t", cdp_str_of(time));
}

/* Call fn for each log, open for reading; it prints. */
static int
each_log(struct cdp_admin *a,
    int (*fn)(struct walk *w, struct cdp_log *log, struct cdp_err *err),
    struct cdp_err *err)
{
	struct walk w = { 0 };
	const char *const *name;
	struct cdp_log *log;
	size_t i, n;
	int rc = cdp_admin_logs(a, &name, &n, err);

	for (i = 0; rc == 0 && i < n; i++) {
		rc = cdp_admin_log_open(a, name[i], &log, err);
		if (rc != 0 || log == NULL)
			continue;
		w.name = name[i];
		rc = fn(&w, log, err);
		cdp_log_close(log);
	}
	cdp_buf_free(&w.line);
	return rc;
}

/* ---- log ---- */

static int
print_epoch(void *arg, const struct cdp_epoch_info *in)
{
	struct walk *w = arg;

	begin(w);
	put_epoch(w, in);
	cdp_json_kstr(&w->line, "cfg", in->cfg);
	put_u64(w, "q", in->q);
	put_u64(w, "inputs", in->inputs);
	put_u64(w, "n", in->n);
	put_u64(w, "records", in->records);
	put_u64(w, "states", in->states);
	put_u64(w, "bytes", in->bytes);
	return print(w);
}

static int
print_log(struct walk *w, struct cdp_log *log, struct cdp_err *err)
{
	return cdp_log_epochs(log, print_epoch, w, err);
}

int
cdp_admin_log(struct cdp_admin *a, struct cdp_err *err)
{
	return each_log(a, print_log, err);
}

/* ---- stats ---- */

static int
print_stats(struct walk *w, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_log_sizes s;
	int rc = cdp_log_sizes(log, &s, err);

	if (rc != 0)
		return rc;
	begin(w);
	put_u64(w, "segments", s.segments);
	put_u64(w, "compacted", s.compacted);
	put_u64(w, "epochs", s.epochs);
	put_u64(w, "unsynced", s.unsynced);
	put_u64(w, "bytes", s.bytes);
	put_u64(w, "index_bytes", s.index_bytes);
	put_u64(w, "inputs", s.inputs);
	put_u64(w, "records", s.records);
	put_u64(w, "keys", s.live);
	put_u64(w, "dead", s.dead);
	return print(w);
}

int
cdp_admin_stats(struct cdp_admin *a, struct cdp_err *err)
{
	return each_log(a, print_stats, err);
}

/* ---- position ---- */

/* Where who feeds cdp-ingest is to begin again, if it keeps such places. */
static int
put_places(struct walk *w, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_buf list = { 0 };
	struct cdp_tape t = { 0 };
	char who[256];
	uint64_t received;
	uint32_t at;
	int rc = cdp_log_get(log, CDP_STR("position"), &list, err);

	if (rc == 0 && (rc = cdp_log_reached(log, &received, who, err)) == 0 &&
	    (rc = cdp_tape_parse(&t, cdp_buf_str(&list), err)) == 0) {
		at = cdp_position_safe(&t, received);
		cdp_json_kraw(&w->line, "at",
		    at == CDP_NOTOK ? CDP_STR("{}") : cdp_tape_raw(&t, at));
	}
	cdp_tape_free(&t);
	cdp_buf_free(&list);
	return rc == CDP_END ? 0 : rc;
}

static int
print_position(struct walk *w, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_buf in = { 0 };
	int rc;

	begin(w);
	put_u64(w, "last", cdp_log_last(log));
	cdp_highs_write(cdp_log_position(log), &in);
	cdp_json_kraw(&w->line, "in", cdp_buf_str(&in));
	rc = put_places(w, log, err);
	if (rc == 0)
		rc = print(w);
	cdp_buf_free(&in);
	return rc;
}

int
cdp_admin_position(struct cdp_admin *a, struct cdp_err *err)
{
	return each_log(a, print_position, err);
}

/* ---- history ---- */

static int
print_version(void *arg, const struct cdp_epoch_info *in, struct cdp_str val)
{
	struct walk *w = arg;

	w->any = true;
	begin(w);
	cdp_json_kstr(&w->line, "k", w->key);
	put_epoch(w, in);
	if (val.n != 0)
		cdp_json_kraw(&w->line, "v", val);
	else
		cdp_buf_puts(&w->line, ",\"del\":true");
	return print(w);
}

static int
history_of(struct cdp_admin *a, const char *id, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .readonly = true };
	struct walk w = { 0 };
	const char *const *name;
	struct cdp_log *log;
	size_t i, n;
	int rc = cdp_store_logs(a->st, &a->mem, &name, &n, err);

	if (rc == 0)
		rc = cdp_store_resolve(
		    a->st, cdp_str_of(id), &a->mem, &w.key, err);
	if (rc == CDP_END) /* who was deleted still has a past */
		w.key = cdp_str_of(id);
	for (i = 0; rc >= 0 && i < n; i++) {
		opt.stage = w.name = name[i];
		rc = cdp_log_open(a->st, &opt, &log, err);
		if (rc != 0)
			continue;
		rc = cdp_log_versions(log, w.key, print_version, &w, err);
		cdp_log_close(log);
	}
	cdp_buf_free(&w.line);
	if (rc < 0)
		return rc;
	if (!w.any)
		cdp_say("cdp-store", "nobody is known as '%s'", id);
	return w.any ? 0 : CDP_END;
}

int
cdp_admin_history(struct cdp_admin *a, struct cdp_err *err)
{
	int i, rc, missing = 0;

	if (a->n == 0)
		return cdp_fail(err, CDP_ECONF, "history: which ID?");
	rc = cdp_admin_open(a, err);
	for (i = 0; rc >= 0 && i < a->n; i++) {
		rc = history_of(a, a->name[i], err);
		if (rc == CDP_END)
			missing = rc;
	}
	return rc < 0 ? rc : missing;
}

/* ---- get --as-of ---- */

static int
keep_version(void *arg, const struct cdp_epoch_info *in, struct cdp_str val)
{
	struct walk *w = arg;

	if (in->t_ms == CDP_TIME_NONE || in->t_ms > w->until_ms)
		return CDP_END;
	cdp_buf_reset(w->val);
	cdp_buf_put(w->val, val);
	return 0;
}

int
cdp_admin_as_of(struct cdp_log *log, struct cdp_str key, int64_t time_ms,
    struct cdp_buf *val, struct cdp_err *err)
{
	struct walk w = { .until_ms = time_ms, .val = val };
	int rc = cdp_log_versions(log, key, keep_version, &w, err);

	if (rc < 0)
		return rc;
	return val->n != 0 ? 0 : CDP_END;
}
