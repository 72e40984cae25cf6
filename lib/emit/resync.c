#include "lib/emit/emitint.h"

#include <stdio.h>

#define STRIDE 256 /* people between two commits */

/*
 * resync: whoever is on a list, or was told of, and is nobody by now, leaves;
 * then everybody, as cdp-merge and cdp-audience know them now, is shown to the
 * feeds as if a line had.
 */
struct resync {
	struct cdp_emit *em;
	struct cdp_log *log; /* ours */
	struct cdp_store *st;
	struct cdp_log *merge, *audience, *journey;
	int64_t now_ms;
	size_t n;
	struct cdp_buf text, list;
	struct cdp_tape tape;
	struct cdp_arena mem;
};

static int
settle(struct resync *rs, struct cdp_err *err)
{
	int rc = cdp_deliver_ops.save(rs->em, rs->log, err);

	if (rc == 0)
		rc = cdp_log_commit(rs->log, err);
	return rc != 0 ? rc : cdp_deliver_ops.committed(rs->em, err);
}

static int
show(struct resync *rs, struct cdp_str line, struct cdp_err *err)
{
	struct cdp_line ln;
	int rc = cdp_line_parse(line, 0, &rs->tape, &rs->mem, &ln, err);

	if (rc == 0)
		rc = cdp_feeds_line(&rs->em->feeds, &ln, err);
	cdp_arena_reset(&rs->mem);
	if (rc == 0 && ++rs->n % STRIDE == 0)
		rc = settle(rs, err);
	return rc;
}

static int
person(void *arg, struct cdp_str profile, struct cdp_err *err)
{
	struct resync *rs = arg;

	cdp_buf_reset(&rs->text);
	cdp_buf_puts(&rs->text, "{\"type\":\"profile\"");
	cdp_json_ktime(&rs->text, "timestamp", rs->now_ms);
	cdp_json_kraw(&rs->text, "profile", profile);
	cdp_buf_putc(&rs->text, '}');
	return show(rs, cdp_buf_str(&rs->text), err);
}

/* ---- who is nobody ---- */

static int
note(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct resync *rs = arg;
	struct cdp_seat s = { 0 };

	(void)due_ms;
	if ((!cdp_str_starts(key, CDP_STR("m:")) &&
		!cdp_str_starts(key, CDP_STR("t:"))) ||
	    cdp_seat_read(val, &s, &rs->mem, NULL) != 0)
		return 0;
	if (s.told != CDP_TOLD_REMOVE) {
		cdp_buf_put(&rs->list, s.profile);
		cdp_buf_putc(&rs->list, '\0');
	}
	cdp_arena_reset(&rs->mem);
	return 0;
}

/* Deleted, or another by now: as the line would have it that says so. */
static int
check(struct resync *rs, struct cdp_str id, struct cdp_err *err)
{
	const struct cdp_others *others = &rs->em->opt.others;
	struct cdp_buf val = { 0 };
	struct cdp_buf *b = &rs->text;
	struct cdp_str now = { 0 };
	bool gone;
	int rc = others->who(others->arg, rs->merge, id, &val, &gone, err);

	if (rc == 0 &&
	    (rc = cdp_tape_parse(&rs->tape, cdp_buf_str(&val), err)) == 0)
		now = cdp_tape_str(&rs->tape,
		    cdp_tape_get(&rs->tape, 0, CDP_STR("id")), &rs->mem);
	else if (rc == CDP_END)
		rc = 0;
	if (rc == 0 && !cdp_str_eq(now, id)) {
		cdp_buf_reset(b);
		cdp_buf_printf(
		    b, "{\"type\":\"%s\"", now.n != 0 ? "merge" : "delete");
		cdp_json_ktime(b, "timestamp", rs->now_ms);
		cdp_json_kstr(b, "from", id);
		cdp_json_kstr(b, "into", now);
		cdp_json_key(b, "profile");
		cdp_buf_putc(b, '{');
		cdp_json_kstr(b, "id", id);
		cdp_buf_puts(b, "}}");
		rc = show(rs, cdp_buf_str(b), err);
	}
	cdp_buf_free(&val);
	cdp_arena_reset(&rs->mem);
	return rc;
}

static int
check_all(struct resync *rs, struct cdp_err *err)
{
	int rc = cdp_log_each(rs->log, note, rs, err);
	const char *p = rs->list.p, *end = p + rs->list.n;

	for (; rc == 0 && p < end; p += strlen(p) + 1)
		rc = check(rs, cdp_str_of(p), err);
	return rc;
}

/* ---- both ---- */

static int
open_others(struct resync *rs, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = "merge", .readonly = true };
	int rc = cdp_store_open(
	    &cdp_io_real, cdp_log_path(rs->log), CDP_STORE_READ, &rs->st, err);

	if (rc == 0)
		rc = cdp_log_open(rs->st, &opt, &rs->merge, err);
	if (rc == CDP_END)
		return cdp_fail(err, CDP_ECONF,
		    "--resync: cdp-merge has kept nothing in this store");
	opt.stage = "journey";
	if (rc == 0)
		rc = cdp_log_open(rs->st, &opt, &rs->journey, err);
	opt.stage = "audience";
	if (rc == 0 || rc == CDP_END)
		rc = cdp_log_open(rs->st, &opt, &rs->audience, err);
	if (rc == CDP_END && rs->em->feeds.audiences)
		return cdp_fail(err, CDP_ECONF,
		    "--resync: cdp-audience has kept nothing in this store");
	return rc == CDP_END ? 0 : rc;
}

/* Lines that they had printed before we looked say nothing new. */
static void
note_places(struct resync *rs)
{
	struct cdp_log *const from[] = { rs->merge, rs->audience, rs->journey };
	struct cdp_feeds *fs = &rs->em->feeds;

	for (size_t i = 0; i < CDP_FEEDS_LOGS; i++) {
		struct cdp_str o;

		if (from[i] == NULL)
			continue;
		o = cdp_log_origin(from[i]);
		snprintf(fs->synced[i].o, sizeof(fs->synced[i].o), "%.*s",
		    (int)o.n, o.p);
		fs->synced[i].n = cdp_log_last(from[i]);
	}
	cdp_feeds_save(fs);
}

int
cdp_emit_resync(struct cdp_emit *em, struct cdp_log *log, struct cdp_err *err)
{
	const struct cdp_others *others = &em->opt.others;
	struct resync rs = { .em = em, .log = log };
	int rc = open_others(&rs, err);

	em->outs = NULL;
	if (rc == 0)
		rc = others->clock(others->arg, rs.merge, &rs.now_ms, err);
	if (rc == 0)
		rc = check_all(&rs, err);
	if (rc == 0)
		rc = others->each(
		    others->arg, rs.merge, rs.audience, person, &rs, err);
	if (rc == 0) {
		note_places(&rs);
		rc = settle(&rs, err);
	}
	cdp_log_close(rs.journey);
	cdp_log_close(rs.audience);
	cdp_log_close(rs.merge);
	cdp_store_close(rs.st);
	cdp_buf_free(&rs.text);
	cdp_buf_free(&rs.list);
	cdp_tape_free(&rs.tape);
	cdp_arena_free(&rs.mem);
	return rc;
}
