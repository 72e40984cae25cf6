#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/logint.h"

#define HEX_KEYS 256 /* hashed inputs a line of META */

void
cdp_gather_free(struct cdp_gather *g)
{
	cdp_map_free(&g->puts);
	free(g->put);
	cdp_arena_free(&g->mem);
	cdp_buf_free(&g->in);
	cdp_buf_free(&g->out);
	cdp_buf_free(&g->outs);
	cdp_sets_free(&g->sets);
	*g = (struct cdp_gather){ 0 };
}

static void
gather_reset(struct cdp_gather *g)
{
	cdp_map_free(&g->puts);
	g->puts = (struct cdp_map){ 0 };
	cdp_arena_reset(&g->mem);
	cdp_buf_reset(&g->in);
	cdp_buf_reset(&g->out);
	cdp_buf_reset(&g->outs);
	cdp_sets_reset(&g->sets);
	g->nput = g->nput_bytes = g->nhex = 0;
	g->ninput = g->from = g->count = g->cur = g->ncur = g->nold = 0;
	g->gone = false;
	g->i = g->j = 0;
	g->o = (struct cdp_str){ 0 };
}

/* ---- gathering ---- */

void
cdp_log_put(
    struct cdp_log *log, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct cdp_gather *g = &log->g;
	struct cdp_gput *p = cdp_map_get(&g->puts, key);

	if (p == NULL) {
		p = cdp_arena_calloc(&g->mem, 1, sizeof(*p));
		p->key = cdp_arena_dup(&g->mem, key);
		*cdp_map_at(&g->puts, p->key) = p;
		if (g->nput == g->cput) {
			g->cput = g->cput != 0 ? g->cput * 2 : 64;
			g->put = cdp_xreallocarray(
			    g->put, g->cput, sizeof(struct cdp_gput *));
		}
		g->put[g->nput++] = p;
		g->nput_bytes += key.n;
	}
	g->nput_bytes += val.n;
	p->val = cdp_arena_dup(&g->mem, val);
	p->due_ms = val.n != 0 ? due_ms : INT64_MAX;
}

static void
end_counts(struct cdp_gather *g)
{
	if (g->j != 0 && g->igone)
		cdp_meta_gone(&g->out, g->i, g->j - 1, g->count);
	else if (g->j != 0)
		cdp_meta_out(&g->out, g->i, g->j - 1, g->count);
	g->j = 0;
}

/* What the newest input caused is known: one plain pass is nothing to note. */
static void
end_input(struct cdp_gather *g)
{
	if (g->ninput == 0)
		goto out;
	if (g->ncur == 1 && g->plain && !g->gone) {
		g->outs.n = g->cur;
		goto out;
	}
	if (g->j == g->ninput - 1 && g->j != 0 && g->count == g->ncur &&
	    g->igone == g->gone) {
		g->j++;
		goto out;
	}
	end_counts(g);
	g->i = g->ninput - 1;
	g->j = g->ninput;
	g->count = g->ncur;
	g->igone = g->gone;
out:
	g->cur = g->outs.n;
	g->ncur = 0;
	g->gone = false;
}

static void
end_run(struct cdp_log *log)
{
	struct cdp_gather *g = &log->g;

	if (g->nhex != 0)
		cdp_buf_puts(&g->in, "\"}\n");
	if (g->nold != 0)
		cdp_meta_old(&g->in, g->nold);
	if (g->o.n != 0) {
		cdp_meta_in(&g->in, g->o, g->from, g->to);
		cdp_highs_raise(&log->hi, g->o, g->to);
	}
	g->nhex = 0;
	g->nold = 0;
	g->o = (struct cdp_str){ 0 };
}

void
cdp_log_old(struct cdp_log *log)
{
	struct cdp_gather *g = &log->g;

	end_input(g);
	g->ninput++;
	if (g->nold == 0)
		end_run(log);
	g->nold++;
}

void
cdp_log_gone(struct cdp_log *log, uint64_t count)
{
	log->g.gone = true;
	log->g.ncur = count;
	log->next_n += count;
}

void
cdp_log_time(struct cdp_log *log, int64_t ts_ms)
{
	if (log->t_ms < ts_ms && ts_ms < CDP_TIME_END)
		log->t_ms = ts_ms;
}

uint64_t
cdp_log_input(struct cdp_log *log, const struct cdp_log_key *key)
{
	struct cdp_gather *g = &log->g;
	uint64_t q;

	end_input(g);
	g->ninput++;
	q = log->q + g->ninput;
	if (key->n == 0) {
		if (g->o.n != 0 || g->nold != 0 || g->nhex == HEX_KEYS)
			end_run(log);
		if (g->nhex++ == 0)
			cdp_buf_puts(&g->in, "{\"h\":\"");
		cdp_meta_hash(&g->in, key->h);
		cdp_index_hash(&log->ix, key->h, q);
		return q;
	}
	if (cdp_str_eq(g->o, key->o) && g->to + 1 == key->n) {
		g->to++;
	} else {
		end_run(log);
		g->o = cdp_arena_dup(&g->mem, key->o);
		g->from = g->to = key->n;
	}
	cdp_index_in(&log->ix, key->o, key->n, key->n, q);
	return q;
}

uint64_t
cdp_log_record(struct cdp_log *log, enum cdp_rec_kind kind, struct cdp_str json)
{
	struct cdp_gather *g = &log->g;
	struct cdp_set *set = NULL;

	g->plain = g->ncur == 0 && kind == CDP_REC_PASS && json.n == 0;
	if (kind == CDP_REC_PASS && json.n != 0)
		set = cdp_sets_at(&g->sets, &g->outs, json);
	if (set != NULL && set->off != 0) {
		cdp_out_set(&g->outs, g->ninput - 1, set->no);
	} else {
		cdp_out_line(&g->outs, g->ninput - 1, kind, json);
		if (set != NULL && !g->outs.over)
			set->off = g->outs.n - json.n - 2; /* before "}\n" */
	}
	g->ncur++;
	return log->next_n++;
}

bool
cdp_log_pending(const struct cdp_log *log, const struct cdp_log_key *key)
{
	return cdp_index_where(&log->ix, key) > log->q;
}

size_t
cdp_log_gathered(const struct cdp_log *log, size_t *ninputs)
{
	const struct cdp_gather *g = &log->g;

	if (ninputs != NULL)
		*ninputs = g->ninput;
	return g->nput_bytes + g->in.n + g->outs.n;
}

/* ---- an epoch ---- */

/* The frames of an epoch before they are packed: parts of three texts. */
struct part {
	enum cdp_section section;
	const struct cdp_buf *text;
	size_t off, n;
	uint32_t records;
	uint64_t at; /* where its frame begins in the file */
};

struct parts {
	struct part *v;
	size_t n, cap;
};

static void
part_add(struct parts *ps, struct part p)
{
	if (ps->n == ps->cap) {
		ps->cap = ps->cap != 0 ? ps->cap * 2 : 32;
		ps->v = cdp_xreallocarray(ps->v, ps->cap, sizeof(*ps->v));
	}
	ps->v[ps->n++] = p;
}

/* Cut text into frames of whole lines, of max bytes unless a line is longer. */
static void
cut(struct parts *ps, enum cdp_section section, const struct cdp_buf *text,
    size_t max)
{
	struct part p = { .section = section, .text = text };
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
write_puts(struct cdp_gather *g, struct cdp_buf *puts, struct cdp_buf *meta)
{
	size_t i, at, start = 0;
	uint64_t frame = 0;

	for (i = 0; i < g->nput; i++) {
		at = puts->n;
		cdp_put_line(
		    puts, g->put[i]->key, g->put[i]->val, g->put[i]->due_ms);
		if (at != start && puts->n - start > CDP_PUTS_FRAME) {
			frame++;
			start = at;
		}
		g->put[i]->frame = frame;
		g->put[i]->off = at - start;
		cdp_meta_put(
		    meta, frame, at - start, g->put[i]->key, g->put[i]->due_ms);
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
	cdp_buf_printf(meta, "\"cfg\":\"%.*s\",\"q\":%llu,", (int)cfg.n, cfg.p,
	    (unsigned long long)log->q + 1);
	cdp_buf_printf(
	    meta, "\"n\":%llu,\"hi\":", (unsigned long long)log->n + 1);
	cdp_highs_write(&log->hi, meta);
	cdp_buf_puts(meta, "}\n");
}

static int
pack(struct cdp_log *log, struct parts *ps, struct cdp_buf *ret,
    uint32_t *chain, struct cdp_err *err)
{
	struct cdp_frame_head h = { .epoch = log->e + 1,
		.chain = log->chain,
		.salt = log->active.head.salt };
	const struct cdp_dict *dict = log->active.dict;
	struct cdp_str raw;
	size_t i;
	int rc;

	cdp_buf_reset(ret);
	for (i = 0; i < ps->n; i++) {
		raw = (struct cdp_str){ ps->v[i].text->p + ps->v[i].off,
			ps->v[i].n };
		if (ps->v[i].text->over || raw.n > CDP_FRAME_MAX) {
			errno = 0;
			return cdp_fail(err, CDP_EIO,
			    "a record or an epoch is too long to be stored");
		}
		h.section = (uint8_t)ps->v[i].section;
		h.flags = i + 1 == ps->n ? CDP_FRAME_LAST : 0;
		if (dict != NULL && h.section != CDP_SECT_META)
			h.flags |= CDP_FRAME_DICT;
		h.off = ps->v[i].at = log->end + ret->n;
		h.records = ps->v[i].records;
		rc = cdp_zip_frame(log->zip, &h, raw, dict, ret, err);
		if (rc != 0)
			return rc;
		h.chain = h.hcrc;
	}
	*chain = h.chain;
	return 0;
}

/* A failed sync is never tried again: what it lost looks clean afterwards. */
static int
make_durable(struct cdp_log *log, const struct cdp_buf *b, struct cdp_err *err)
{
	const struct cdp_io *io = log->st->io;
	struct cdp_seg *sg = &log->active;
	int rc = cdp_seg_write(sg, b->p, b->n, log->end, err);

	if (rc == 0 && !log->lazy && io->fdatasync(sg->fd) != 0)
		rc = cdp_fail(err, CDP_EIO, "cannot sync '%s'", sg->name);
	if (rc == 0)
		return 0;
	log->dead = true;
	if (io->ftruncate(sg->fd, (off_t)log->end) != 0)
		return rc; /* the next open cuts it */
	return rc;
}

/* The states of the epoch that was just made durable. */
static void
index_puts(struct cdp_log *log, const struct parts *ps)
{
	const struct part *first = ps->v;
	const struct cdp_gput *p;
	size_t i;

	while (first < ps->v + ps->n && first->section != CDP_SECT_PUTS)
		first++;
	for (i = 0; i < log->g.nput; i++) {
		p = log->g.put[i];
		cdp_index_put(&log->ix, cdp_hash_keyed(log->st->secret, p->key),
		    CDP_LOC(first[p->frame].at, p->off), p->key, p->due_ms);
	}
}

static void
advance(struct cdp_log *log, size_t nbytes, uint32_t chain)
{
	struct cdp_epoch_at at = { log->q + 1, log->n + 1, log->end,
		log->e + 1 };

	cdp_index_epoch(&log->ix, &at);
	log->last_off = log->end;
	log->end += nbytes;
	log->chain = chain;
	log->e++;
	log->q += log->g.ninput;
	log->n = log->next_n - 1;
	snprintf(log->cfg, sizeof(log->cfg), "%.*s", (int)log->fingerprint.n,
	    log->fingerprint.p != NULL ? log->fingerprint.p : "");
	gather_reset(&log->g);
}

int
cdp_log_write_epoch(struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_gather *g = &log->g;
	struct cdp_buf meta = { 0 }, puts = { 0 };
	struct parts ps = { 0 };
	uint32_t chain = log->chain;
	int rc;

	end_input(g);
	end_counts(g);
	end_run(log);
	write_head(log, &meta);
	cdp_buf_put(&meta, cdp_buf_str(&g->in));
	cdp_buf_put(&meta, cdp_buf_str(&g->out));
	write_puts(g, &puts, &meta);
	cut(&ps, CDP_SECT_META, &meta, CDP_OUTS_FRAME);
	cut(&ps, CDP_SECT_PUTS, &puts, CDP_PUTS_FRAME);
	cut(&ps, CDP_SECT_OUTS, &g->outs, CDP_OUTS_FRAME);
	if ((rc = pack(log, &ps, &log->work, &chain, err)) == 0 &&
	    (rc = make_durable(log, &log->work, err)) == 0) {
		index_puts(log, &ps);
		advance(log, log->work.n, chain);
	}
	cdp_buf_free(&meta);
	cdp_buf_free(&puts);
	free(ps.v);
	return rc;
}

int
cdp_log_commit(struct cdp_log *log, struct cdp_err *err)
{
	int rc = 0;

	assert(!log->readonly && !log->dead);
	assert(log->g.ninput <= CDP_EPOCH_INPUTS);
	if (log->g.ninput != 0 || log->g.nput != 0)
		rc = cdp_log_write_epoch(log, err);
	if (rc == 0 &&
	    (log->end >= log->segment_bytes ||
		cdp_index_size(&log->ix) >= CDP_SEGMENT_ENTRIES))
		rc = cdp_log_roll(log, err);
	if (rc != 0)
		log->dead = true;
	return cdp_log_fault(log, rc, err);
}
