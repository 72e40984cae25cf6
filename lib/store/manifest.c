#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/base/time.h"
#include "lib/json/write.h"
#include "lib/store/manifest.h"
#include "lib/store/text.h"

void
cdp_highs_raise(struct cdp_highs *hs, struct cdp_str o, uint64_t n)
{
	size_t i;

	for (i = 0; i < hs->n; i++)
		if (cdp_str_is(o, hs->v[i].o)) {
			if (hs->v[i].n < n)
				hs->v[i].n = n;
			return;
		}
	hs->v = cdp_xreallocarray(hs->v, hs->n + 1, sizeof(*hs->v));
	hs->v[hs->n++] = (struct cdp_high){ cdp_xstrndup(o), n };
}

uint64_t
cdp_highs_get(const struct cdp_highs *hs, struct cdp_str o)
{
	size_t i;

	for (i = 0; i < hs->n; i++)
		if (cdp_str_is(o, hs->v[i].o))
			return hs->v[i].n;
	return 0;
}

void
cdp_highs_write(const struct cdp_highs *hs, struct cdp_buf *b)
{
	size_t i;

	cdp_buf_putc(b, '{');
	for (i = 0; i < hs->n; i++) {
		cdp_json_comma(b);
		cdp_json_str(b, cdp_str_of(hs->v[i].o));
		cdp_buf_putc(b, ':');
		cdp_buf_u64(b, hs->v[i].n);
	}
	cdp_buf_putc(b, '}');
}

bool
cdp_highs_read(struct cdp_highs *hs, const struct cdp_tape *t, uint32_t at)
{
	struct cdp_arena mem = { 0 };
	uint32_t it = 0, key, val;
	bool ok = cdp_tape_isa(t, at, CDP_OBJECT);
	int64_t n;

	while (ok && cdp_tape_next(t, at, &it, &key, &val)) {
		ok = cdp_tape_i64(t, val, &n) && n >= 0;
		if (ok)
			cdp_highs_raise(
			    hs, cdp_tape_str(t, key, &mem), (uint64_t)n);
	}
	cdp_arena_free(&mem);
	return ok;
}

void
cdp_highs_free(struct cdp_highs *hs)
{
	size_t i;

	for (i = 0; i < hs->n; i++)
		free(hs->v[i].o);
	free(hs->v);
	*hs = (struct cdp_highs){ 0 };
}

struct cdp_manifest_seg *
cdp_manifest_add(struct cdp_manifest *m)
{
	m->seg = cdp_xreallocarray(m->seg, m->nseg + 1, sizeof(*m->seg));
	m->seg[m->nseg] = (struct cdp_manifest_seg){ 0 };
	return &m->seg[m->nseg++];
}

void
cdp_manifest_free(struct cdp_manifest *m)
{
	free(m->seg);
	cdp_highs_free(&m->hi);
	*m = (struct cdp_manifest){ 0 };
}

static bool
get(const struct cdp_tape *t, const char *key, uint64_t *ret)
{
	int64_t v;

	if (!cdp_tape_i64(t, cdp_tape_get(t, 0, cdp_str_of(key)), &v) || v < 0)
		return false;
	*ret = (uint64_t)v;
	return true;
}

static bool
read_head(struct cdp_manifest *m, const struct cdp_tape *t)
{
	struct cdp_arena mem = { 0 };
	struct cdp_str cfg =
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("cfg")), &mem);
	uint64_t version;
	uint32_t at;
	bool ok = get(t, "cdp_log", &version) && version == 1 &&
	    get(t, "gen", &m->gen) && cfg.n < sizeof(m->cfg) &&
	    cdp_highs_read(&m->hi, t, cdp_tape_get(t, 0, CDP_STR("hi")));

	if (ok && cfg.n != 0)
		memcpy(m->cfg, cfg.p, cfg.n);
	at = cdp_tape_get(t, 0, CDP_STR("t"));
	if (at != CDP_NOTOK)
		ok = ok && cdp_tape_i64(t, at, &m->t_ms);
	cdp_arena_free(&mem);
	return ok;
}

static bool
read_seg(struct cdp_manifest *m, const struct cdp_tape *t)
{
	struct cdp_manifest_seg *s = cdp_manifest_add(m);

	return get(t, "seg", &s->no) && get(t, "size", &s->size) &&
	    get(t, "epoch", &s->epoch) && get(t, "last", &s->last) &&
	    get(t, "q", &s->q) && get(t, "n", &s->nrec);
}

int
cdp_manifest_read(const struct cdp_io *io, int dir, struct cdp_manifest *ret,
    struct cdp_err *err)
{
	struct cdp_manifest m = { .t_ms = CDP_TIME_NONE };
	struct cdp_buf b = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_str s, line;
	bool ok, first = true;
	int rc = cdp_text_read(io, dir, "MANIFEST", &b, err);

	if (rc != 0)
		goto out;
	s = cdp_buf_str(&b);
	ok = true;
	while (ok && cdp_text_line(&s, &line)) {
		ok = cdp_tape_parse(&t, line, NULL) == 0 &&
		    (first ? read_head(&m, &t) : read_seg(&m, &t));
		first = false;
	}
	if (!ok || m.nseg == 0 || m.seg[m.nseg - 1].size != 0) {
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "'MANIFEST' is of a form that is not known");
		goto out;
	}
	*ret = m;
	m = (struct cdp_manifest){ 0 }; /* handed over */
out:
	cdp_manifest_free(&m);
	cdp_tape_free(&t);
	cdp_buf_free(&b);
	return rc;
}

int
cdp_manifest_write(const struct cdp_io *io, int dir,
    const struct cdp_manifest *m, struct cdp_err *err)
{
	const struct cdp_manifest_seg *s;
	struct cdp_buf b = { 0 };
	size_t i;
	int rc;

	cdp_buf_printf(&b, "{\"cdp_log\":1,\"gen\":%llu,\"cfg\":\"%s\",",
	    (unsigned long long)m->gen, m->cfg);
	if (m->t_ms != CDP_TIME_NONE)
		cdp_buf_printf(&b, "\"t\":%lld,", (long long)m->t_ms);
	cdp_buf_puts(&b, "\"hi\":");
	cdp_highs_write(&m->hi, &b);
	cdp_buf_puts(&b, "}\n");
	for (i = 0; i < m->nseg; i++) {
		s = &m->seg[i];
		cdp_buf_printf(&b,
		    "{\"seg\":%llu,\"size\":%llu,\"epoch\":%llu,"
		    "\"last\":%llu,\"q\":%llu,\"n\":%llu}\n",
		    (unsigned long long)s->no, (unsigned long long)s->size,
		    (unsigned long long)s->epoch, (unsigned long long)s->last,
		    (unsigned long long)s->q, (unsigned long long)s->nrec);
	}
	rc = cdp_text_write(io, dir, "MANIFEST", &b, err);
	cdp_buf_free(&b);
	return rc;
}
