#include <stdio.h>

#include "lib/json/tail.h"
#include "lib/json/write.h"
#include "lib/store/stageint.h"

#define EXPECT_MAX ((size_t)2048)

/* An object that has no "cdp" yet, with one; with is as in struct cdp_rec. */
static void
put_numbered(
    struct cdp_stage *sg, struct cdp_str json, struct cdp_str with, uint64_t n)
{
	struct cdp_buf *b = &sg->queue;

	if (with.n != 0) {
		cdp_buf_put(b, json);
		cdp_buf_putc(b, ',');
		json = with;
	}
	cdp_buf_put(b, (struct cdp_str){ json.p, json.n - 1 });
	cdp_json_comma(b);
	cdp_buf_put(b, sg->member);
	cdp_buf_puts(b, "\"n\":");
	cdp_buf_u64(b, n);
	cdp_buf_puts(b, "}}");
}

const struct cdp_tape *
cdp_stage_tape(struct cdp_stage *sg, const struct cdp_line *ln)
{
	if (ln->tape != NULL)
		return ln->tape;
	(void)cdp_tape_parse(&sg->tape, ln->raw, NULL);
	return &sg->tape;
}

static void
put_passed(struct cdp_stage *sg, const struct cdp_line *ln,
    const struct cdp_rec *rec, uint64_t n)
{
	struct cdp_str json = rec->json, o = sg->origin;

	if (sg->tailed && (json.n == 0 || rec->one) &&
	    cdp_tail_takes(ln->raw, &sg->tail, json, sg->sets))
		cdp_tail_put(&sg->queue, ln->raw, &sg->tail, json, sg->sets,
		    sg->member, n);
	else if (ln->tape == NULL && json.n == 0)
		put_numbered(sg, ln->raw, rec->with, n);
	else if (rec->one)
		cdp_json_splice_one(
		    &sg->queue, cdp_stage_tape(sg, ln), json, o, n);
	else
		cdp_json_splice(&sg->queue, cdp_stage_tape(sg, ln), json, o, n);
}

/*
 * The queue is longer than the caches: ask for the room of a line like the one
 * that begins at from, so that it is there when the next one is written.
 */
static void
expect(const struct cdp_buf *b, size_t from)
{
	size_t n = b->n - from, i;

	if (n > EXPECT_MAX)
		n = EXPECT_MAX;
	for (i = 0; i < n && i < b->cap - b->n; i += 64)
		__builtin_prefetch(b->p + b->n + i, 1);
}

void
cdp_stage_queue(struct cdp_stage *sg, const struct cdp_line *ln,
    const struct cdp_rec *rec, uint64_t n)
{
	size_t from = sg->queue.n;

	if (rec->kind == CDP_REC_PASS) {
		put_passed(sg, ln, rec, n);
	} else {
		put_numbered(sg, rec->json, rec->with, n);
		sg->stats.made++;
	}
	cdp_buf_putc(&sg->queue, '\n');
	expect(&sg->queue, from);
	sg->stats.out++;
}

/* What a line caused is not kept: it prints less than it did, so say so. */
static void
note_expired(struct cdp_stage *sg, const struct cdp_line *ln)
{
	char msg[160];

	if (sg->stats.expired++ != 0 || sg->opt.warn == NULL)
		return;
	snprintf(msg, sizeof(msg),
	    "line %llu is known, but what it caused was dropped from the "
	    "store: it prints nothing, like others of its age",
	    (unsigned long long)ln->lineno);
	sg->opt.warn(sg->opt.warn_arg, msg);
}

/* One line that an input of an earlier run caused; ln, if it passes. */
static void
queue_again(struct cdp_stage *sg, const struct cdp_line *ln,
    const struct cdp_rec *rec, uint64_t n)
{
	cdp_stage_queue(sg, ln, rec, n);
	if (rec->kind == CDP_REC_LINE && sg->ops->replayed != NULL)
		sg->ops->replayed(sg->self, cdp_rec_whole(rec, &sg->scratch));
}

int
cdp_stage_replay(struct cdp_stage *sg, uint64_t q, const struct cdp_line *ln,
    struct cdp_err *err)
{
	const struct cdp_rec *rec;
	uint64_t first;
	size_t i, n;
	bool passed = false, expired = false;
	int rc = cdp_log_caused(sg->log, q, &first, &rec, &n, err);

	if (rc != 0)
		return rc;
	for (i = 0; i < n; i++) {
		if (rec[i].kind == CDP_REC_GONE) {
			expired = true;
			continue;
		}
		queue_again(sg, ln, &rec[i], first + i);
		passed |= rec[i].kind == CDP_REC_PASS;
	}
	if (expired && !passed)
		note_expired(sg, ln);
	else
		cdp_stage_count(sg, passed, false);
	sg->stats.replayed++;
	cdp_ranges_add(&sg->printed, q, q);
	return 0;
}

bool
cdp_stage_mark(struct cdp_stage *sg, struct cdp_hash128 key, uint64_t *mark)
{
	const struct cdp_log_key k = { .h = key };
	uint64_t q;

	if (sg->log == NULL || cdp_log_where(sg->log, &k, &q) != 0)
		return false;
	*mark = cdp_log_mark(sg->log, &k);
	return true;
}

int
cdp_stage_again(struct cdp_stage *sg, struct cdp_hash128 key,
    struct cdp_str raw, struct cdp_str edit, struct cdp_err *err)
{
	const struct cdp_log_key k = { .h = key };
	const struct cdp_rec *rec;
	uint64_t q, first;
	size_t n;
	int rc;

	if (cdp_stage_met(sg, &k, &q) != CDP_MET_EARLIER)
		return CDP_END;
	rc = cdp_log_caused(sg->log, q, &first, &rec, &n, err);
	if (rc != 0)
		return rc;
	if (n != 1 || rec->kind != CDP_REC_PASS || !cdp_str_eq(rec->json, edit))
		return CDP_END;
	if (edit.n != 0) {
		cdp_buf_put(&sg->queue, (struct cdp_str){ raw.p, raw.n - 1 });
		cdp_buf_putc(&sg->queue, ',');
		raw = (struct cdp_str){ edit.p + 1, edit.n - 1 };
	}
	put_numbered(sg, raw, (struct cdp_str){ 0 }, first);
	cdp_buf_putc(&sg->queue, '\n');
	sg->stats.in++;
	sg->stats.out++;
	sg->stats.passed++;
	sg->stats.replayed++;
	cdp_ranges_add(&sg->printed, q, q);
	return 0;
}

/* ---- lines that are known by their bytes ---- */

static bool
fits(const struct cdp_stage *sg, struct cdp_str raw,
    const struct cdp_tail *tail, const struct cdp_rec *rec)
{
	if (rec->kind == CDP_REC_PASS)
		return (rec->json.n == 0 || rec->one) &&
		    cdp_tail_takes(raw, tail, rec->json, sg->sets);
	return rec->kind == CDP_REC_LINE;
}

/* A line of a known stretch: 0; CDP_END if it must be read; or fatal. */
static int
reprint(struct cdp_stage *sg, struct cdp_str raw, struct cdp_err *err)
{
	const struct cdp_rec *rec;
	struct cdp_log_key key = { 0 };
	struct cdp_tail tail;
	bool passed = false;
	uint64_t q, first;
	size_t i, n;
	int rc;

	if (!cdp_tail_find(raw, &tail) || tail.n == 0)
		return CDP_END;
	key.o = tail.o;
	key.n = tail.n;
	if (cdp_stage_met(sg, &key, &q) != CDP_MET_EARLIER)
		return CDP_END;
	if ((rc = cdp_log_caused(sg->log, q, &first, &rec, &n, err)) != 0)
		return rc;
	for (i = 0; i < n; i++)
		if (!fits(sg, raw, &tail, &rec[i]))
			return CDP_END;
	for (i = 0; i < n; i++) {
		if (rec[i].kind == CDP_REC_LINE) {
			queue_again(sg, NULL, &rec[i], first + i);
			continue;
		}
		cdp_tail_put(&sg->queue, raw, &tail, rec[i].json, sg->sets,
		    sg->member, first + i);
		cdp_buf_putc(&sg->queue, '\n');
		sg->stats.out++;
		passed = true;
	}
	sg->stats.in++;
	sg->stats.replayed++;
	sg->stats.unread++;
	cdp_stage_count(sg, passed, false);
	cdp_ranges_add(&sg->printed, q, q);
	return 0;
}

int
cdp_stage_peek(struct cdp_stage *sg, struct cdp_str lines, uint64_t lineno,
    bool last, struct cdp_peek *ret, struct cdp_err *err)
{
	const struct cdp_stretch *st = &sg->seen.now;
	uint64_t none;
	size_t i, at = 0;
	int rc = 0;

	/* The first line of all opens the log. */
	ret->until = sg->ready ? UINT64_MAX : lineno;
	if (!sg->seen.open ||
	    !cdp_stretch_cut(&sg->seen, lines, lineno, last, ret))
		return 0;
	if (!cdp_stretch_known(&sg->seen, &none)) {
		cdp_stretch_read(&sg->seen, ret);
		return 0;
	}
	ret->until = lineno + st->n - 1;
	for (i = 0; i < st->n; at = st->end[i++] + 1)
		if ((rc = reprint(sg,
			 (struct cdp_str){ lines.p + at, st->end[i] - at },
			 err)) != 0)
			break;
	ret->bytes = at;
	ret->lines = i;
	if (rc == CDP_END)
		rc = 0;
	return rc != 0 || i == 0 ? rc : cdp_stage_pace(sg, err);
}
