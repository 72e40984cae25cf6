#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/store/idx.h"

#define HEAD 104
#define KEY 24    /* u64 lo, hi, place */
#define SEEN 24   /* u64 lo, hi, q */
#define SPAN 24   /* u64 from, to, q */
#define ORIGIN 32 /* u64 first span, spans, name's place, name's length */
#define EPOCH 32  /* u64 q, n, offset, epoch */
#define DUE 40    /* u64 hash, place, i64 due, u64 key's place and length */

static const char idx_name[8] = "CDPIDX1\n";

static void
add64(struct cdp_buf *b, uint64_t v)
{
	char *p = cdp_buf_room(b, 8);

	if (p != NULL) {
		cdp_le64_put(p, v);
		b->n += 8;
	}
}

static int
cmp_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
cmp_slot(const void *a, const void *b)
{
	const struct cdp_slot *x = a, *y = b;
	int c = cmp_u64(x->lo, y->lo);

	return c != 0 ? c : cmp_u64(x->hi, y->hi);
}

/* The used slots, sorted; to be freed. */
static struct cdp_slot *
sorted(const struct cdp_slots *t)
{
	struct cdp_slot *v = cdp_xreallocarray(NULL, t->n + 1, sizeof(*v));
	size_t i, n = 0;

	for (i = 0; i < t->cap; i++)
		if (t->v[i].val != 0)
			v[n++] = t->v[i];
	qsort(v, n, sizeof(*v), cmp_slot);
	return v;
}

static void
build_slots(const struct cdp_index *ix, struct cdp_buf *ret)
{
	struct cdp_slot *v = sorted(&ix->keys);
	size_t i;

	for (i = 0; i < ix->keys.n; i++) {
		add64(ret, v[i].lo);
		add64(ret, v[i].hi);
		add64(ret, v[i].val);
	}
	free(v);
	v = sorted(&ix->seen);
	for (i = 0; i < ix->seen.n; i++) {
		add64(ret, v[i].lo);
		add64(ret, v[i].hi);
		add64(ret, v[i].val);
	}
	free(v);
}

static void
build_spans(
    const struct cdp_index *ix, struct cdp_buf *ret, struct cdp_buf *blob)
{
	const struct cdp_origin *g;
	uint64_t first = 0;
	size_t i, k;

	for (i = 0; i < ix->norigin; i++)
		for (g = &ix->origin[i], k = 0; k < g->n; k++) {
			add64(ret, g->v[k].from);
			add64(ret, g->v[k].to);
			add64(ret, g->v[k].q);
		}
	for (i = 0; i < ix->norigin; i++) {
		g = &ix->origin[i];
		add64(ret, first);
		add64(ret, g->n);
		add64(ret, blob->n);
		add64(ret, g->o.n);
		cdp_buf_put(blob, g->o);
		first += g->n;
	}
}

/* Only what is still the newest in this segment. */
static uint64_t
build_due(const struct cdp_index *ix, struct cdp_buf *ret, struct cdp_buf *blob)
{
	const struct cdp_due_at *d;
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < ix->ndue; i++) {
		d = &ix->due[i];
		if (cdp_index_loc(ix, d->h) != d->loc)
			continue;
		add64(ret, d->h.lo);
		add64(ret, d->loc);
		add64(ret, (uint64_t)d->due_ms);
		add64(ret, blob->n);
		add64(ret, d->key.n);
		cdp_buf_put(blob, d->key);
		n++;
	}
	return n;
}

void
cdp_idx_build(const struct cdp_index *ix, const struct cdp_seg_head *sg,
    struct cdp_buf *ret)
{
	struct cdp_buf blob = { 0 };
	uint8_t h[HEAD] = { 0 };
	uint64_t ndue;
	size_t i;

	cdp_buf_reset(ret);
	cdp_buf_put(ret, (struct cdp_str){ (char *)h, HEAD });
	build_slots(ix, ret);
	build_spans(ix, ret, &blob);
	for (i = 0; i < ix->nepoch; i++) {
		add64(ret, ix->epoch[i].q);
		add64(ret, ix->epoch[i].n);
		add64(ret, ix->epoch[i].off);
		add64(ret, ix->epoch[i].no);
	}
	ndue = build_due(ix, ret, &blob);
	cdp_buf_put(ret, cdp_buf_str(&blob));
	memcpy(h, idx_name, sizeof(idx_name));
	cdp_le64_put(h + 8, sg->no);
	memcpy(h + 16, sg->uuid, sizeof(sg->uuid));
	cdp_le32_put(h + 32, sg->salt);
	cdp_le32_put(h + 36, cdp_crc32c(0, ret->p + HEAD, ret->n - HEAD));
	cdp_le64_put(h + 40, ix->keys.n);
	cdp_le64_put(h + 48, ix->seen.n);
	cdp_le64_put(h + 56, ix->nspan);
	cdp_le64_put(h + 64, ix->norigin);
	cdp_le64_put(h + 72, ix->nepoch);
	cdp_le64_put(h + 80, ndue);
	cdp_le64_put(h + 88, blob.n);
	cdp_le32_put(h + 100, cdp_crc32c(0, h, 100));
	memcpy(ret->p, h, HEAD);
	cdp_buf_free(&blob);
}

/* Find the arrays; false unless they fill the file exactly. */
static bool
lay_out(struct cdp_idx *x)
{
	const uint8_t *at = x->p + HEAD, *end = x->p + x->n;
	struct {
		const uint8_t **p;
		uint64_t *n;
		size_t size;
	} part[] = { { &x->key, &x->nkey, KEY }, { &x->seen, &x->nseen, SEEN },
		{ &x->span, &x->nspan, SPAN },
		{ &x->origin, &x->norigin, ORIGIN },
		{ &x->epoch, &x->nepoch, EPOCH }, { &x->due, &x->ndue, DUE },
		{ &x->blob, &x->nblob, 1 } };
	size_t i;

	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		*part[i].n = cdp_le64(x->p + 40 + 8 * i);
		if (*part[i].n > (uint64_t)(end - at) / part[i].size)
			return false;
		*part[i].p = at;
		at += *part[i].n * part[i].size;
	}
	return at == end;
}

static bool
fits(struct cdp_idx *x, const struct cdp_seg_head *sg, bool full)
{
	return x->n >= HEAD && memcmp(x->p, idx_name, sizeof(idx_name)) == 0 &&
	    cdp_le32(x->p + 100) == cdp_crc32c(0, x->p, 100) &&
	    cdp_le64(x->p + 8) == sg->no &&
	    memcmp(x->p + 16, sg->uuid, sizeof(sg->uuid)) == 0 &&
	    cdp_le32(x->p + 32) == sg->salt && lay_out(x) &&
	    (!full ||
		cdp_le32(x->p + 36) == cdp_crc32c(0, x->p + HEAD, x->n - HEAD));
}

int
cdp_idx_open(const struct cdp_io *io, int dir, const char *name,
    const struct cdp_seg_head *sg, bool full, struct cdp_idx *ret)
{
	struct cdp_idx x = { .mapped = true };
	struct stat sb;
	void *p;
	int fd = io->openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);

	if (fd == -1)
		return CDP_END;
	if (fstat(fd, &sb) != 0 || sb.st_size < HEAD) {
		io->close(fd);
		return CDP_END;
	}
	p = mmap(NULL, (size_t)sb.st_size, PROT_READ, MAP_SHARED, fd, 0);
	io->close(fd);
	if (p == MAP_FAILED)
		return CDP_END;
	x.p = p;
	x.n = (size_t)sb.st_size;
	if (!fits(&x, sg, full)) {
		cdp_idx_close(&x);
		return CDP_END;
	}
	if (full) /* the sum touched every page; they need not stay */
		(void)madvise(x.p, x.n, MADV_DONTNEED);
	*ret = x;
	return 0;
}

void
cdp_idx_take(struct cdp_buf *b, struct cdp_idx *ret)
{
	*ret = (struct cdp_idx){ .p = (uint8_t *)b->p, .n = b->n };
	*b = (struct cdp_buf){ 0 };
	lay_out(ret);
}

void
cdp_idx_close(struct cdp_idx *x)
{
	if (x->mapped && x->p != NULL)
		munmap(x->p, x->n);
	else
		free(x->p);
	*x = (struct cdp_idx){ 0 };
}

/* The first of n entries of a size whose first number is at least v. */
static uint64_t
lower(const uint8_t *p, uint64_t n, size_t size, uint64_t v)
{
	uint64_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (cdp_le64(p + mid * size) < v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct cdp_hash128
cdp_idx_hash(const struct cdp_idx *x, uint64_t i)
{
	const uint8_t *p = x->key + i * KEY;

	return (struct cdp_hash128){ .lo = cdp_le64(p), .hi = cdp_le64(p + 8) };
}

uint64_t
cdp_idx_place(const struct cdp_idx *x, uint64_t i)
{
	return cdp_le64(x->key + i * KEY + 16);
}

uint64_t
cdp_idx_find_key(const struct cdp_idx *x, struct cdp_hash128 h)
{
	uint64_t at = lower(x->key, x->nkey, KEY, h.lo);
	struct cdp_hash128 have;

	for (; at < x->nkey; at++) {
		have = cdp_idx_hash(x, at);
		if (have.lo != h.lo)
			break;
		if (have.hi == h.hi)
			return at;
	}
	return x->nkey;
}

uint64_t
cdp_idx_loc(const struct cdp_idx *x, struct cdp_hash128 h)
{
	uint64_t at = cdp_idx_find_key(x, h);

	return at == x->nkey ? 0 : cdp_idx_place(x, at);
}

static uint64_t
where_hash(const struct cdp_idx *x, struct cdp_hash128 h)
{
	uint64_t at = lower(x->seen, x->nseen, SEEN, h.lo);
	const uint8_t *p;

	for (; at < x->nseen; at++) {
		p = x->seen + at * SEEN;
		if (cdp_le64(p) != h.lo)
			break;
		if (cdp_le64(p + 8) == h.hi)
			return cdp_le64(p + 16);
	}
	return 0;
}

static struct cdp_str
blob(const struct cdp_idx *x, uint64_t off, uint64_t n)
{
	if (off > x->nblob || n > x->nblob - off)
		return (struct cdp_str){ 0 };
	return (struct cdp_str){ (const char *)x->blob + off, (size_t)n };
}

static uint64_t
where_span(const struct cdp_idx *x, uint64_t first, uint64_t n, uint64_t want)
{
	const uint8_t *p = x->span + first * SPAN;
	uint64_t at;

	if (first > x->nspan || n > x->nspan - first)
		return 0;
	at = lower(p, n, SPAN, want);
	if (at == n || cdp_le64(p + at * SPAN) != want) {
		if (at == 0)
			return 0;
		at--;
	}
	p += at * SPAN;
	return cdp_le64(p + 8) < want ? 0
				      : cdp_le64(p + 16) + (want - cdp_le64(p));
}

uint64_t
cdp_idx_where(const struct cdp_idx *x, const struct cdp_log_key *key)
{
	const uint8_t *p;
	uint64_t i;

	if (key->n == 0)
		return where_hash(x, key->h);
	for (i = 0; i < x->norigin; i++) {
		p = x->origin + i * ORIGIN;
		if (cdp_str_eq(
			blob(x, cdp_le64(p + 16), cdp_le64(p + 24)), key->o))
			return where_span(
			    x, cdp_le64(p), cdp_le64(p + 8), key->n);
	}
	return 0;
}

bool
cdp_idx_find(const struct cdp_idx *x, uint64_t q, struct cdp_epoch_at *ret)
{
	uint64_t at = lower(x->epoch, x->nepoch, EPOCH, q + 1);
	const uint8_t *p;

	if (at == 0)
		return false;
	p = x->epoch + (at - 1) * EPOCH;
	*ret = (struct cdp_epoch_at){ cdp_le64(p), cdp_le64(p + 8),
		cdp_le64(p + 16), cdp_le64(p + 24) };
	return true;
}

void
cdp_idx_due(const struct cdp_idx *x, uint64_t i, struct cdp_due_at *ret)
{
	const uint8_t *p = x->due + i * DUE;

	*ret = (struct cdp_due_at){ .h = { .lo = cdp_le64(p) },
		.loc = cdp_le64(p + 8),
		.due_ms = (int64_t)cdp_le64(p + 16),
		.key = blob(x, cdp_le64(p + 24), cdp_le64(p + 32)) };
}
