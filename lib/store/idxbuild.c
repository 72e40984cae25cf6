#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/idx.h"

const char cdp_idx_magic[8] = "CDPIDX3\n";

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

/* A key may have had several due times: the newest is the one that counts. */
static int
cmp_due(const void *a, const void *b)
{
	const struct cdp_due_at *x = *(struct cdp_due_at *const *)a;
	const struct cdp_due_at *y = *(struct cdp_due_at *const *)b;

	if (x->due_ms != y->due_ms)
		return x->due_ms < y->due_ms ? -1 : 1;
	if (x->h.lo != y->h.lo)
		return cmp_u64(x->h.lo, y->h.lo);
	return cmp_u64(x->h.hi, y->h.hi);
}

/* One line has all bits of a key, so that a look costs one cache miss. */
static void
build_filter(const struct cdp_slots *t, struct cdp_buf *ret)
{
	uint64_t nline = CDP_IDX_LINES(t->n), bit;
	char *p = cdp_buf_room(ret, nline * CDP_IDX_LINE), *line;
	struct cdp_hash128 h;
	size_t i;
	unsigned k;

	if (p == NULL)
		return;
	memset(p, 0, nline * CDP_IDX_LINE);
	ret->n += nline * CDP_IDX_LINE;
	for (i = 0; i < t->cap; i++) {
		if (t->v[i].val == 0)
			continue;
		h = (struct cdp_hash128){ .lo = t->v[i].lo, .hi = t->v[i].hi };
		line = p + cdp_idx_line(h, nline) * CDP_IDX_LINE;
		for (k = 0; k < 7; k++) {
			bit = cdp_idx_bit(h, k);
			line[bit / 8] = (char)(line[bit / 8] | 1 << bit % 8);
		}
	}
}

/* ---- hashes, sorted ---- */

#define FEW 32 /* of more, if somebody made them so, the order is n log n */

static void
sort_few(struct cdp_slot *v, size_t n)
{
	struct cdp_slot s;
	size_t i, k;

	if (n > FEW) {
		qsort(v, n, sizeof(*v), cmp_slot);
		return;
	}
	for (i = 1; i < n; i++) {
		s = v[i];
		for (k = i; k != 0 && cmp_slot(&s, &v[k - 1]) < 0; k--)
			v[k] = v[k - 1];
		v[k] = s;
	}
}

static size_t
part_of(const struct cdp_slot *s, size_t npart)
{
	return (size_t)((unsigned __int128)s->lo * npart >> 64);
}

/*
 * The used slots, sorted.  Hashes lie evenly: each is put at once among the
 * few that share its part of all numbers.
 */
static struct cdp_slot *
sort_slots(const struct cdp_slots *t)
{
	struct cdp_slot *v = cdp_xreallocarray(NULL, t->n + 1, sizeof(*v));
	size_t npart = t->n / 4 + 1, from, i;
	size_t *at = cdp_xcalloc(npart + 1, sizeof(*at)); /* where it begins */
	const struct cdp_slot *s, *end = t->v + t->cap;

	for (s = t->v; s < end; s++)
		if (s->val != 0)
			at[part_of(s, npart) + 1]++;
	for (i = 0; i < npart; i++)
		at[i + 1] += at[i];
	for (s = t->v; s < end; s++)
		if (s->val != 0)
			v[at[part_of(s, npart)]++] = *s;
	/* Now it is where it ends. */
	for (from = i = 0; i < npart; from = at[i++])
		sort_few(&v[from], at[i] - from);
	free(at);
	return v;
}

static uint8_t
width(uint64_t v)
{
	uint8_t n = 1;

	while (n < 8 && v >> 8 * n != 0)
		n++;
	return n;
}

/*
 * The hashes, each with its number, which counts from base: the least one, or
 * nothing if base is NULL.  Returns the bytes of a number.
 */
static uint8_t
build_slots(const struct cdp_slots *t, uint64_t *base, struct cdp_buf *ret)
{
	struct cdp_slot *v = sort_slots(t);
	uint64_t least = t->n == 0 ? 0 : UINT64_MAX, most = 0;
	uint8_t w;
	size_t i;
	char *p;

	for (i = 0; i < t->n; i++) {
		least = v[i].val < least ? v[i].val : least;
		most = v[i].val > most ? v[i].val : most;
	}
	if (base != NULL)
		*base = least;
	else
		least = 0;
	w = width(most - least);
	/* The last number is written whole, too, and cut off. */
	p = cdp_buf_room(ret, t->n * CDP_IDX_ENTRY(w) + 8);
	for (i = 0; p != NULL && i < t->n; i++, p += CDP_IDX_ENTRY(w)) {
		cdp_le64_put(p, v[i].lo);
		cdp_le64_put(p + 8, v[i].hi);
		cdp_le64_put(p + 16, v[i].val - least);
	}
	if (p != NULL)
		ret->n += t->n * CDP_IDX_ENTRY(w);
	free(v);
	return w;
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

static void
build_epochs(const struct cdp_index *ix, struct cdp_buf *ret)
{
	size_t i;

	for (i = 0; i < ix->nepoch; i++) {
		add64(ret, ix->epoch[i].q);
		add64(ret, ix->epoch[i].n);
		add64(ret, ix->epoch[i].off);
		add64(ret, ix->epoch[i].no);
	}
}

/* Only what is still the newest in this segment, by time. */
static uint64_t
build_due(const struct cdp_index *ix, struct cdp_buf *ret, struct cdp_buf *blob)
{
	const struct cdp_due_at **v =
	    cdp_xreallocarray(NULL, ix->ndue + 1, sizeof(*v));
	size_t i, n = 0;

	for (i = 0; i < ix->ndue; i++)
		if (cdp_index_loc(ix, ix->due[i].h) == ix->due[i].loc)
			v[n++] = &ix->due[i];
	qsort(v, n, sizeof(*v), cmp_due);
	for (i = 0; i < n; i++) {
		add64(ret, v[i]->h.lo);
		add64(ret, v[i]->h.hi);
		add64(ret, (uint64_t)v[i]->due_ms);
		add64(ret, blob->n);
		add64(ret, v[i]->key.n);
		cdp_buf_put(blob, v[i]->key);
	}
	free(v);
	return n;
}

/* A sum for each block of the file, the head and the sums left out. */
static uint32_t
build_sums(struct cdp_buf *ret)
{
	struct cdp_buf sums = { 0 };
	size_t at = CDP_IDX_HEAD, end;
	uint32_t crc;
	char *p;

	for (; at < ret->n; at = end) {
		end = (at / CDP_IDX_BLOCK + 1) * CDP_IDX_BLOCK;
		end = end < ret->n ? end : ret->n;
		if ((p = cdp_buf_room(&sums, 4)) == NULL)
			break;
		cdp_le32_put(p, cdp_crc32c(0, ret->p + at, end - at));
		sums.n += 4;
	}
	crc = cdp_crc32c(0, sums.p, sums.n);
	cdp_buf_put(ret, cdp_buf_str(&sums));
	cdp_buf_free(&sums);
	return crc;
}

void
cdp_idx_build(const struct cdp_index *ix, const struct cdp_seg_head *sg,
    struct cdp_buf *ret)
{
	struct cdp_buf blob = { 0 };
	uint8_t h[CDP_IDX_HEAD] = { 0 };
	uint64_t ndue, base;

	cdp_buf_reset(ret);
	cdp_buf_put(ret, (struct cdp_str){ (char *)h, sizeof(h) });
	build_filter(&ix->keys, ret);
	build_filter(&ix->seen, ret);
	h[120] = build_slots(&ix->keys, NULL, ret);
	h[121] = build_slots(&ix->seen, &base, ret);
	build_spans(ix, ret, &blob);
	build_epochs(ix, ret);
	ndue = build_due(ix, ret, &blob);
	cdp_buf_put(ret, cdp_buf_str(&blob));
	memcpy(h, cdp_idx_magic, sizeof(cdp_idx_magic));
	cdp_le64_put(h + 8, sg->no);
	memcpy(h + 16, sg->uuid, sizeof(sg->uuid));
	cdp_le32_put(h + 32, sg->salt);
	cdp_le32_put(h + 36, build_sums(ret));
	cdp_le64_put(h + 40, ix->keys.n);
	cdp_le64_put(h + 48, ix->seen.n);
	cdp_le64_put(h + 56, ix->nspan);
	cdp_le64_put(h + 64, ix->norigin);
	cdp_le64_put(h + 72, ix->nepoch);
	cdp_le64_put(h + 80, ndue);
	cdp_le64_put(h + 88, blob.n);
	cdp_le64_put(h + 96, ix->nput);
	cdp_le64_put(h + 104, ix->nunsynced);
	cdp_le64_put(h + 112, base);
	cdp_le32_put(h + 124, cdp_crc32c(0, h, 124));
	if (!ret->over)
		memcpy(ret->p, h, sizeof(h));
	cdp_buf_free(&blob);
}
