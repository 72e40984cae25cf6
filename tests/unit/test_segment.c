#include "tests/unit/cond_world.h"

#include "lib/rule/tree.h"

/* Queries, most of them from Segment's pages, and what they are to us. */
static const struct {
	const char *query, *cond;
} same[] = {
	{ "event('Order Completed').within(30 days).count() >= 2",
	    "{event: \"Order Completed\", within: 30d, count: {gte: 2}}" },
	{ "event('Shoes Bought').between(7 days, 10 days).count().at_least(1)",
	    "{event: \"Shoes Bought\", between: [7d, 10d], count: {gte: 1}}" },
	{ "event('A').where(property('price') > 30.00 AND "
	  "property('a.b').starts_with('x')).count() = 0",
	    "{event: \"A\", where: {all: [{\"properties.price\": {gt: "
	    "30.00}}, {\"properties.a.b\": {starts_with: [\"x\"]}}]}, count: "
	    "{eq: 0}}" },
	{ "event('A').where(property('x') = 'p' OR NOT (property('y') = 2))"
	  ".within(1 hour).count() > 0",
	    "{event: \"A\", where: {any: [{\"properties.x\": {eq: \"p\"}}, "
	    "{not: {\"properties.y\": {eq: 2}}}]}, within: 1h, count: {gt: "
	    "0}}" },
	{ "event('A').where(context('page.url').contains('a', 'b')).count() "
	  "< 3",
	    "{event: \"A\", where: {\"context.page.url\": {contains: "
	    "[\"a\", \"b\"]}}, count: {lt: 3}}" },
	{ "trait('first_name').equals('Bob')",
	    "{trait: \"first_name\", eq: \"Bob\"}" },
	{ "trait('a') = 1 OR trait('b') != true AND trait('c').absent()",
	    "{any: [{trait: \"a\", eq: 1}, {all: [{trait: \"b\", ne: true}, "
	    "{trait: \"c\", exists: false}]}]}" },
	{ "(trait('a') == 1 OR trait('b') <= 2) AND NOT (trait('c').exists())",
	    "{all: [{any: [{trait: \"a\", eq: 1}, {trait: \"b\", lte: 2}]}, "
	    "{not: {trait: \"c\", exists: true}}]}" },
	{ "trait('n').one_of(1, 2) AND trait('n').none_of('x') AND "
	  "trait('e').ends_with('.br')",
	    "{all: [{trait: \"n\", in: [1, 2]}, {trait: \"n\", not_in: "
	    "[\"x\"]}, {trait: \"e\", ends_with: [\".br\"]}]}" },
	{ "trait('t').omits('x')", "{not: {trait: \"t\", contains: [\"x\"]}}" },
	{ "trait('d').before_date(2026-03-01) AND "
	  "trait('d').after_date('2026-01-01T00:00:00Z')",
	    "{all: [{trait: \"d\", lte: 2026-03-01}, {trait: \"d\", gte: "
	    "\"2026-01-01T00:00:00Z\"}]}" },
	{ "trait('d').within_last(7 days) OR trait('d').within_next(2 weeks) "
	  "OR trait('d').before_last(1 day) OR trait('d').after_next(5 hours)",
	    "{any: [{trait: \"d\", within_last: 7d}, {trait: \"d\", "
	    "within_next: 2w}, {trait: \"d\", before: 1d}, {trait: \"d\", "
	    "after: 5h}]}" },
	{ "trait('it\\'s\\\\.one') > -1.5",
	    "{trait: \"it's\\\\.one\", gt: -1.5}" },
	{ "event('Product Added').where(event('Order Completed')"
	  ".where(property('cart') = property(parent: 'cart'))"
	  ".within(parent: 1 day).count() = 0).within(7 days).count() >= 1",
	    "{event: \"Product Added\", where: {then: {event: \"Order "
	    "Completed\", where: {\"properties.cart\": {eq: {parent: "
	    "\"properties.cart\"}}}, within: 1d, count: {eq: 0}}}, within: "
	    "7d, count: {gte: 1}}" },
	{ "event('A').where(property('p') >= 5 AND NOT (event('B')"
	  ".within(parent: 5 days).count() >= 1)).count() < 1",
	    "{event: \"A\", where: {all: [{\"properties.p\": {gte: 5}}, "
	    "{not: {then: {event: \"B\", within: 5d, count: {gte: 1}}}}]}, "
	    "count: {lt: 1}}" },
	{ "event('A').where(NOT event('B').max(property('p')).absent()).count() "
	  "> 0",
	    "{event: \"A\", where: {not: {then: {event: \"B\", max: "
	    "\"properties.p\", exists: false}}}, count: {gt: 0}}" },
	{ "event('A').where(event('B').count() >= 1).count() >= 1",
	    "{event: \"A\", where: {then: {event: \"B\", count: {gte: 1}}}, "
	    "count: {gte: 1}}" },
	{ "event('A').within(30 days).sum(property('total')) > 100.5",
	    "{event: \"A\", within: 30d, sum: \"properties.total\", gt: "
	    "100.5}" },
	{ "event('A').sources({exclude: ['x', 'y']}).max(context('n') as "
	  "string) = 'b'",
	    "{event: \"A\", where: {not: {sourceId: {in: [\"x\", "
	    "\"y\"]}}}, max: \"context.n\", as: string, eq: \"b\"}" },
	{ "event('A').where(property('p') = property('q')).where(trait('t') "
	  "= true).count() > trait('n')",
	    "{event: \"A\", where: {all: [{\"properties.p\": {eq: {path: "
	    "\"properties.q\"}}}, {trait: {\"t\": {eq: true}}}]}, count: "
	    "{gt: {trait: \"n\"}}}" },
	{ "event('A').expires_after(1800 seconds).unique(property('p'))"
	  ".count() = 2",
	    "{event: \"A\", session: 1800s, unique_count: \"properties.p\", "
	    "eq: 2}" },
	{ "event('A').mode(property('p') as array, 3).one_of('a', 'b')",
	    "{event: \"A\", most_frequent: \"properties.p\", min: 3, in: "
	    "[\"a\", \"b\"]}" },
	{ "event('A').where(property('i.$.p') > 2).mode(property('i.$.p') as "
	  "array, 3).exists()",
	    "{event: \"A\", where: {\"properties.i.$.p\": {gt: 2}}, "
	    "most_frequent: \"properties.i.$.p\", as: array, min: 3, exists: "
	    "true}" },
	{ "entity('orders').where(property('total') > 500 AND "
	  "entity('lines').where(property('n') = property(parent: 'n')).sum("
	  "property('i.$.p')) > 1).count() >= 1",
	    "{entity: \"orders\", where: {all: [{\"properties.total\": {gt: "
	    "500}}, {has: {entity: \"lines\", where: {\"properties.n\": {eq: "
	    "{parent: \"properties.n\"}}}, sum: \"properties.i.$.p\", gt: "
	    "1}}]}, count: {gte: 1}}" },
	{ "event('A').where({property('p') > 1 AND event('B').between(parent: "
	  "1 hour, 2 days).count() = 0}).count() >= 1",
	    "{event: \"A\", where: {all: [{\"properties.p\": {gt: 1}}, {then: "
	    "{event: \"B\", between: [1h, 2d], count: {eq: 0}}}]}, count: "
	    "{gte: 1}}" },
	{ "trait('d') > literal(2022-10-17T00:00:00) AND "
	  "trait('d').before_date('2023-12-07T18:50:00.5')",
	    "{all: [{trait: \"d\", gt: 2022-10-17T00:00:00Z}, {trait: \"d\", "
	    "lte: \"2023-12-07T18:50:00.5Z\"}]}" },
	{ "trait('a') >= trait('b') OR trait('c') = literal('x')",
	    "{any: [{trait: \"a\", gte: {trait: \"b\"}}, {trait: \"c\", eq: "
	    "\"x\"}]}" },
};

static struct cdp_cond *
query(struct world *w, const char *text)
{
	struct cdp_node *map = world_yaml(w, "{segment: x}");

	map->item[0]->text = cdp_str_of(text);
	return cdp_cond_load(&w->ld, map);
}

static void
test_segment_says_what_a_condition_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		struct cdp_cond *c;
		struct world w;

		world_init(&w);
		c = query(&w, same[i].query);
		if (c == NULL)
			fail_msg("%s: %s", same[i].query, w.diags.v[0].msg);
		assert_string_equal(cdp_cond_text(c->kid[0]).p, same[i].cond);
		world_cond(&w, same[i].cond);
		world_free(&w);
	}
}

/*
 * The null rule (T10): of what is not there nothing is true but that it is
 * absent, also that it differs; "omits" is the contrary of "contains", and NOT
 * turns everything round.
 */
static void
test_segment_null_rule(void **state)
{
	static const char *const values[] = { "{}", "{\"x\":null}",
		"{\"x\":\"a\"}", "{\"x\":\"b\"}", "{\"x\":1}", "{\"x\":2}",
		"{\"x\":true}" };
	static const struct {
		const char *says, *holds; /* one of 01 for each value */
	} v[] = {
		{ "= 'a'", "0010000" },
		{ "!= 'a'", "0001000" },
		{ "> 'a'", "0001000" },
		{ ">= 'a'", "0011000" },
		{ "< 'b'", "0010000" },
		{ "<= 'b'", "0011000" },
		{ "= 1", "0000100" },
		{ "!= 1", "0000010" },
		{ "> 1", "0000010" },
		{ ">= 1", "0000110" },
		{ "< 2", "0000100" },
		{ "<= 2", "0000110" },
		{ "= true", "0000001" },
		{ "!= false", "0000001" },
		{ ".exists()", "0011111" },
		{ ".absent()", "1100000" },
		{ ".contains('a', 'c')", "0010000" },
		{ ".omits('a')", "1101111" },
		{ ".starts_with('a')", "0010000" },
		{ ".ends_with('b')", "0001000" },
		{ ".one_of('a', 2)", "0010010" },
		{ ".none_of('a', 2)", "0001100" },
		{ ".after_date(2026-01-01)", "0000000" },
		{ ".within_last(1 day)", "0000000" },
		{ "= trait('x')", "0011111" },
		{ "!= trait('y')", "0000000" },
	};
	struct cdp_hist none = { 0 };
	struct cdp_ctx ctx = { .hist = &none };
	char text[200], json[60];
	struct world w;

	(void)state;
	world_init(&w);
	ctx.profile = &w.tape;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		for (size_t k = 0; k < 14; k++) {
			bool yes = v[i].holds[k / 2] == '1';

			snprintf(text, sizeof(text),
			    k % 2 ? "NOT (trait('x') %s)" : "trait('x') %s",
			    v[i].says);
			snprintf(json, sizeof(json), "{\"traits\":%s}",
			    values[k / 2]);
			assert_int_equal(
			    cdp_tape_parse(&w.tape, cdp_str_of(json), NULL), 0);
			if (cdp_cond_test(query(&w, text), &ctx) ==
			    (yes == (k % 2)))
				fail_msg("%s of %s", text, json);
		}
	world_free(&w);
}

/* Of events that are not there nothing is made but a count. */
static void
test_segment_null_rule_of_events(void **state)
{
	static const struct {
		const char *query;
		bool yes;
	} v[] = {
		{ "event('A').count() = 0", true },
		{ "event('A').count() != 1", true },
		{ "event('A').unique(property('p')).count() = 0", true },
		{ "event('A').sum(property('p')) < 5", false },
		{ "NOT event('A').sum(property('p')) >= 5", true },
		{ "event('A').max(property('p')) != 5", false },
		{ "event('A').first(property('p')).absent()", true },
		{ "event('A').last(property('p')).exists()", false },
		{ "event('A').mode(property('p'), 1).omits('a')", true },
		{ "event('A').count() > trait('x')", false },
		{ "NOT event('A').count() > trait('x')", true },
	};
	struct cdp_hist none = { 0 };
	struct cdp_ctx ctx = { .hist = &none };
	struct cdp_wset *ws = cdp_wset_new();
	struct cdp_cond *c;
	struct world w;

	(void)state;
	world_init(&w);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		c = query(&w, v[i].query);
		assert_non_null(c);
		cdp_wset_add(ws, c);
		if (cdp_cond_test(c, &ctx) != v[i].yes)
			fail_msg("%s", v[i].query);
	}
	cdp_wset_free(ws);
	world_free(&w);
}

/* Segment has fifty comparisons; here is no such limit. */
static void
test_segment_counts_no_comparisons(void **state)
{
	struct cdp_buf b = { 0 };
	struct world w;

	(void)state;
	for (int i = 0; i < 5000; i++)
		cdp_buf_printf(&b, "%strait('t%d') = 1", i ? " OR " : "", i);
	world_init(&w);
	assert_non_null(query(&w, cdp_buf_cstr(&b)));
	world_free(&w);
	cdp_buf_free(&b);
}

static const struct {
	const char *query, *says;
} wrong[] = {
	{ " ", "expected event()" },
	{ "event('A').count()", "expected a comparison" },
	{ "event('A') >= 1", "expected '.'" },
	{ "event('A').count() >= 1 trait('x') = 1", "AND, OR or the end" },
	{ "event('A').count() >= 'x'", "count" },
	{ "event('A').total(property('x')) > 5", "no reducer" },
	{ "event('A').sum('x') > 5", "expected property" },
	{ "event('A').sum(property('x') as string) > 5", "expected ')'" },
	{ "event('A').max(property('x') as array) > 5", "number or string" },
	{ "event('A').unique(property('x')) = 5", "expected '.'" },
	{ "event('A').unique(property('x')).sum() = 5", "count() is compared" },
	{ "event('A').within(1 day).within(2 days).count() > 0", "one window" },
	{ "event('A').sources(exclude: 'x').count() > 0", "expected '{'" },
	{ "event('A').where(property('$.b') = 1).count() > 0", "'$'" },
	{ "trait('x') = property('y')", "where()" },
	{ "trait('x') = free", "in quotes" },
	{ "trait('x') = foo('y')", "no value" },
	{ "trait('x').one_of(trait('y'))", "in quotes" },
	{ "event('A').where(property('x') = property(parent: 'y')).count() > "
	  "0",
	    "no parent" },
	{ "event('A').within(3 moons).count() > 1", "length of time" },
	{ "event('A').within(parent: 3 days).count() > 1", "no parent" },
	{ "trait('x').equal(5)", "did you mean 'equals'?" },
	{ "trait('x') = 'y", "does not end" },
	{ "trait('x' = 1", "expected ')'" },
	{ "property('x') = 1", "where()" },
	{ "entity('x') = 1", "expected '.'" },
	{ "entity('x').within(1 day).count() > 0", "neither a time" },
	{ "entity('x').where(event('A').count() > 0).count() > 0",
	    "no events" },
	{ "event('A').where(entity('x').count() > 0).count() > 0",
	    "beside an event" },
	{ "entity('x').where(property('p') = property(parent: 'y')).count() > "
	  "0",
	    "no parent" },
	{ "event('A').where(event('B').within(1 day).count() > 0).count() > 0",
	    "within(parent" },
	{ "event('A').where(ANY event('B').count() > 0).count() > 0",
	    "outside where()" },
};

static void
test_segment_says_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct world w;

		world_init(&w);
		if (query(&w, wrong[i].query) != NULL || w.diags.nerrors == 0)
			fail_msg("%s was taken", wrong[i].query);
		if (strstr(w.diags.v[0].msg, wrong[i].says) == NULL)
			fail_msg("%s: %s", wrong[i].query, w.diags.v[0].msg);
		world_free(&w);
	}
}

/* No beginning and no change of a query breaks anything. */
static void
test_segment_survives_any_text(void **state)
{
	char text[400], junk[] = "()'.,=:\\ ";

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		for (size_t n = 0; n < strlen(same[i].query); n++) {
			struct world w;

			world_init(&w);
			memcpy(text, same[i].query, n);
			text[n] = '\0';
			query(&w, text);
			strcpy(text, same[i].query);
			text[n] = junk[n % (sizeof(junk) - 1)];
			query(&w, text);
			world_free(&w);
		}
	memset(text, '(', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	{
		struct world w;

		world_init(&w);
		assert_null(query(&w, text));
		world_free(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segment_says_what_a_condition_says),
		cmocka_unit_test(test_segment_null_rule),
		cmocka_unit_test(test_segment_null_rule_of_events),
		cmocka_unit_test(test_segment_counts_no_comparisons),
		cmocka_unit_test(test_segment_says_what_is_wrong),
		cmocka_unit_test(test_segment_survives_any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
