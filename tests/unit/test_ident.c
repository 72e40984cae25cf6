/* What one walk finds of all paths is what each path by itself finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/rule/ident.h"

static const char *const paths[] = { "userId", "traits.email",
	"context.traits.email", "context.traits.phone", "anonymousId",
	"context.device.id", "context.list.1.id", "a.b.c", "a.b" };

#define NPATHS (sizeof(paths) / sizeof(paths[0]))
#define NUSUAL (NPATHS - 2) /* that begin with what every line has */

static const char *const lines[] = {
	"{\"type\":\"track\",\"userId\":\"u\",\"anonymousId\":\"a\"}",
	"{\"userId\":\"first\",\"anonymousId\":7,\"userId\":\"last\"}",
	"{\"user\\u0049d\":\"u\",\"\\u0063ontext\":{\"tr\\u0061its\":"
	"{\"email\":\"e\"}}}",
	"{\"context\":{\"traits\":{\"email\":\"lost\"}},"
	"\"context\":{\"device\":{\"id\":\"d\"}}}",
	"{\"context\":{\"traits\":\"none\",\"traits\":{\"phone\":\"p\"}},"
	"\"a\":{\"b\":{\"c\":\"x\"}}}",
	"{\"context\":{\"traits\":{\"phone\":\"p\"},\"traits\":\"none\"},"
	"\"a\":{\"b\":\"x\"}}",
	"{\"context\":{\"list\":[{\"id\":\"0\"},{\"id\":\"1\"}]},"
	"\"traits\":{\"email\":null}}",
	"{\"context\":[{\"traits\":{\"email\":\"e\"}}],\"a\":[],\"traits\":[]}",
	"{\"xserId\":\"u\",\"usexId\":\"u\",\"\":\"\",\"context\":{\"\":1,"
	"\"consent\":{\"categoryPreferences\":{\"Ads\":true}}}}",
	"{\"context\":{\"consent\":{\"categoryPreferences\":[1]},"
	"\"externalIds\":[]}}",
};

#define NLINES (sizeof(lines) / sizeof(lines[0]))

/* known: whether it is told what reading the line found. */
static void
check(const struct cdp_identity *rules, const char *text, bool known)
{
	struct cdp_arena mem = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_line ln;
	struct cdp_err err = { 0 };
	struct cdp_ident_value v[CDP_IDENTS_MAX];
	struct cdp_path consent;
	struct cdp_str want;
	uint32_t got;
	size_t i, k = 0, n;
	bool more;

	assert_int_equal(
	    cdp_line_parse(cdp_str_of(text), 1, &t, &mem, &ln, &err), 0);
	ln.known = ln.known && known;
	cdp_ident_raws(rules, &ln, v, &n, &more, &got);
	for (i = 0; i < rules->nid; i++) {
		want = cdp_ident_text(
		    &t, cdp_tape_path(&t, 0, &rules->id[i].from[0]), &mem);
		if (want.p == NULL)
			continue;
		assert_true(k < n);
		assert_int_equal(v[k].type, i);
		assert_true(cdp_str_eq(v[k++].value, want));
	}
	assert_int_equal(k, n);
	cdp_path_compile(CDP_STR("context.consent.categoryPreferences"), &mem,
	    &consent, NULL);
	assert_int_equal(got, cdp_tape_path(&t, 0, &consent));
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
}

static void
one_walk(void **state)
{
	struct cdp_arena mem = { 0 };
	struct cdp_identifier id[NPATHS] = { 0 };
	struct cdp_path path[NPATHS];
	struct cdp_identity all = { .id = id, .nid = NPATHS };
	struct cdp_identity usual = { .id = id, .nid = NUSUAL };
	size_t i;

	(void)state;
	for (i = 0; i < NPATHS; i++) {
		cdp_path_compile(cdp_str_of(paths[i]), &mem, &path[i], NULL);
		id[i].name = cdp_str_of(paths[i]);
		id[i].from = &path[i];
		id[i].nfrom = 1;
	}
	cdp_ident_plan(&usual, &mem);
	for (i = 0; i < NLINES; i++) {
		check(&usual, lines[i], true);
		check(&usual, lines[i], false);
	}
	cdp_ident_plan(&all, &mem);
	for (i = 0; i < NLINES; i++)
		check(&all, lines[i], true);
	cdp_arena_free(&mem);
}

static void
nobody(void **state)
{
	const struct cdp_identity none = { 0 };
	const char text[] = "{\"context\":{\"externalIds\":[{}]}}";
	struct cdp_ident_value v[CDP_IDENTS_MAX];
	struct cdp_arena mem = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_line ln;
	uint32_t consent = 7;
	bool more = true;
	size_t n = 7;

	(void)state;
	assert_int_equal(
	    cdp_line_parse(cdp_str_of(text), 1, &t, &mem, &ln, NULL), 0);
	cdp_ident_raws(&none, &ln, v, &n, &more, &consent);
	assert_true(n == 0 && !more && consent == CDP_NOTOK);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_walk),
		cmocka_unit_test(nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
