#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* All ways to look for quotes that this machine has. */
#include "lib/json/quick.c"
#include "tests/unit/json_gen.h"

static struct cdp_tape slow, quick;

/* A tape with room for n bytes, which has nothing in it. */
static void
ready(struct cdp_tape *t, struct cdp_str s)
{
	size_t need = cdp_quick_max(s.n);

	free(t->tok);
	*t = (struct cdp_tape){ .p = s.p, .n = s.n };
	t->tok = calloc(need, sizeof(*t->tok));
	assert_non_null(t->tok);
	t->cap = (uint32_t)need;
}

/* Whether it was read the quick way; and then it says what the slow one does.
 */
static bool
check(struct cdp_str s)
{
	const char *want = NULL;
	uint32_t i;

	ready(&slow, s);
	ready(&quick, s);
	(void)cdp_read_text(&slow, &want);
	if (!cdp_quick_text(&quick)) {
		assert_int_equal(quick.ntok, 0);
		assert_int_equal(quick.depth, 0);
		return false;
	}
	if (want != NULL || quick.ntok != slow.ntok ||
	    quick.depth != slow.depth)
		fail_msg("%.*s: read, but %s", (int)s.n, s.p,
		    want != NULL ? want : "in another way");
	for (i = 0; i < slow.ntok; i++)
		if (memcmp(&quick.tok[i], &slow.tok[i], sizeof(slow.tok[0])))
			fail_msg("%.*s: token %u", (int)s.n, s.p, i);
	return true;
}

/* A copy that ends where the memory does. */
static bool
check_copy(struct cdp_str s)
{
	char *copy = malloc(s.n + (s.n == 0));
	bool ret;

	if (s.n != 0)
		memcpy(copy, s.p, s.n);
	ret = check((struct cdp_str){ copy, s.n });
	free(copy);
	return ret;
}

static void
test_quick_leaves_the_rest(void **state)
{
	static const char *const no[] = { "", "1", "\"a\"", "}", "]", "[1",
		"[1]]", "[1}", "{\"a\":1]", "[]{}", "[] []", "\"a\"}", "1]",
		"[1,]", "{\"a\"}", "{\"a\":}", "{1:2}", "{,}", "[,]", "[1 2]",
		"[01]", "[-]", "[1.]", "[1e]", "[.5]", "[+1]", "[tru]", "[nul]",
		"[fals]", "[truex]", "[\"]", "[\"a\"\"]", "[\"\\\"\"]",
		"[\"\t\"]", "[\t]", "[\"\xff\"]", "[\"\xc3\"]", "[\xc3\xa7]",
		"[\"\xed\xa0\x80\"]", "[1] ", "[1]\n" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (check_copy(cdp_str_of(no[i])))
			fail_msg("read %s", no[i]);
}

#ifdef __x86_64__
static void
test_quick_reads_what_is_usual(void **state)
{
	static const char *const good[] = { "{}", "[]", "{ }", "[ ]",
		"[[],[{}]]", "{\"a\":1}", " { \"a\" : [ true , null ] }",
		"[false,-0.5e-7,0,12E+3,\"\"]",
		"{\"\":{\"\xc3\xa7\":\"\x7f\"}}",
		"[\"\xf0\x9d\x84\x9e\xe2\x82\xac\"]" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!check_copy(cdp_str_of(good[i])))
			fail_msg("did not read %s", good[i]);
}

static void
test_quick_stops_where_it_is_too_deep(void **state)
{
	char text[2 * CDP_JSON_DEPTH + 2];
	size_t n;

	(void)state;
	for (n = CDP_JSON_DEPTH - 1; n <= CDP_JSON_DEPTH + 1; n++) {
		memset(text, '[', n);
		memset(text + n, ']', n);
		assert_int_equal(check_copy((struct cdp_str){ text, 2 * n }),
		    n <= CDP_JSON_DEPTH);
	}
}

/* Texts, whole, cut, and with a byte changed. */
static void
test_quick_agrees_with_slow(void **state)
{
	static const char bytes[] = "{}[]:,\"\\ 0-.e\ttfn\x80\xc3\xa7\x01x";
	struct gen g = { 3, 5, true };
	struct cdp_buf b = { 0 };
	unsigned i, k, usual = 0, read = 0;
	size_t at;
	char was;

	(void)state;
	for (i = 0; i < 4000; i++) {
		g.plain = i % 4 != 0;
		cdp_buf_reset(&b);
		gen_object(&g, &b, 4);
		read += check_copy(cdp_buf_str(&b));
		usual += memchr(b.p, '\\', b.n) == NULL && g.plain;
		for (k = 0; k < 8; k++) {
			at = gen_pick(&g.how, (unsigned)b.n);
			was = b.p[at];
			b.p[at] = bytes[gen_pick(&g.how, sizeof(bytes) - 1)];
			(void)check_copy(cdp_buf_str(&b));
			(void)check_copy((struct cdp_str){ b.p, at });
			(void)check_copy(
			    (struct cdp_str){ b.p + at, b.n - at });
			b.p[at] = was;
		}
	}
	/* And none is left to the slow way that need not be. */
	assert_true(read >= usual);
	assert_in_range(usual, 300, 3900);
	cdp_buf_free(&b);
}

/* Every way to look finds the same as one byte after the other does. */
static void
test_ways_find_all_quotes(void **state)
{
	static const char bytes[] = "\"\"\"\"ab  {}:,0123456789\x7f";
	uint64_t how = 11;
	uint32_t want[400 + 64], got[400 + 64];
	size_t n, i, k, w, nway, nquote;
	way have[3];
	char text[400];
	bool odd;

	(void)state;
	nway = ways(have);
	for (k = 0; k < 20000; k++) {
		n = gen_pick(&how, 300);
		odd = gen_pick(&how, 4) == 0;
		for (i = 0; i < n; i++)
			text[i] = bytes[gen_pick(&how, sizeof(bytes) - 1)];
		if (n != 0 && odd)
			text[gen_pick(&how, (unsigned)n)] =
			    "\\\x1f\n\x80\t"[gen_pick(&how, 5)];
		else
			odd = false;
		for (i = 0, nquote = 0; i < n; i++)
			if (text[i] == '"')
				want[nquote++] = (uint32_t)i;
		for (w = 0; w < nway; w++) {
			i = have[w](text, n, got);
			if (odd || nquote % 2 != 0) {
				assert_true(i == NONE);
				continue;
			}
			assert_int_equal(i, nquote);
			assert_memory_equal(got, want, nquote * sizeof(got[0]));
		}
	}
}
#endif

static int
free_all(void **state)
{
	(void)state;
	free(slow.tok);
	free(quick.tok);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quick_leaves_the_rest),
#ifdef __x86_64__
		cmocka_unit_test(test_quick_reads_what_is_usual),
		cmocka_unit_test(test_quick_stops_where_it_is_too_deep),
		cmocka_unit_test(test_quick_agrees_with_slow),
		cmocka_unit_test(test_ways_find_all_quotes),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, free_all);
}
