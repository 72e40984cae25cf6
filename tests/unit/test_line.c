#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lib/json/line.h"

static struct cdp_tape t;
static struct cdp_arena mem;
static struct cdp_line ln;
static struct cdp_err err;

static int
parse(const char *z)
{
	err = (struct cdp_err){ 0 };
	cdp_arena_reset(&mem);
	return cdp_line_parse(cdp_str_of(z), 7, &t, &mem, &ln, &err);
}

static void
test_parse_finds_what_stages_ask_for(void **state)
{
	static const char z[] =
	    "{\"messageId\":\"m-1\",\"type\":\"track\",\"event\":"
	    "\"Order \\u0043ompleted\",\"timestamp\":"
	    "\"2016-08-01T07:43:40.000Z\",\"properties\":{\"type\":\"page\"},"
	    "\"profile\":{\"x\":1,\"id\":\"p_1\"},"
	    "\"cdp\":{\"o\":\"main.merge\",\"n\":4711}}";

	(void)state;
	assert_int_equal(parse(z), 0);
	assert_ptr_equal(ln.raw.p, z);
	assert_ptr_equal(ln.tape, &t);
	assert_int_equal(ln.lineno, 7);
	assert_int_equal(ln.type, CDP_TRACK);
	assert_true(cdp_str_is(ln.event, "Order Completed"));
	assert_true(ln.ts_ms == 1470037420000);
	assert_true(cdp_str_is(ln.message_id, "m-1"));
	assert_true(cdp_tape_isa(&t, ln.profile, CDP_OBJECT));
	assert_true(cdp_str_is(ln.profile_id, "p_1"));
	assert_true(cdp_str_is(ln.o, "main.merge"));
	assert_true(ln.n == 4711);
}

/* Each name by itself, twice, in other spellings, and those that are alike. */
static void
test_parse_finds_each_member_of_the_envelope(void **state)
{
	static const char *const names[CDP_ENV_N] = { "ahead", "anonymousId",
		"category", "cdp", "collection", "context", "event", "groupId",
		"id", "integrations", "late", "messageId", "name", "now",
		"originalTimestamp", "previousId", "profile", "properties",
		"receivedAt", "sentAt", "timestamp", "traits", "type",
		"userId" };
	char z[128];
	size_t i, j, n;

	(void)state;
	for (i = 0; i < CDP_ENV_N; i++) {
		n = strlen(names[i]);
		assert_int_equal(cdp_env_of(cdp_str_of(names[i])), i);
		assert_int_equal(
		    cdp_env_of((struct cdp_str){ names[i], n - 1 }), CDP_ENV_N);
		snprintf(z, sizeof(z), "{\"%.1s%.*s%s\":0,\"%s\":1}", names[i],
		    (int)(n > 2 ? n - 2 : 1), "----------------",
		    names[i] + n - 1, names[i]);
		assert_int_equal(parse(z), 0);
		assert_true(ln.known && ln.plain);
		for (j = 0; j < CDP_ENV_N; j++)
			assert_int_equal(ln.env.at[j], j == i ? 4 : CDP_NOTOK);
		snprintf(z, sizeof(z), "{\"%s\":0,\"\\u%04x%s\":1}", names[i],
		    (unsigned)names[i][0], names[i] + 1);
		assert_int_equal(parse(z), 0);
		assert_true(!ln.plain);
		assert_int_equal(ln.env.at[i], 4);
		snprintf(
		    z, sizeof(z), "{\"%s\":0,\"%s\":1}", names[i], names[i]);
		assert_int_equal(parse(z), 0);
		assert_true(!ln.plain);
		assert_int_equal(ln.env.at[i], 4);
	}
	assert_int_equal(cdp_env_of(CDP_STR("")), CDP_ENV_N);
}

static void
test_parse_leaves_empty_what_is_not_there(void **state)
{
	static const char *const none[] = { "{}", "{\"type\":null}",
		"{\"type\":\"other\",\"timestamp\":\"soon\",\"profile\":[],"
		"\"cdp\":7,\"event\":\"x\",\"messageId\":5}",
		"{\"type\":[\"track\"],\"cdp\":{\"o\":\"a\",\"n\":-1}}",
		"{\"type\":\"trac\",\"cdp\":{\"o\":\"a\",\"n\":\"1\"}}",
		"{\"Type\":\"track\",\"timestamp\":1470037420}" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(parse(none[i]), 0);
		assert_int_equal(ln.type, CDP_OTHER);
		assert_int_equal(ln.event.n, 0);
		assert_true(ln.ts_ms == CDP_TIME_NONE);
		assert_int_equal(ln.message_id.n, 0);
		assert_int_equal(ln.profile_id.n, 0);
		assert_int_equal(ln.o.n, 0);
	}
}

/* One of these without a name once made a log that nobody could open. */
static void
test_parse_takes_no_claim_that_no_log_makes(void **state)
{
	static const char *const none[] = { "{\"n\":1}", "{\"o\":\"\",\"n\":1}",
		"{\"o\":5,\"n\":1}", "{\"o\":\"a\"}", "{\"o\":\"a\",\"n\":1.5}",
		"{\"o\":\"a\",\"n\":1e300}",
		"{\"o\":\"a\",\"n\":9007199254740993}",
		"{\"o\":\"a\",\"n\":9223372036854775807}",
		"{\"o\":\"a\",\"n\":18446744073709551617}",
		"{\"o\":\"0123456789012345678901234567890123456789"
		"0123456789012345678901234\",\"n\":1}" };
	char z[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		snprintf(
		    z, sizeof(z), "{\"type\":\"track\",\"cdp\":%s}", none[i]);
		assert_int_equal(parse(z), 0);
		assert_int_equal(ln.o.n, 0);
		assert_true(ln.n == 0);
	}
	assert_int_equal(
	    parse("{\"cdp\":{\"o\":\"a\",\"n\":9007199254740992}}"), 0);
	assert_true(ln.n == 9007199254740992);
}

static void
test_parse_knows_every_type(void **state)
{
	char z[64];
	int i;

	(void)state;
	for (i = CDP_OTHER + 1; i < CDP_NTYPES; i++) {
		snprintf(z, sizeof(z), "{\"type\":\"%s\"}", cdp_type_names[i]);
		assert_int_equal(parse(z), 0);
		assert_int_equal(ln.type, i);
	}
	assert_true(cdp_type_is_event(CDP_ALIAS));
	assert_false(cdp_type_is_event(CDP_OBJECT_ROW));
	assert_false(cdp_type_is_event(CDP_OTHER));
}

static void
test_parse_names_views_and_reads_a_clock(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"type\":\"page\",\"name\":\"Home\","
			       "\"event\":\"x\"}"),
	    0);
	assert_true(cdp_str_is(ln.event, "Page Viewed"));
	assert_int_equal(parse("{\"type\":\"screen\"}"), 0);
	assert_true(cdp_str_is(ln.event, "Screen Viewed"));
	assert_int_equal(parse("{\"now\":\"1970-01-01T00:00:01Z\",\"type\":"
			       "\"clock\",\"timestamp\":"
			       "\"2016-08-01T07:43:40.000Z\"}"),
	    0);
	assert_true(ln.ts_ms == 1000);
}

/* What jq and careless senders do: white space, order, escapes, doubles. */
static void
test_parse_takes_any_spelling(void **state)
{
	(void)state;
	assert_int_equal(
	    parse(" { \"cdp\" : { \"n\" : 3 , \"o\" : \"main.ingest\" } , "
		  "\"t\\u0079pe\" : \"\\u0074rack\", \"event\" : \"A\", "
		  "\"event\" : \"B\" } "),
	    0);
	assert_int_equal(ln.type, CDP_TRACK);
	assert_true(cdp_str_is(ln.event, "B"));
	assert_true(cdp_str_is(ln.o, "main.ingest"));
	assert_true(ln.n == 3);
}

static void
test_parse_refuses_what_is_no_object(void **state)
{
	(void)state;
	assert_int_equal(parse("[1]"), CDP_EDATA);
	assert_string_equal(err.rule, "not_object");
	assert_string_equal(err.msg, "not a JSON object");
	assert_int_equal(parse("{oops"), CDP_EDATA);
	assert_string_equal(err.rule, "bad_json");
	assert_int_equal(parse(""), CDP_EDATA);
	assert_string_equal(err.rule, "bad_json");
}

static int
free_all(void **state)
{
	(void)state;
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_finds_what_stages_ask_for),
		cmocka_unit_test(test_parse_finds_each_member_of_the_envelope),
		cmocka_unit_test(test_parse_leaves_empty_what_is_not_there),
		cmocka_unit_test(test_parse_takes_no_claim_that_no_log_makes),
		cmocka_unit_test(test_parse_knows_every_type),
		cmocka_unit_test(test_parse_names_views_and_reads_a_clock),
		cmocka_unit_test(test_parse_takes_any_spelling),
		cmocka_unit_test(test_parse_refuses_what_is_no_object),
	};

	return cmocka_run_group_tests(tests, NULL, free_all);
}
