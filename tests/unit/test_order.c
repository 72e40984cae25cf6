#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/ingest/order.h"

#define N 3000

struct ev {
	int64_t ts;
	char id[8];
	uint64_t seq;
};

static uint64_t state;

static uint64_t
rnd(uint64_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % n;
}

static int
cmp(const void *a, const void *b)
{
	const struct ev *x = a, *y = b;
	int c;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	c = strcmp(x->id, y->id);
	return c != 0 ? c : (x->seq > y->seq) - (x->seq < y->seq);
}

static void
push(struct cdp_order *q, const struct ev *e, size_t pad)
{
	static char big[300000];
	struct cdp_waiting w = { 0 };
	struct cdp_tok tok[2] = { { 0 }, { 0 } };
	int n;

	memset(big, 'x', sizeof(big));
	n = snprintf(big, sizeof(big), "%s:%lld", e->id, (long long)e->ts);
	big[n] = ' ';
	tok[1].off = (uint32_t)e->seq;
	w.ts_ms = e->ts;
	w.lineno = e->seq;
	w.id = cdp_str_of(e->id);
	w.raw = (struct cdp_str){ big, (size_t)n + pad };
	w.edit = CDP_STR("{}");
	w.tok = tok;
	w.ntok = e->seq % 3;
	cdp_order_push(q, &w);
}

static void
pop(struct cdp_order *q, const struct ev *want)
{
	const struct cdp_waiting *w = cdp_order_min(q);
	char text[40];
	size_t n;

	assert_non_null(w);
	assert_int_equal(w->ts_ms, want->ts);
	assert_int_equal(w->lineno, want->seq);
	n = (size_t)snprintf(
	    text, sizeof(text), "%s:%lld", want->id, (long long)want->ts);
	assert_true(w->raw.n >= n);
	assert_memory_equal(w->raw.p, text, n);
	assert_true(cdp_str_is(w->edit, "{}"));
	assert_int_equal(w->ntok, want->seq % 3);
	if (w->ntok == 2)
		assert_int_equal(w->tok[1].off, want->seq);
	cdp_order_pop(q);
}

/* Random pushes with pops between, against sorting what is there. */
static void
test_pop_is_in_order_however_it_was_pushed(void **unused)
{
	static struct ev have[N];
	struct cdp_order q = { 0 };
	size_t n = 0, i;
	uint64_t seq = 0;
	int64_t base = 0;

	(void)unused;
	state = 7;
	for (i = 0; i < 20000; i++) {
		if (n < N && rnd(100) < 55) {
			struct ev *e = &have[n++];

			base += (int64_t)rnd(3);
			e->ts = base - (rnd(5) == 0 ? (int64_t)rnd(50) : 0);
			snprintf(e->id, sizeof(e->id), "m%u", (unsigned)rnd(4));
			e->seq = seq++;
			push(&q, e, rnd(1000) == 0 ? 290000 : rnd(900));
		} else if (n != 0) {
			qsort(have, n, sizeof(have[0]), cmp);
			pop(&q, &have[0]);
			memmove(have, have + 1, --n * sizeof(have[0]));
		}
		assert_int_equal(cdp_order_count(&q), n);
	}
	qsort(have, n, sizeof(have[0]), cmp);
	for (i = 0; i < n; i++)
		pop(&q, &have[i]);
	assert_null(cdp_order_min(&q));
	cdp_order_free(&q);
}

static void
test_bytes_follow_what_waits(void **unused)
{
	struct cdp_order q = { 0 };
	struct ev e = { 0, "m", 0 };
	size_t i, most = 0;

	(void)unused;
	for (i = 0; i < 5000; i++) {
		e.ts = (int64_t)i;
		e.seq = i;
		push(&q, &e, 1000);
		if (cdp_order_count(&q) > 100)
			cdp_order_pop(&q);
		if (q.bytes > most)
			most = q.bytes;
	}
	assert_true(most >= 100 * 1000);
	assert_true(most <= 1 << 20);
	cdp_order_free(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pop_is_in_order_however_it_was_pushed),
		cmocka_unit_test(test_bytes_follow_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
