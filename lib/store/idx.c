#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/base/mem.h"
#include "lib/store/idx.h"

/* ---- the file ---- */

/* Blocks are those of the file; the head is not in the first. */
static uint64_t
nblock(const struct cdp_idx *x)
{
	size_t end = (size_t)(x->sum - x->p);

	return end == CDP_IDX_HEAD ? 0 : (end - 1) / CDP_IDX_BLOCK + 1;
}

/* Find the arrays; false unless they fill the file exactly. */
static bool
lay_out(struct cdp_idx *x)
{
	const uint8_t *at = x->p + CDP_IDX_HEAD, *end = x->p + x->n;
	struct {
		const uint8_t **p;
		uint64_t *n;
		size_t size;
	} part[] = { { &x->keyline, &x->nkeyline, CDP_IDX_LINE },
		{ &x->seenline, &x->nseenline, CDP_IDX_LINE },
		{ &x->key, &x->nkey, CDP_IDX_ENTRY(x->p[120]) },
		{ &x->seen, &x->nseen, CDP_IDX_ENTRY(x->p[121]) },
		{ &x->span, &x->nspan, CDP_IDX_SPAN },
		{ &x->origin, &x->norigin, CDP_IDX_ORIGIN },
		{ &x->epoch, &x->nepoch, CDP_IDX_EPOCH },
		{ &x->due, &x->ndue, CDP_IDX_DUE },
		{ &x->blob, &x->nblob, 1 } };
	size_t i;

	for (i = 2; i < sizeof(part) / sizeof(part[0]); i++) {
		*part[i].n = cdp_le64(x->p + 24 + 8 * i);
		if (*part[i].n > x->n)
			return false;
	}
	if (x->p[120] - 1u > 7 || x->p[121] - 1u > 7)
		return false;
	x->keysize = part[2].size;
	x->seensize = part[3].size;
	x->nput = cdp_le64(x->p + 96);
	x->nunsynced = cdp_le64(x->p + 104);
	x->least = cdp_le64(x->p + 112);
	x->nkeyline = CDP_IDX_LINES(x->nkey);
	x->nseenline = CDP_IDX_LINES(x->nseen);
	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (*part[i].n > (uint64_t)(end - at) / part[i].size)
			return false;
		*part[i].p = at;
		at += *part[i].n * part[i].size;
	}
	x->sum = at;
	return (uint64_t)(end - at) == 4 * nblock(x);
}

static bool
fits(struct cdp_idx *x, const struct cdp_seg_head *sg)
{
	return x->n >= CDP_IDX_HEAD &&
	    memcmp(x->p, cdp_idx_magic, sizeof(cdp_idx_magic)) == 0 &&
	    cdp_le32(x->p + 124) == cdp_crc32c(0, x->p, 124) &&
	    cdp_le64(x->p + 8) == sg->no &&
	    memcmp(x->p + 16, sg->uuid, sizeof(sg->uuid)) == 0 &&
	    cdp_le32(x->p + 32) == sg->salt && lay_out(x) &&
	    cdp_le32(x->p + 36) == cdp_crc32c(0, x->sum, 4 * nblock(x));
}

int
cdp_idx_open(const struct cdp_io *io, int dir, const char *name,
    const struct cdp_seg_head *sg, struct cdp_idx *ret)
{
	struct cdp_idx x = { .mapped = true };
	struct stat sb;
	void *p;
	int fd = io->openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);

	if (fd == -1)
		return CDP_END;
	if (fstat(fd, &sb) != 0 || sb.st_size < CDP_IDX_HEAD) {
		io->close(fd);
		return CDP_END;
	}
	p = mmap(NULL, (size_t)sb.st_size, PROT_READ, MAP_SHARED, fd, 0);
	io->close(fd);
	if (p == MAP_FAILED)
		return CDP_END;
	x.p = p;
	x.n = (size_t)sb.st_size;
	if (!fits(&x, sg)) {
		cdp_idx_close(&x);
		return CDP_END;
	}
	/* Looks go here and there: what stands around them is of no use. */
	(void)madvise(x.p, x.n, MADV_RANDOM);
	x.ok = cdp_xcalloc(nblock(&x) / 8 + 1, 1);
	*ret = x;
	return 0;
}

void
cdp_idx_take(struct cdp_buf *b, struct cdp_idx *ret)
{
	*ret = (struct cdp_idx){ .p = (uint8_t *)b->p, .n = b->n, .built = *b };
	*b = (struct cdp_buf){ 0 };
	lay_out(ret);
}

void
cdp_idx_close(struct cdp_idx *x)
{
	if (x->mapped && x->p != NULL)
		munmap(x->p, x->n);
	cdp_buf_free(&x->built);
	free(x->ok);
	*x = (struct cdp_idx){ 0 };
}

/* ---- what is sound ---- */

static bool
check_block(struct cdp_idx *x, uint64_t i)
{
	uint64_t at = i * CDP_IDX_BLOCK, end = at + CDP_IDX_BLOCK;
	uint64_t all = (uint64_t)(x->sum - x->p);

	at = at < CDP_IDX_HEAD ? CDP_IDX_HEAD : at;
	end = end < all ? end : all;
	if (cdp_crc32c(0, x->p + at, end - at) != cdp_le32(x->sum + 4 * i)) {
		x->bad = true;
		return false;
	}
	x->ok[i / 8] |= (uint8_t)(1 << i % 8);
	return true;
}

/* Whether these bytes may be believed; must come before they are looked at. */
static bool
sound(struct cdp_idx *x, const uint8_t *p, size_t n)
{
	uint64_t i, last;

	if (x->ok == NULL)
		return true;
	i = (uint64_t)(p - x->p) / CDP_IDX_BLOCK;
	last = (uint64_t)(p - x->p + (ptrdiff_t)n - 1) / CDP_IDX_BLOCK;
	for (; i <= last; i++)
		if ((x->ok[i / 8] & 1 << i % 8) == 0 && !check_block(x, i))
			return false;
	return true;
}

bool
cdp_idx_sound(struct cdp_idx *x)
{
	uint64_t i, n;

	if (x->ok == NULL)
		return true;
	(void)madvise(x->p, x->n, MADV_NORMAL);
	for (i = 0, n = nblock(x); i < n; i++)
		if ((x->ok[i / 8] & 1 << i % 8) == 0 && !check_block(x, i))
			return false;
	(void)madvise(x->p, x->n, MADV_RANDOM);
	cdp_idx_forget(x);
	return true;
}

void
cdp_idx_forget(struct cdp_idx *x)
{
	if (x->mapped)
		(void)madvise(x->p, x->n, MADV_DONTNEED);
}

/* ---- looking ---- */

/* The number that entry i of a size begins with. */
static bool
number(
    struct cdp_idx *x, const uint8_t *p, uint64_t i, size_t size, uint64_t *ret)
{
	if (!sound(x, p + i * size, size))
		return false;
	*ret = cdp_le64(p + i * size);
	return true;
}

/* The first in [lo, hi) that begins with v or more, or hi. */
static uint64_t
lower(struct cdp_idx *x, const uint8_t *p, uint64_t lo, uint64_t hi,
    size_t size, uint64_t v)
{
	uint64_t mid, got;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (!number(x, p, mid, size, &got))
			return hi;
		if (got < v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

#define STEP 128 /* entries, half a block and more */

/*
 * The same of all n, which are hashes: v stands about where its share of all
 * numbers is, so a few blocks around there are looked at, not one a step.
 */
static uint64_t
lower_hash(
    struct cdp_idx *x, const uint8_t *p, uint64_t n, size_t size, uint64_t v)
{
	uint64_t lo = (uint64_t)((unsigned __int128)v * n >> 64), hi = lo;
	uint64_t step = STEP, got;

	if (n == 0 || !number(x, p, lo, size, &got))
		return n;
	if (got < v) {
		for (; hi < n && got < v; step *= 2) {
			lo = hi + 1;
			hi = step < n - hi ? hi + step : n;
			if (hi < n && !number(x, p, hi, size, &got))
				return n;
		}
	} else {
		for (; lo != 0 && got >= v; step *= 2) {
			hi = lo;
			lo = step < lo ? lo - step : 0;
			if (!number(x, p, lo, size, &got))
				return n;
		}
	}
	return lower(x, p, lo, hi, size, v);
}

static struct cdp_hash128
hash_at(const uint8_t *p)
{
	return (struct cdp_hash128){ .lo = cdp_le64(p), .hi = cdp_le64(p + 8) };
}

/* The number behind the hash at p: the last bytes of the entry, not beyond. */
static uint64_t
number_at(const uint8_t *p, size_t size)
{
	return cdp_le64(p + size - 8) >> 8 * (CDP_IDX_ENTRY(8) - size);
}

struct cdp_hash128
cdp_idx_hash(const struct cdp_idx *x, uint64_t i)
{
	return hash_at(x->key + i * x->keysize);
}

uint64_t
cdp_idx_place(const struct cdp_idx *x, uint64_t i)
{
	return number_at(x->key + i * x->keysize, x->keysize);
}

void
cdp_idx_hint(const struct cdp_idx *x, struct cdp_hash128 h, bool seen)
{
	const uint8_t *p = seen ? x->seenline : x->keyline;
	uint64_t n = seen ? x->nseenline : x->nkeyline;

	__builtin_prefetch(p + cdp_idx_line(h, n) * CDP_IDX_LINE);
}

/* Whether the hash may be there, by the filter of n lines at p. */
static bool
may_have(struct cdp_idx *x, const uint8_t *p, uint64_t n, struct cdp_hash128 h)
{
	uint64_t bit;
	unsigned k;

	if (n == 0)
		return false;
	p += cdp_idx_line(h, n) * CDP_IDX_LINE;
	if (!sound(x, p, CDP_IDX_LINE))
		return false;
	for (k = 0; k < 7; k++) {
		bit = cdp_idx_bit(h, k);
		if ((p[bit / 8] & 1 << bit % 8) == 0)
			return false;
	}
	return true;
}

/* The entry of a hash among n of this size, or n. */
static uint64_t
find_hash(struct cdp_idx *x, const uint8_t *p, uint64_t n, size_t size,
    struct cdp_hash128 h)
{
	uint64_t at = lower_hash(x, p, n, size, h.lo), lo;

	for (; at < n && number(x, p, at, size, &lo) && lo == h.lo; at++)
		if (cdp_hash_is(hash_at(p + at * size), h))
			return at;
	return n;
}

uint64_t
cdp_idx_find_key(struct cdp_idx *x, struct cdp_hash128 h)
{
	return may_have(x, x->keyline, x->nkeyline, h)
	    ? find_hash(x, x->key, x->nkey, x->keysize, h)
	    : x->nkey;
}

uint64_t
cdp_idx_loc(struct cdp_idx *x, struct cdp_hash128 h)
{
	uint64_t at = cdp_idx_find_key(x, h);

	return at == x->nkey ? 0 : cdp_idx_place(x, at);
}

/* The entry of a hashed input, or NULL. */
static const uint8_t *
find_seen(struct cdp_idx *x, struct cdp_hash128 h)
{
	uint64_t at = x->nseen;

	if (may_have(x, x->seenline, x->nseenline, h))
		at = find_hash(x, x->seen, x->nseen, x->seensize, h);
	return at == x->nseen ? NULL : x->seen + at * x->seensize;
}

static uint64_t
where_hash(struct cdp_idx *x, struct cdp_hash128 h)
{
	const uint8_t *p = find_seen(x, h);

	return p == NULL ? 0 : x->least + number_at(p, x->seensize);
}

bool
cdp_idx_hashed(struct cdp_idx *x, struct cdp_hash128 h, struct cdp_hash128 *ret)
{
	const uint8_t *p = find_seen(x, h);

	if (p != NULL)
		*ret = hash_at(p);
	return p != NULL;
}

/* What stands at p: a place and a length. */
static struct cdp_str
blob(struct cdp_idx *x, const uint8_t *p)
{
	uint64_t off = cdp_le64(p), n = cdp_le64(p + 8);

	if (off > x->nblob || n > x->nblob - off || n == 0 ||
	    !sound(x, x->blob + off, n))
		return (struct cdp_str){ 0 };
	return (struct cdp_str){ (const char *)x->blob + off, (size_t)n };
}

static uint64_t
where_span(struct cdp_idx *x, uint64_t first, uint64_t n, uint64_t want)
{
	const uint8_t *p;
	uint64_t at;

	if (first > x->nspan || n > x->nspan - first)
		return 0;
	p = x->span + first * CDP_IDX_SPAN;
	at = lower(x, p, 0, n, CDP_IDX_SPAN, want + 1);
	if (at == 0)
		return 0;
	p += (at - 1) * CDP_IDX_SPAN;
	if (!sound(x, p, CDP_IDX_SPAN) || cdp_le64(p) > want ||
	    cdp_le64(p + 8) < want)
		return 0;
	return cdp_le64(p + 16) + (want - cdp_le64(p));
}

uint64_t
cdp_idx_where(struct cdp_idx *x, const struct cdp_log_key *key)
{
	const uint8_t *p;
	uint64_t i;

	if (key->n == 0)
		return where_hash(x, key->h);
	for (i = 0; i < x->norigin; i++) {
		p = x->origin + i * CDP_IDX_ORIGIN;
		if (!sound(x, p, CDP_IDX_ORIGIN))
			return 0;
		if (cdp_str_eq(blob(x, p + 16), key->o))
			return where_span(
			    x, cdp_le64(p), cdp_le64(p + 8), key->n);
	}
	return 0;
}

bool
cdp_idx_find(struct cdp_idx *x, uint64_t q, struct cdp_epoch_at *ret)
{
	uint64_t at = lower(x, x->epoch, 0, x->nepoch, CDP_IDX_EPOCH, q + 1);
	const uint8_t *p;

	if (at == 0 || x->bad)
		return false;
	p = x->epoch + (at - 1) * CDP_IDX_EPOCH;
	if (!sound(x, p, CDP_IDX_EPOCH))
		return false;
	*ret = (struct cdp_epoch_at){ cdp_le64(p), cdp_le64(p + 8),
		cdp_le64(p + 16), cdp_le64(p + 24) };
	return true;
}

bool
cdp_idx_due(struct cdp_idx *x, uint64_t i, struct cdp_due_at *ret)
{
	const uint8_t *p = x->due + i * CDP_IDX_DUE;

	if (!sound(x, p, CDP_IDX_DUE))
		return false;
	*ret = (struct cdp_due_at){ .h = { .lo = cdp_le64(p),
					.hi = cdp_le64(p + 8) },
		.due_ms = (int64_t)cdp_le64(p + 16),
		.key = blob(x, p + 24) };
	x->bad |= ret->key.n == 0;
	return !x->bad;
}

uint64_t
cdp_idx_due_after(struct cdp_idx *x, int64_t ms)
{
	uint64_t lo = 0, hi = x->ndue, mid;
	const uint8_t *p;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		p = x->due + mid * CDP_IDX_DUE;
		if (!sound(x, p, CDP_IDX_DUE))
			return x->ndue;
		if ((int64_t)cdp_le64(p + 16) <= ms)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
