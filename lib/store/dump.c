#include "lib/json/write.h"
#include "lib/store/walk.h"

struct dump {
	int (*fn)(void *arg, struct cdp_str line);
	void *arg;
	bool hashes;
	struct cdp_buf line, whole;
	struct cdp_decoded dec;
};

static int
dump_state(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct dump *d = arg;

	cdp_buf_reset(&d->line);
	cdp_put_line(&d->line, key, val, due_ms);
	d->line.n--;
	return d->fn(d->arg, cdp_buf_str(&d->line));
}

static int
dump_input(struct dump *d, uint64_t i, const struct cdp_log_key *key)
{
	const struct cdp_din *di = &d->dec.in[i];
	const struct cdp_rec *r;
	struct cdp_buf *b = &d->line;
	size_t k;

	cdp_buf_reset(b);
	cdp_buf_printf(b, "{\"q\":%llu", (unsigned long long)(d->dec.q + i));
	if (key->o.n != 0) {
		cdp_buf_puts(b, ",\"in\":[");
		cdp_json_str(b, key->o);
		cdp_buf_printf(b, ",%llu]", (unsigned long long)key->n);
	} else if (d->hashes) {
		cdp_buf_puts(b, ",\"h\":\"");
		cdp_meta_hash(b, key->h);
		cdp_buf_putc(b, '"');
	}
	if (di->gone != 0)
		cdp_buf_printf(
		    b, ",\"gone\":%llu", (unsigned long long)di->gone);
	cdp_buf_puts(b, ",\"out\":[");
	for (k = 0; k < di->nrec; k++) {
		r = &d->dec.rec[di->rec + k];
		cdp_json_comma(b);
		cdp_buf_printf(
		    b, "{\"n\":%llu", (unsigned long long)(di->n + k));
		if (r->kind == CDP_REC_GONE)
			cdp_buf_puts(b, ",\"gone\":true");
		if (r->json.n != 0)
			cdp_json_kraw(b,
			    r->kind == CDP_REC_LINE ? "line" : "set",
			    cdp_rec_whole(r, &d->whole));
		cdp_buf_putc(b, '}');
	}
	cdp_buf_puts(b, "]}");
	return d->fn(d->arg, cdp_buf_str(b));
}

static int
dump_epoch(struct cdp_log *log, size_t seg, void *arg, struct cdp_err *err)
{
	struct cdp_meta_reader *r = &log->meta;
	struct dump *d = arg;
	struct cdp_log_key key;
	struct cdp_meta m;
	uint64_t i = 0, k;
	int rc = cdp_log_decode(
	    log, cdp_log_seg(log, seg, &k), &log->ep, &d->dec, err);

	if (rc != 0)
		return rc;
	cdp_meta_start(r, cdp_buf_str(&log->ep.meta));
	while (rc == 0 && cdp_meta_next(r, &m) == 0) {
		key = (struct cdp_log_key){ 0 };
		if (m.kind == CDP_META_OLD)
			for (k = m.count; rc == 0 && k != 0; k--)
				rc = dump_input(d, i++, &key);
		key.h = m.h;
		if (m.kind == CDP_META_HASH)
			rc = dump_input(d, i++, &key);
		key = (struct cdp_log_key){ .o = m.o, .n = m.from };
		if (m.kind == CDP_META_IN)
			for (; rc == 0 && key.n <= m.to; key.n++)
				rc = dump_input(d, i++, &key);
	}
	return rc;
}

int
cdp_log_lines(struct cdp_log *log, bool hashes,
    int (*fn)(void *arg, struct cdp_str line), void *arg, struct cdp_err *err)
{
	struct dump d = { .fn = fn, .arg = arg, .hashes = hashes };
	size_t i;
	int rc = cdp_log_each(log, dump_state, &d, err);

	for (i = 0; rc == 0 && i <= log->nsealed; i++)
		rc = cdp_log_fault(
		    log, cdp_log_walk(log, i, dump_epoch, &d, err), err);
	cdp_buf_free(&d.line);
	cdp_buf_free(&d.whole);
	cdp_decoded_free(&d.dec);
	return rc;
}

struct outputs {
	int (*fn)(void *arg, uint64_t n, const struct cdp_rec *rec);
	void *arg;
	struct cdp_decoded dec;
	struct cdp_buf whole;
};

static int
tell_one(struct outputs *o, uint64_t n, struct cdp_rec r)
{
	r.json = cdp_rec_whole(&r, &o->whole);
	r.with = (struct cdp_str){ 0 };
	return o->fn(o->arg, n, &r);
}

static int
tell_outputs(struct cdp_log *log, size_t seg, void *arg, struct cdp_err *err)
{
	struct outputs *o = arg;
	uint64_t k;
	int rc = cdp_log_decode(
	    log, cdp_log_seg(log, seg, &k), &log->ep, &o->dec, err);

	for (size_t i = 0; rc == 0 && i < o->dec.nin; i++)
		for (k = 0; rc == 0 && k < o->dec.in[i].nrec; k++)
			rc = tell_one(o, o->dec.in[i].n + k,
			    o->dec.rec[o->dec.in[i].rec + k]);
	return rc;
}

int
cdp_log_outputs(struct cdp_log *log,
    int (*fn)(void *arg, uint64_t n, const struct cdp_rec *rec), void *arg,
    struct cdp_err *err)
{
	struct outputs o = { .fn = fn, .arg = arg };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i <= log->nsealed; i++)
		rc = cdp_log_fault(
		    log, cdp_log_walk(log, i, tell_outputs, &o, err), err);
	cdp_decoded_free(&o.dec);
	cdp_buf_free(&o.whole);
	return rc;
}

int
cdp_log_dump(struct cdp_store *st, const char *stage,
    int (*fn)(void *arg, struct cdp_str line), void *arg, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = stage, .readonly = true };
	struct cdp_log *log;
	int rc = cdp_log_open(st, &opt, &log, err);

	if (rc != 0)
		return rc;
	rc = cdp_log_lines(log, false, fn, arg, err);
	cdp_log_close(log);
	return rc;
}
