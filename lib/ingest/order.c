#include "lib/ingest/order.h"

#include <stdlib.h>

#include "lib/base/mem.h"

#define BLOCK ((size_t)256 << 10)

/* Memory that is given back when the last that lives in it is gone. */
struct cdp_block {
	struct cdp_block *next; /* in the list of spares */
	size_t size;
	size_t used;
	size_t live;
	char p[];
};

static bool
before(const struct cdp_order_ent *a, const struct cdp_order_ent *b)
{
	int c;

	if (a->ts_ms != b->ts_ms)
		return a->ts_ms < b->ts_ms;
	if (a->w->rank != b->w->rank)
		return a->w->rank < b->w->rank;
	c = cdp_str_cmp(a->w->id, b->w->id);
	return c != 0 ? c < 0 : a->w->seq < b->w->seq;
}

/* ---- blocks ---- */

static void
let_go(struct cdp_order *q, struct cdp_block *b)
{
	q->bytes -= b->size;
	if (b->size != BLOCK || q->spare != NULL) {
		free(b);
		return;
	}
	q->spare = b;
}

static struct cdp_block *
block_for(struct cdp_order *q, size_t n)
{
	struct cdp_block *b = q->block;
	size_t size = n > BLOCK ? n : BLOCK;

	if (b != NULL && b->size - b->used >= n)
		return b;
	if (b != NULL && b->live == 0)
		let_go(q, b);
	if (size == BLOCK && q->spare != NULL) {
		b = q->spare;
		q->spare = NULL;
	} else {
		b = cdp_xmalloc(sizeof(*b) + size);
	}
	b->size = size;
	b->used = b->live = 0;
	q->bytes += size;
	q->block = b;
	return b;
}

static struct cdp_str
copy(struct cdp_block *b, struct cdp_str s)
{
	char *p = b->p + b->used;

	if (s.n != 0)
		memcpy(p, s.p, s.n);
	b->used += s.n;
	return (struct cdp_str){ p, s.n };
}

static struct cdp_waiting *
keep(struct cdp_order *q, const struct cdp_waiting *from)
{
	const size_t align = _Alignof(struct cdp_waiting);
	size_t ntok = from->ntok * sizeof(struct cdp_tok);
	struct cdp_block *b = block_for(q,
	    sizeof(*from) + align + ntok + from->id.n + from->thing.n +
		from->raw.n + from->edit.n);
	struct cdp_waiting *w;

	/* The bytes of a block begin aligned: malloc and size_t see to it. */
	b->used = (b->used + align - 1) / align * align;
	w = (struct cdp_waiting *)(void *)(b->p + b->used);
	b->used += sizeof(*w);
	b->live++;
	*w = *from;
	w->block = b;
	w->seq = q->seq++;
	w->tok = (const struct cdp_tok *)(const void *)copy(
	    b, (struct cdp_str){ (const char *)from->tok, ntok })
		     .p;
	w->id = copy(b, from->id);
	w->thing = copy(b, from->thing);
	w->raw = copy(b, from->raw);
	w->edit = copy(b, from->edit);
	return w;
}

/* ---- the ring and the heap ---- */

static void
ring_put(struct cdp_order *q, struct cdp_order_ent e)
{
	struct cdp_order_ent *v;
	size_t i, cap = q->cap != 0 ? 2 * q->cap : 256;

	if (q->n == q->cap) {
		v = cdp_xreallocarray(NULL, cap, sizeof(*v));
		for (i = 0; i < q->n; i++)
			v[i] = q->ring[(q->at + i) & (q->cap - 1)];
		free(q->ring);
		q->ring = v;
		q->cap = cap;
		q->at = 0;
	}
	q->ring[(q->at + q->n) & (q->cap - 1)] = e;
	q->n++;
}

static void
heap_put(struct cdp_order *q, struct cdp_order_ent e)
{
	size_t i, up;

	if (q->nheap == q->capheap) {
		q->capheap = q->capheap != 0 ? 2 * q->capheap : 256;
		q->heap =
		    cdp_xreallocarray(q->heap, q->capheap, sizeof(*q->heap));
	}
	for (i = q->nheap++; i > 0; i = up) {
		up = (i - 1) / 2;
		if (!before(&e, &q->heap[up]))
			break;
		q->heap[i] = q->heap[up];
	}
	q->heap[i] = e;
}

static void
heap_drop(struct cdp_order *q)
{
	struct cdp_order_ent e = q->heap[--q->nheap];
	size_t i, kid;

	for (i = 0; (kid = 2 * i + 1) < q->nheap; i = kid) {
		if (kid + 1 < q->nheap &&
		    before(&q->heap[kid + 1], &q->heap[kid]))
			kid++;
		if (!before(&q->heap[kid], &e))
			break;
		q->heap[i] = q->heap[kid];
	}
	if (q->nheap != 0)
		q->heap[i] = e;
}

void
cdp_order_push(struct cdp_order *q, const struct cdp_waiting *w)
{
	struct cdp_order_ent e = { w->ts_ms, keep(q, w) };

	if (q->n == 0 ||
	    !before(&e, &q->ring[(q->at + q->n - 1) & (q->cap - 1)]))
		ring_put(q, e);
	else
		heap_put(q, e);
}

static bool
heap_first(const struct cdp_order *q)
{
	return q->nheap != 0 &&
	    (q->n == 0 || before(&q->heap[0], &q->ring[q->at]));
}

const struct cdp_waiting *
cdp_order_min(const struct cdp_order *q)
{
	if (cdp_order_count(q) == 0)
		return NULL;
	return heap_first(q) ? q->heap[0].w : q->ring[q->at].w;
}

void
cdp_order_pop(struct cdp_order *q)
{
	struct cdp_block *b;

	if (heap_first(q)) {
		b = q->heap[0].w->block;
		heap_drop(q);
	} else {
		b = q->ring[q->at].w->block;
		q->at = (q->at + 1) & (q->cap - 1);
		q->n--;
	}
	if (--b->live == 0) {
		if (b == q->block)
			b->used = 0;
		else
			let_go(q, b);
	}
}

void
cdp_order_free(struct cdp_order *q)
{
	while (cdp_order_count(q) != 0)
		cdp_order_pop(q);
	free(q->block);
	free(q->spare);
	free(q->ring);
	free(q->heap);
	memset(q, 0, sizeof(*q));
}
