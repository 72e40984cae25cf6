#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <cmocka.h>

#include "lib/base/time.h"
#include "lib/ingest/csv.h"
#include "lib/ingest/rows.h"
#include "lib/ingest/snowplow.h"
#include "lib/ingest/snowplow_fields.h"
#include "lib/ingest/warehouse.h"

/*
 * All records of a text, read with its first n bytes first, as JSON or the
 * rule of what was refused, each with the line it begins at, by "|".
 */
static void
spell(const char *text, char sep, size_t n, struct cdp_buf *b)
{
	struct cdp_csv c = { .sep = sep };
	struct cdp_err err = { 0 };
	const char *p = text, *at = text, *end = text + strlen(text);
	const char *stop = n < strlen(text) ? text + n : end, *nl;
	struct cdp_str rec;
	uint64_t line = 1;
	int state = 0, rc;

	cdp_buf_reset(b);
	while (p < end) {
		nl = cdp_csv_end(sep, at, stop, &state);
		if (nl == NULL && stop < end) {
			at = stop;
			stop = end;
			continue;
		}
		if (nl == NULL)
			nl = end;
		rec = (struct cdp_str){ p, (size_t)(nl - p) };
		if (rec.n != 0 && nl[-1] == '\r')
			rec.n--;
		if (c.ncol == 0) {
			assert_int_equal(cdp_csv_header(&c, rec, &err), 0);
		} else {
			cdp_buf_printf(b, "%llu:", (unsigned long long)line);
			rc = cdp_csv_row(&c, rec, line, b, &err);
			if (rc != 0)
				cdp_buf_printf(b, " %s %s", err.rule, err.msg);
			cdp_buf_putc(b, '|');
		}
		for (; p < nl; p++)
			line += *p == '\n';
		line++;
		p = at = nl + 1;
		state = 0;
	}
	cdp_buf_cstr(b);
	cdp_csv_free(&c);
}

static void
expect(const char *text, char sep, const char *want)
{
	struct cdp_buf b = { 0 };
	size_t n;

	for (n = 0; n <= strlen(text); n++) {
		spell(text, sep, n, &b);
		assert_string_equal(b.p, want);
	}
	cdp_buf_free(&b);
}

/* The examples of RFC 4180, section 2. */
static void
test_csv_reads_what_the_rfc_says(void **state)
{
	(void)state;
	expect("field_name,field_name2\r\naaa,bbb\r\nzzz,yyy", ',',
	    "2:{\"field_name\":\"aaa\",\"field_name2\":\"bbb\"}|"
	    "3:{\"field_name\":\"zzz\",\"field_name2\":\"yyy\"}|");
	expect("a,b,c\r\n\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx\r\n", ',',
	    "2:{\"a\":\"aaa\",\"b\":\"b\\r\\nbb\",\"c\":\"ccc\"}|"
	    "4:{\"a\":\"zzz\",\"b\":\"yyy\",\"c\":\"xxx\"}|");
	expect("a,b,c\n\"aaa\",\"b\"\"bb\",\" ccc \"\n", ',',
	    "2:{\"a\":\"aaa\",\"b\":\"b\\\"bb\",\"c\":\" ccc \"}|");
}

static void
test_csv_reads_what_databases_write(void **state)
{
	(void)state;
	/* Null is empty without quotes. */
	expect("a,b\n,\"\"\n", ',', "2:{\"a\":null,\"b\":\"\"}|");
	/* A quote within a field; names in quotes; another separator. */
	expect("a;\"b;\"\"c\"\n5\" screen;x\ty\n", ';',
	    "2:{\"a\":\"5\\\" screen\",\"b;\\\"c\":\"x\\ty\"}|");
	expect("a\tb\n\"x\ty\"\t,\n", '\t', "2:{\"a\":\"x\\ty\",\"b\":\",\"}|");
	expect("a\n\"\"\"\"\n\"\"\"\"\"\"\n", ',',
	    "2:{\"a\":\"\\\"\"}|3:{\"a\":\"\\\"\\\"\"}|");
}

static void
test_csv_says_where_a_record_is_wrong(void **state)
{
	(void)state;
	expect("a,b\n1\n1,2,3\n1,2\n", ',',
	    "2:{\"a\":\"1\"} csv_fields line 2, column 2: the record ends "
	    "after 1 fields, the header has 2|"
	    "3:{\"a\":\"1\",\"b\":\"2\"} csv_fields line 3, column 5: here "
	    "begins one more than 2 fields, the header has 2|"
	    "4:{\"a\":\"1\",\"b\":\"2\"}|");
	expect("a,b\n\"x\ny\",\"z\" w\n1,2\n", ',',
	    "2:{\"a\":\"x\\ny\"} csv_quote line 3, column 7: text "
	    "behind the quote that closes a "
	    "field|4:{\"a\":\"1\",\"b\":\"2\"}|");
	expect("a,b\n1,\"2\n3,4\n", ',',
	    "2:{\"a\":\"1\"} csv_quote line 2, column 3: the quote that "
	    "opens here is never closed|");
	expect("a,b\nx,\n\xff,y\n", ',',
	    "2:{\"a\":\"x\",\"b\":null}|3: csv_utf8 line 3, column 1: not "
	    "UTF-8|");
}

static void
test_csv_header_must_name_each_column_once(void **state)
{
	static const char *const bad[] = { "a,,b", "a,b,a", "a,\"a\"", "a,",
		"\"a", "\xff", NULL };
	struct cdp_err err = { 0 };
	int i;

	(void)state;
	for (i = 0; bad[i] != NULL; i++) {
		struct cdp_csv c = { .sep = ',' };

		assert_int_equal(
		    cdp_csv_header(&c, cdp_str_of(bad[i]), &err), CDP_ECONF);
		cdp_csv_free(&c);
	}
}

static void
check_time(const char *text, const char *want)
{
	struct cdp_buf b = { 0 };

	cdp_warehouse_time(&b, cdp_str_of(text));
	assert_string_equal(cdp_buf_cstr(&b), want);
	cdp_buf_free(&b);
}

static void
test_time_reads_what_warehouses_write(void **state)
{
	(void)state;
	check_time("2026-03-01 10:00:00.5+00", "\"2026-03-01T10:00:00.500Z\"");
	check_time("2026-03-01 10:00:00-03", "\"2026-03-01T13:00:00.000Z\"");
	check_time(
	    "2026-03-01 10:00:00.123456+05:30", "\"2026-03-01T04:30:00.123Z\"");
	check_time("2026-03-01 10:00:00 UTC", "\"2026-03-01T10:00:00.000Z\"");
	check_time("2026-03-01 10:00:00", "\"2026-03-01T10:00:00.000Z\"");
	check_time("2026-03-01T10:00:00Z", "\"2026-03-01T10:00:00.000Z\"");
	check_time("2026-03-01", "\"2026-03-01T00:00:00.000Z\"");
	check_time("yesterday", "\"yesterday\"");
	check_time("", "\"\"");
	check_time("2026-03-01 10:00:00.1234567890123456789 and more",
	    "\"2026-"
	    "03-01 10:00:00.1234567890123456789 and more\"");
}

/* ---- Snowplow ---- */

static void
fields_of(struct cdp_buf *b, const char *const (*v)[2])
{
	char line[4096] = "";
	int i, j, n = 0;

	for (i = 0; i < CDP_SNOWPLOW_FIELDS; i++) {
		for (j = 0; v[j][0] != NULL; j++)
			if (atoi(v[j][0]) == i)
				n += sprintf(line + n, "%s", v[j][1]);
		if (i + 1 < CDP_SNOWPLOW_FIELDS)
			line[n++] = '\t';
	}
	cdp_buf_reset(b);
	cdp_buf_put(b, (struct cdp_str){ line, (size_t)n });
}

#define UNSTRUCT                                                               \
	"{\"schema\":\"iglu:com.snowplowanalytics.snowplow/unstruct_event/"    \
	"jsonschema/1-0-0\",\"data\":{\"schema\":\"iglu:com.acme-x/"           \
	"addToCart/jsonschema/2-1-0\",\"data\":{\"sku\":\"s1\",\"n\":1.50}}}"
#define CONTEXTS                                                               \
	"{\"schema\":\"iglu:com.snowplowanalytics.snowplow/contexts/"          \
	"jsonschema/1-0-1\",\"data\":["                                        \
	"{\"schema\":\"iglu:com.acme/product/jsonschema/1-0-0\",\"data\":"     \
	"{\"id\":1}},"                                                         \
	"{\"schema\":\"iglu:com.acme/cart/jsonschema/3-0-0\",\"data\":{}},"    \
	"{\"schema\":\"iglu:com.acme/product/jsonschema/1-0-1\",\"data\":"     \
	"{\"id\":2}}]}"

static void
test_snowplow_reads_an_enriched_event(void **state)
{
	static const char *const v[][2] = { { "0", "shop" }, { "1", "web" },
		{ "3", "2026-03-01 10:00:02.000" }, { "5", "unstruct" },
		{ "6", "e1" }, { "12", "ana" }, { "15", "d1" }, { "16", "4" },
		{ "22", "-23.5" }, { "52", CONTEXTS }, { "58", UNSTRUCT },
		{ "93", "1" }, { "124", "2026-03-01 10:00:01.5" },
		{ "126", "add_to_cart" }, { NULL, NULL } };
	struct cdp_snowplow s = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_buf line = { 0 }, b = { 0 };
	struct cdp_err err = { 0 };

	(void)state;
	fields_of(&line, v);
	assert_int_equal(cdp_snowplow_read(&s, cdp_buf_str(&line), &err), 0);
	assert_int_equal(cdp_snowplow_object(&s, &b, &mem, &err), 0);
	assert_string_equal(cdp_buf_cstr(&b),
	    "{\"app_id\":\"shop\",\"platform\":\"web\",\"collector_tstamp\":"
	    "\"2026-03-01T10:00:02.000Z\",\"event\":\"unstruct\",\"event_id\":"
	    "\"e1\",\"user_id\":\"ana\",\"domain_userid\":\"d1\","
	    "\"domain_sessionidx\":4,\"geo_latitude\":-23.5,\"br_cookies\":"
	    "true,\"derived_tstamp\":\"2026-03-01T10:00:01.500Z\","
	    "\"event_name\":\"add_to_cart\",\"contexts_com_acme_product_1\":"
	    "[{\"id\":1},{\"id\":2}],\"contexts_com_acme_cart_3\":[{}],"
	    "\"unstruct_event_com_acme_x_add_to_cart_2\":{\"sku\":\"s1\","
	    "\"n\":1.50}}");
	cdp_buf_reset(&b);
	assert_int_equal(cdp_snowplow_event(&s, &b, &mem, &err), 0);
	assert_string_equal(cdp_buf_cstr(&b),
	    "{\"type\":\"track\",\"event\":\"add_to_cart\",\"messageId\":"
	    "\"e1\",\"userId\":\"ana\",\"anonymousId\":\"d1\",\"timestamp\":"
	    "\"2026-03-01T10:00:01.500Z\",\"receivedAt\":"
	    "\"2026-03-01T10:00:02.000Z\",\"context\":{\"location\":"
	    "{\"latitude\":-23.5},\"snowplow\":{\"app_id\":\"shop\","
	    "\"platform\":\"web\",\"domain_sessionidx\":4,"
	    "\"contexts_com_acme_product_1\":[{\"id\":1},{\"id\":2}],"
	    "\"contexts_com_acme_cart_3\":[{}]}},\"properties\":{\"sku\":"
	    "\"s1\",\"n\":1.50}}");
	cdp_snowplow_free(&s);
	cdp_arena_free(&mem);
	cdp_buf_free(&line);
	cdp_buf_free(&b);
}

static void
refuse(const char *const (*v)[2], const char *want)
{
	struct cdp_snowplow s = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_buf line = { 0 }, b = { 0 };
	struct cdp_err err = { 0 };
	int rc;

	fields_of(&line, v);
	rc = cdp_snowplow_read(&s, cdp_buf_str(&line), &err);
	if (rc == 0)
		rc = cdp_snowplow_object(&s, &b, &mem, &err);
	assert_int_equal(rc, CDP_EDATA);
	assert_string_equal(err.msg, want);
	cdp_snowplow_free(&s);
	cdp_arena_free(&mem);
	cdp_buf_free(&line);
	cdp_buf_free(&b);
}

static void
test_snowplow_says_which_field_is_wrong(void **state)
{
	static const char *const number[][2] = { { "16", "four" },
		{ NULL, NULL } };
	static const char *const flag[][2] = { { "93", "yes" },
		{ NULL, NULL } };
	static const char *const own[][2] = { { "58", "{\"data\":{}}" },
		{ NULL, NULL } };
	static const char *const list[][2] = {
		{ "52", "{\"schema\":\"iglu:a/b/c/1-0-0\",\"data\":[1]}" },
		{ NULL, NULL }
	};
	static const char *const more[][2] = { { "1", "\t" }, { NULL, NULL } };

	(void)state;
	refuse(number, "domain_sessionidx is not a number");
	refuse(flag, "br_cookies is neither 1 nor 0");
	refuse(own, "unstruct_event does not describe itself");
	refuse(list, "contexts holds what does not describe itself");
	refuse(more, "132 fields between tabs; an enriched event has 131");
}

/* ---- Snowplow's own test data ---- */

#define SAMPLE "/../shared/data/snowplow/web_0.15.2__snowplow_web_events.csv"
#define PAGE "contexts_com_snowplowanalytics_snowplow_web_page_1"

#define NAME_OF(name, kind) #name,
static const char *const names[] = { FIELDS(NAME_OF) };

/* A column; what is true or false there is 1 or 0 in an enriched event. */
static struct cdp_str
value(const struct cdp_tape *row, size_t i, struct cdp_arena *mem)
{
	struct cdp_str s =
	    cdp_tape_str(row, cdp_tape_get(row, 0, cdp_str_of(names[i])), mem);

	if (s.n == 4 && strncasecmp(s.p, "true", 4) == 0)
		return CDP_STR("1");
	if (s.n == 5 && strncasecmp(s.p, "false", 5) == 0)
		return CDP_STR("0");
	return s;
}

/* A row of the warehouse's table as the enriched event that it was. */
static void
enrich(const struct cdp_tape *row, struct cdp_arena *mem, struct cdp_buf *b)
{
	uint32_t page = cdp_tape_get(row, 0, CDP_STR(PAGE "_0_0"));
	struct cdp_str list = cdp_tape_str(row, page, mem);
	size_t i;

	cdp_buf_reset(b);
	for (i = 0; i < CDP_SNOWPLOW_FIELDS; i++) {
		if (i != 0)
			cdp_buf_putc(b, '\t');
		if (strcmp(names[i], "contexts") != 0)
			cdp_buf_put(b, value(row, i, mem));
		else if (list.n > 2)
			cdp_buf_printf(b,
			    "{\"schema\":\"iglu:com.snowplowanalytics."
			    "snowplow/contexts/jsonschema/1-0-0\",\"data\":"
			    "[{\"schema\":\"iglu:com.snowplowanalytics."
			    "snowplow/web_page/jsonschema/1-0-0\","
			    "\"data\":%.*s}]}",
			    (int)list.n - 2, list.p + 1);
	}
}

/* The object has what the row has, each in its kind. */
static void
compare(const struct cdp_tape *row, const struct cdp_tape *got,
    struct cdp_arena *mem)
{
	struct cdp_str want, have, page;
	uint32_t at;
	size_t i;

	for (i = 0; i < CDP_SNOWPLOW_FIELDS; i++) {
		want = value(row, i, mem);
		at = cdp_tape_get(got, 0, cdp_str_of(names[i]));
		if (want.n == 0) {
			assert_int_equal(at, CDP_NOTOK);
			continue;
		}
		have = cdp_tape_isa(got, at, CDP_STRING)
		    ? cdp_tape_str(got, at, mem)
		    : cdp_tape_raw(got, at);
		if (cdp_tape_isa(got, at, CDP_TRUE))
			have = CDP_STR("1");
		if (cdp_tape_isa(got, at, CDP_FALSE))
			have = CDP_STR("0");
		if (strstr(names[i], "_tstamp") != NULL) {
			assert_int_equal(have.n, 24);
			assert_memory_equal(have.p, want.p, 10);
			assert_memory_equal(have.p + 11, want.p + 11, 8);
			continue;
		}
		assert_int_equal(have.n, want.n);
		assert_memory_equal(have.p, want.p, want.n);
	}
	page =
	    cdp_tape_str(row, cdp_tape_get(row, 0, CDP_STR(PAGE "_0_0")), mem);
	have = cdp_tape_raw(got, cdp_tape_get(got, 0, CDP_STR(PAGE)));
	if (page.n > 2)
		assert_true(cdp_str_eq(have, page));
}

static void
check_row(const struct cdp_tape *row, struct cdp_arena *mem)
{
	struct cdp_snowplow s = { 0 };
	struct cdp_tape got = { 0 };
	struct cdp_buf line = { 0 }, b = { 0 };
	struct cdp_err err = { 0 };

	enrich(row, mem, &line);
	assert_int_equal(cdp_snowplow_read(&s, cdp_buf_str(&line), &err), 0);
	assert_int_equal(cdp_snowplow_object(&s, &b, mem, &err), 0);
	assert_int_equal(cdp_tape_parse(&got, cdp_buf_str(&b), &err), 0);
	compare(row, &got, mem);
	cdp_buf_reset(&b);
	assert_int_equal(cdp_snowplow_event(&s, &b, mem, &err), 0);
	assert_int_equal(cdp_tape_parse(&got, cdp_buf_str(&b), &err), 0);
	assert_true(cdp_str_eq(
	    cdp_tape_str(
		&got, cdp_tape_get(&got, 0, CDP_STR("messageId")), mem),
	    cdp_tape_str(row, cdp_tape_get(row, 0, CDP_STR("event_id")), mem)));
	cdp_snowplow_free(&s);
	cdp_tape_free(&got);
	cdp_buf_free(&line);
	cdp_buf_free(&b);
}

static void
test_snowplow_reads_real_events(void **state)
{
	const char *top = getenv("top"), *p, *end, *nl;
	struct cdp_csv c = { .sep = ',' };
	struct cdp_buf text = { 0 }, b = { 0 };
	struct cdp_tape row = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_str rec;
	int st, n = 0;
	FILE *fp;

	(void)state;
	fp = top == NULL
	    ? NULL
	    : fopen(cdp_arena_printf(&mem, "%s" SAMPLE, top).p, "r");
	if (fp == NULL)
		skip();
	while (!feof(fp))
		text.n += fread(cdp_buf_room(&text, 1 << 20), 1, 1 << 20, fp);
	fclose(fp);
	for (p = text.p, end = p + text.n; p < end; p = nl + 1) {
		st = 0;
		nl = cdp_csv_end(',', p, end, &st);
		if (nl == NULL)
			nl = end;
		rec = (struct cdp_str){ p, (size_t)(nl - p) };
		rec.n -= nl[-1] == '\r';
		if (c.ncol == 0) {
			assert_int_equal(cdp_csv_header(&c, rec, &err), 0);
			continue;
		}
		cdp_buf_reset(&b);
		assert_int_equal(cdp_csv_row(&c, rec, 1, &b, &err), 0);
		assert_int_equal(
		    cdp_tape_parse(&row, cdp_buf_str(&b), &err), 0);
		check_row(&row, &mem);
		cdp_arena_reset(&mem);
		n++;
	}
	assert_true(n > 100);
	cdp_csv_free(&c);
	cdp_tape_free(&row);
	cdp_arena_free(&mem);
	cdp_buf_free(&text);
	cdp_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv_reads_what_the_rfc_says),
		cmocka_unit_test(test_csv_reads_what_databases_write),
		cmocka_unit_test(test_csv_says_where_a_record_is_wrong),
		cmocka_unit_test(test_csv_header_must_name_each_column_once),
		cmocka_unit_test(test_time_reads_what_warehouses_write),
		cmocka_unit_test(test_snowplow_reads_an_enriched_event),
		cmocka_unit_test(test_snowplow_says_which_field_is_wrong),
		cmocka_unit_test(test_snowplow_reads_real_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
