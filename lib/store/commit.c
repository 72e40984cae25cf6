#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/logint.h"

static void
part_add(struct cdp_parts *ps, struct cdp_part p)
{
	if (ps->n == ps->cap) {
		ps->cap = ps->cap != 0 ? ps->cap * 2 : 32;
		ps->v = cdp_xreallocarray(ps->v, ps->cap, sizeof(*ps->v));
	}
	ps->v[ps->n++] = p;
}

/* Cut text into frames of whole lines, of max bytes unless a line is longer. */
static void
cut(struct cdp_parts *ps, enum cdp_section section, const struct cdp_buf *text,
    size_t max)
{
	struct cdp_part p = { .section = section, .text = text };
	const char *nl;
	size_t at, len;

	for (at = 0; at < text->n; at += len) {
		nl = memchr(text->p + at, '\n', text->n - at);
		len = nl != NULL ? (size_t)(nl + 1 - (text->p + at))
				 : text->n - at;
		if (p.n != 0 && p.n + len > max) {
			part_add(ps, p);
			p.off = at;
			p.n = p.records = 0;
		}
		p.n += len;
		p.records++;
	}
	if (p.n != 0)
		part_add(ps, p);
}

/* The PUTS text, and for each put the line of META that says where it is. */
static void
write_puts(struct cdp_batch *bt, size_t max, const uint8_t *secret)
{
	struct cdp_gather *g = &bt->g;
	struct cdp_buf *puts = &bt->puts;
	size_t i, at, start = 0;
	uint64_t frame = 0;

	for (i = 0; i < g->nput; i++) {
		at = puts->n;
		cdp_put_line(
		    puts, g->put[i]->key, g->put[i]->val, g->put[i]->due_ms);
		if (at != start && puts->n - start > max) {
			frame++;
			start = at;
		}
		g->put[i]->frame = frame;
		g->put[i]->off = at - start;
		g->put[i]->h = cdp_hash_keyed(secret, g->put[i]->key);
		cdp_meta_put(&bt->meta, frame, at - start, g->put[i]->key,
		    g->put[i]->due_ms);
	}
}

static void
write_head(struct cdp_log *log, struct cdp_buf *meta)
{
	struct cdp_str cfg = log->fingerprint;

	cdp_buf_printf(meta, "{\"e\":%llu,", (unsigned long long)log->e + 1);
	if (log->first_e != 0 && log->first_e != log->e + 1)
		cdp_buf_printf(
		    meta, "\"first\":%llu,", (unsigned long long)log->first_e);
	if (log->t_ms != CDP_TIME_NONE)
		cdp_buf_printf(meta, "\"t\":%lld,", (long long)log->t_ms);
	if (log->st->io->unsynced)
		cdp_buf_puts(meta, "\"sync\":\"none\",");
	cdp_buf_printf(meta, "\"cfg\":\"%.*s\",\"q\":%llu,", (int)cfg.n, cfg.p,
	    (unsigned long long)log->q + 1);
	cdp_buf_printf(
	    meta, "\"n\":%llu,\"hi\":", (unsigned long long)log->n + 1);
	cdp_highs_write(&log->hi, meta);
	cdp_buf_puts(meta, "}\n");
}

static int
pack(struct cdp_log *log, struct cdp_batch *bt)
{
	struct cdp_parts *ps = &bt->parts;
	struct cdp_frame_head h = { .epoch = log->e + 1,
		.chain = log->chain,
		.salt = log->active.head.salt };
	const struct cdp_dict *dict = log->active.dict;
	struct cdp_str raw;
	size_t i;
	int rc;

	for (i = 0; i < ps->n; i++) {
		raw = (struct cdp_str){ ps->v[i].text->p + ps->v[i].off,
			ps->v[i].n };
		if (ps->v[i].text->over || raw.n > CDP_FRAME_MAX) {
			errno = 0;
			return cdp_fail(&bt->err, CDP_EIO,
			    "a record or an epoch is too long to be stored");
		}
		h.section = (uint8_t)ps->v[i].section;
		h.flags = i + 1 == ps->n ? CDP_FRAME_LAST : 0;
		if (dict != NULL && h.section != CDP_SECT_META)
			h.flags |= CDP_FRAME_DICT;
		h.off = ps->v[i].at = log->end + bt->packed.n;
		h.records = ps->v[i].records;
		rc = cdp_zip_frame(
		    bt->zip, &h, raw, dict, &bt->packed, &bt->err);
		if (rc != 0)
			return rc;
		h.chain = h.hcrc;
	}
	bt->chain = h.chain;
	return 0;
}

/* A failed sync is never tried again: what it lost looks clean afterwards. */
static int
make_durable(struct cdp_log *log, struct cdp_batch *bt)
{
	const struct cdp_io *io = log->st->io;
	struct cdp_seg *sg = &log->active;
	int rc =
	    cdp_seg_write(sg, bt->packed.p, bt->packed.n, log->end, &bt->err);

	if (rc == 0 && !log->lazy && io->fdatasync(sg->fd) != 0)
		rc = cdp_fail(&bt->err, CDP_EIO, "cannot sync '%s'", sg->name);
	if (rc == 0)
		return 0;
	if (io->ftruncate(sg->fd, (off_t)log->end) != 0)
		return rc; /* the next open cuts it */
	return rc;
}

/*
 * What can be done beside the main thread: of the log it looks at what only
 * finish() changes.
 */
static void
write_out(void *arg)
{
	struct cdp_log *log = arg;
	struct cdp_batch *bt = &log->under_way;
	size_t max = log->active.dict != NULL ? CDP_PUTS_SMALL : CDP_PUTS_FRAME;

	cdp_buf_put(&bt->meta, cdp_buf_str(&bt->g.in));
	cdp_buf_put(&bt->meta, cdp_buf_str(&bt->g.out));
	write_puts(bt, max, log->st->secret);
	cut(&bt->parts, CDP_SECT_META, &bt->meta, CDP_OUTS_FRAME);
	cut(&bt->parts, CDP_SECT_PUTS, &bt->puts, max);
	cut(&bt->parts, CDP_SECT_OUTS, &bt->g.outs, CDP_OUTS_FRAME);
	bt->rc = pack(log, bt);
	if (bt->rc == 0)
		bt->rc = make_durable(log, bt);
}

static void
write_out_then(void *arg)
{
	struct cdp_batch *bt = &((struct cdp_log *)arg)->under_way;

	write_out(arg);
	if (bt->rc == 0)
		bt->then(bt->then_arg);
}

/* What was gathered goes on its way, and gathering begins anew. */
static void
hand_over(struct cdp_log *log)
{
	struct cdp_batch *bt = &log->under_way;
	struct cdp_gather g = bt->g;

	assert(!log->readonly && !log->dead && !bt->busy);
	assert(log->g.ninput <= CDP_EPOCH_INPUTS);
	cdp_gather_end(log);
	bt->g = log->g;
	log->g = g;
	bt->busy = true;
	bt->n = log->next_n - 1;
	bt->parts.n = 0;
	cdp_buf_reset(&bt->meta);
	cdp_buf_reset(&bt->puts);
	cdp_buf_reset(&bt->packed);
	write_head(log, &bt->meta);
}

/* The states of the epoch that was just made durable. */
static void
index_puts(struct cdp_log *log, const struct cdp_batch *bt)
{
	const struct cdp_part *first = bt->parts.v;
	const struct cdp_gput *p;
	size_t i;

	while (first < bt->parts.v + bt->parts.n &&
	    first->section != CDP_SECT_PUTS)
		first++;
	for (i = 0; i < bt->g.nput; i++) {
		p = bt->g.put[i];
		cdp_index_put(&log->ix, p->h,
		    CDP_LOC(first[p->frame].at, p->off), p->key, p->due_ms);
	}
}

static void
advance(struct cdp_log *log, const struct cdp_batch *bt)
{
	struct cdp_epoch_at at = { log->q + 1, log->n + 1, log->end,
		log->e + 1 };

	cdp_index_epoch(&log->ix, &at);
	log->ix.nunsynced += log->st->io->unsynced;
	log->last_off = log->end;
	log->end += bt->packed.n;
	log->chain = bt->chain;
	log->e++;
	log->q += bt->g.ninput;
	log->n = bt->n;
	snprintf(log->cfg, sizeof(log->cfg), "%.*s", (int)log->fingerprint.n,
	    log->fingerprint.p != NULL ? log->fingerprint.p : "");
}

/* What was written out is durable, or the log is dead. */
static int
finish(struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_batch *bt = &log->under_way;

	if (bt->rc == 0) {
		index_puts(log, bt);
		advance(log, bt);
	} else {
		log->dead = true;
		if (err != NULL)
			*err = bt->err;
	}
	cdp_gather_reset(&bt->g);
	bt->busy = false;
	return bt->rc;
}

int
cdp_log_write_epoch(struct cdp_log *log, struct cdp_err *err)
{
	hand_over(log);
	write_out(log);
	return finish(log, err);
}

static bool
is_full(const struct cdp_log *log)
{
	return log->end >= log->segment_bytes ||
	    cdp_index_size(&log->ix) >= CDP_SEGMENT_ENTRIES;
}

int
cdp_log_commit(struct cdp_log *log, struct cdp_err *err)
{
	int rc = cdp_log_faulty(log, 0, err);

	if (rc == 0 && (log->g.ninput != 0 || log->g.nput != 0))
		rc = cdp_log_write_epoch(log, err);
	if (rc == 0 && is_full(log))
		rc = cdp_log_roll(log, err);
	if (rc != 0)
		log->dead = true;
	return cdp_log_fault(log, rc, err);
}

int
cdp_log_begin(struct cdp_log *log, void (*then)(void *arg), void *arg,
    struct cdp_err *err)
{
	int rc;

	if (log->aside == NULL)
		log->aside = cdp_aside_new();
	/* To seal a segment nothing may be gathered for it yet. */
	if (log->aside == NULL || is_full(log) || log->fault_rc != 0) {
		if ((rc = cdp_log_commit(log, err)) == 0)
			then(arg);
		return rc;
	}
	hand_over(log);
	log->under_way.then = then;
	log->under_way.then_arg = arg;
	cdp_aside_start(log->aside, write_out_then, log);
	return 0;
}

bool
cdp_log_begun(const struct cdp_log *log)
{
	return log->under_way.busy && !cdp_aside_done(log->aside);
}

int
cdp_log_finish(struct cdp_log *log, struct cdp_err *err)
{
	if (!log->under_way.busy)
		return 0;
	cdp_aside_wait(log->aside);
	return cdp_log_fault(log, finish(log, err), err);
}

void
cdp_batch_free(struct cdp_batch *bt)
{
	cdp_gather_free(&bt->g);
	cdp_buf_free(&bt->meta);
	cdp_buf_free(&bt->puts);
	cdp_buf_free(&bt->packed);
	free(bt->parts.v);
	cdp_zip_free(bt->zip);
}
