#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/dec.h"
#include "lib/base/due.h"
#include "lib/base/hash.h"
#include "lib/base/io.h"
#include "lib/base/map.h"
#include "lib/base/ranges.h"
#include "lib/base/time.h"
#include "lib/base/utf8.h"

static uint64_t state = 88172645463325252u;

static uint64_t
rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

static void
test_str_nearest_is_the_near_one(void **unused)
{
	const struct cdp_str names[] = { CDP_STR("loyal"), CDP_STR("vip"),
		CDP_STR("cart_abandoners") };

	(void)unused;
	assert_int_equal(cdp_str_nearest(CDP_STR("loyall"), names, 3), 0);
	assert_int_equal(cdp_str_nearest(CDP_STR("vpi"), names, 3), 1);
	assert_int_equal(cdp_str_nearest(CDP_STR("vpx"), names, 3), -1);
	assert_int_equal(cdp_str_nearest(CDP_STR("vi"), names, 3), 1);
	assert_int_equal(
	    cdp_str_nearest(CDP_STR("cart_abandonners"), names, 3), 2);
	assert_int_equal(cdp_str_nearest(CDP_STR("something"), names, 3), -1);
}

static void
test_buf_stops_at_its_ceiling(void **unused)
{
	struct cdp_buf b = { .max = 10 };

	(void)unused;
	cdp_buf_puts(&b, "0123456789");
	assert_false(b.over);
	cdp_buf_puts(&b, "x");
	assert_true(b.over);
	assert_true(cdp_str_is(cdp_buf_str(&b), "0123456789"));
	cdp_buf_reset(&b);
	assert_false(b.over);
	cdp_buf_free(&b);
	b.max = 0;
	cdp_buf_i64(&b, INT64_MIN);
	assert_true(cdp_str_is(cdp_buf_str(&b), "-9223372036854775808"));
	cdp_buf_free(&b);
}

static void
test_buf_writes_all_digits(void **none)
{
	struct cdp_buf b = { 0 };
	char want[24];
	uint64_t v = 1;
	int i, j;

	(void)none;
	for (i = 0; i < 20; i++, v *= 10)
		for (j = -2; j < 12; j++) {
			snprintf(want, sizeof(want), "%llu",
			    (unsigned long long)(v + (uint64_t)j));
			cdp_buf_free(&b); /* no more room than it needs */
			cdp_buf_u64(&b, v + (uint64_t)j);
			assert_true(cdp_str_is(cdp_buf_str(&b), want));
			cdp_buf_u64(&b, v + (uint64_t)j);
			assert_int_equal(b.n, 2 * strlen(want));
		}
	cdp_buf_free(&b);
	b.max = 2;
	cdp_buf_u64(&b, 100);
	assert_true(b.over && b.n == 0);
	cdp_buf_free(&b);
}

/* Past 2 MiB it stands in memory of another kind. */
static void
test_buf_keeps_what_is_large(void **unused)
{
	struct cdp_buf b = { .max = 9000000 };
	char line[1000];
	size_t i;

	(void)unused;
	for (i = 0; i < 9000; i++) {
		memset(line, (int)('a' + i % 26), sizeof(line));
		cdp_buf_put(&b, (struct cdp_str){ line, sizeof(line) });
	}
	assert_false(b.over);
	cdp_buf_putc(&b, 'x');
	assert_true(b.over);
	assert_int_equal(b.n, 9000000);
	for (i = 0; i < b.n; i++)
		if (b.p[i] != (char)('a' + i / sizeof(line) % 26))
			fail_msg("byte %zu", i);
	cdp_buf_free(&b);
	cdp_buf_putc(&b, 'x');
	assert_true(cdp_str_is(cdp_buf_str(&b), "x"));
	cdp_buf_free(&b);
}

static void
test_arena_keeps_what_it_gave(void **unused)
{
	struct cdp_arena a = { 0 };
	struct cdp_str s[300];
	int round, i;

	(void)unused;
	assert_non_null(cdp_arena_alloc(&a, 0));
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 300; i++)
			s[i] = cdp_arena_printf(&a, "%0*d", i + 1, i % 10);
		for (i = 0; i < 300; i++) {
			assert_int_equal(s[i].n, (size_t)i + 1);
			assert_int_equal(s[i].p[i], '0' + i % 10);
		}
		cdp_arena_reset(&a);
	}
	cdp_arena_free(&a);
}

static void
test_map_equals_an_array(void **unused)
{
	static char keys[500][8];
	static void *want[500];
	struct cdp_map m = { 0 };
	size_t i, k, n = 0, seen = 0;

	(void)unused;
	for (i = 0; i < 500; i++)
		snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
	for (i = 0; i < 20000; i++) {
		k = rnd() % 500;
		if (rnd() % 3 != 0) {
			void **at = cdp_map_at(&m, cdp_str_of(keys[k]));

			assert_ptr_equal(*at, want[k]);
			n += want[k] == NULL;
			*at = want[k] = &keys[k][rnd() % 8];
		} else {
			assert_ptr_equal(
			    cdp_map_del(&m, cdp_str_of(keys[k])), want[k]);
			n -= want[k] != NULL;
			want[k] = NULL;
		}
		assert_int_equal(m.n, n);
	}
	for (i = 0; cdp_map_next(&m, &i) != NULL;)
		seen++;
	assert_int_equal(seen, n);
	cdp_map_free(&m);
}

static void
test_hash_is_the_published_one(void **unused)
{
	char d[65];
	struct cdp_str list[2] = { CDP_STR("ab"), CDP_STR("c") };
	struct cdp_str other[2] = { CDP_STR("a"), CDP_STR("bc") };
	char x[25], y[25];

	(void)unused;
	cdp_hash_sha256_plain(CDP_STR("abc"), d);
	assert_string_equal(d,
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	cdp_hash_sha256(list, 2, x, 24);
	cdp_hash_sha256(other, 2, y, 24);
	assert_string_not_equal(x, y);
	/* RFC 3720 B.4 */
	assert_int_equal(cdp_crc32c(0, "123456789", 9), 0xE3069283);
	assert_int_equal(
	    cdp_crc32c(cdp_crc32c(0, "1234", 4), "56789", 5), 0xE3069283);
}

static void
test_utf8_refuses_what_rfc3629_does(void **unused)
{
	static const struct {
		const char *s;
		size_t valid;
	} t[] = { { "abc", 3 }, { "a\xC3\xA9z", 4 }, { "\xC0\x80", 0 },
		{ "x\xED\xA0\x80", 1 }, { "\xF4\x8F\xBF\xBF", 4 },
		{ "\xF4\x90\x80\x80", 0 }, { "12345678\xE2\x82", 8 },
		{ "\xE0\x9F\xBF", 0 }, { "\xFF", 0 } };
	struct cdp_arena a = { 0 };
	struct cdp_str s;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(
		    cdp_utf8_valid(cdp_str_of(t[i].s)), t[i].valid);
	assert_int_equal(
	    cdp_utf8_fold(CDP_STR("STRASSE\xC3\x9F"), &a, &s, NULL), 0);
	assert_true(cdp_str_is(s, "strassess"));
	assert_int_equal(cdp_utf8_fold(CDP_STR("Ana@X.Br"), &a, &s, NULL), 0);
	assert_true(cdp_str_is(s, "ana@x.br"));
	s = cdp_utf8_printable(CDP_STR("a\x1b[1m\xC2\x9B\xC3\xA9\xFF"), &a);
	assert_true(cdp_str_is(s, "a\\x1b[1m\\xc2\\x9b\xC3\xA9\\xff"));
	cdp_arena_free(&a);
}

static void
test_time_reads_what_it_writes(void **unused)
{
	char z[CDP_TIME_SIZE];
	int64_t ms, back;
	int i;

	(void)unused;
	for (i = 0; i < 20000; i++) {
		ms = (int64_t)(rnd() % 315537897600000) - 62135596800000;
		cdp_time_format(ms, z);
		assert_int_equal(cdp_time_parse(cdp_str_of(z), &back), 0);
		assert_true(back == ms);
	}
	cdp_time_format(CDP_TIME_END, z);
	assert_string_equal(z, "9999-12-31T23:59:59.999Z");
}

static void
test_time_knows_instants(void **unused)
{
	static const struct {
		const char *s;
		int64_t ms; /* by date(1); INT64_MIN: refused */
	} t[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2016-08-01T07:43:40.000Z", 1470037420000 },
		{ "2016-08-01T09:43:40.5+02:00", 1470037420500 },
		{ "2016-02-29 23:59:60z", 1456790399000 },
		{ "2000-02-29T00:00:00.123456Z", 951782400123 },
		{ "2015-02-29T00:00:00Z", INT64_MIN },
		{ "1900-02-29T00:00:00Z", INT64_MIN },
		{ "2016-08-01T07:43:40", INT64_MIN },
		{ "2016-08-01T07:43:40.Z", INT64_MIN },
		{ "2016-13-01T07:43:40Z", INT64_MIN },
		{ "2016-08-01T24:00:00Z", INT64_MIN },
		{ "2016-08-01T07:43:40+0200", INT64_MIN },
		{ "2016-08-01T07:43:40Zx", INT64_MIN },
	};
	int64_t ms;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ms = INT64_MIN;
		cdp_time_parse(cdp_str_of(t[i].s), &ms);
		if (ms != t[i].ms)
			print_error("%s\n", t[i].s);
		assert_true(ms == t[i].ms);
	}
	assert_int_equal(cdp_time_option(CDP_STR("2025-03-03"), &ms), 0);
	assert_true(ms == 1740960000000);
	assert_int_equal(cdp_time_option(CDP_STR("@1741000000"), &ms), 0);
	assert_true(ms == 1741000000000);
}

static void
test_time_duration(void **unused)
{
	char z[24];
	int64_t ms;

	(void)unused;
	assert_int_equal(cdp_time_duration(CDP_STR("1h30m"), &ms), 0);
	assert_int_equal(ms, 5400000);
	cdp_time_duration_format(ms, z);
	assert_string_equal(z, "90m");
	assert_int_equal(cdp_time_duration(CDP_STR("2w"), &ms), 0);
	cdp_time_duration_format(ms, z);
	assert_string_equal(z, "14d");
	cdp_time_duration_format(86400000, z);
	assert_string_equal(z, "24h");
	assert_int_equal(cdp_time_duration(CDP_STR("30"), &ms), CDP_EDATA);
	assert_int_equal(cdp_time_duration(CDP_STR("m"), &ms), CDP_EDATA);
	assert_int_equal(cdp_time_duration(CDP_STR("3 m"), &ms), CDP_EDATA);
	assert_int_equal(
	    cdp_time_duration(CDP_STR("999999999999w"), &ms), CDP_EDATA);
}

static void
check_dec(const char *in, const char *out)
{
	struct cdp_buf b = { 0 };
	struct cdp_dec d;

	if (out == NULL) {
		assert_int_equal(cdp_dec_parse(cdp_str_of(in), &d), CDP_EDATA);
		return;
	}
	assert_int_equal(cdp_dec_parse(cdp_str_of(in), &d), 0);
	cdp_dec_put(&b, d);
	assert_string_equal(cdp_buf_cstr(&b), out);
	cdp_buf_free(&b);
}

static void
test_dec_is_exact(void **unused)
{
	struct cdp_dec sum = { 0 }, d;
	struct cdp_buf b = { 0 };
	int i;

	(void)unused;
	check_dec("0", "0");
	check_dec("-0.0", "0");
	check_dec("180", "180");
	check_dec("19.90", "19.9");
	check_dec("-0.5", "-0.5");
	check_dec("1e3", "1000");
	check_dec("12.5E-1", "1.25");
	check_dec("9007199254740993", "9007199254740993");
	check_dec("0.0000000000005", "0");
	check_dec("0.0000000000015", "0.000000000002");
	check_dec("1e-400", "0");
	check_dec("1e400", NULL);
	check_dec("x", NULL);
	check_dec("1.", NULL);
	for (i = 0; i < 1000; i++) {
		cdp_dec_parse(CDP_STR("0.1"), &d);
		assert_int_equal(cdp_dec_add(&sum, d), 0);
	}
	cdp_dec_put(&b, sum);
	assert_string_equal(cdp_buf_cstr(&b), "100");
	cdp_buf_reset(&b);
	cdp_dec_put(&b, cdp_dec_div(sum, 3));
	assert_string_equal(cdp_buf_cstr(&b), "33.333333333333");
	cdp_buf_free(&b);
}

static void
test_due_gives_them_in_order(void **unused)
{
	static struct cdp_due_own own[200];
	static char id[200][8];
	struct cdp_due q = { 0 };
	struct cdp_due_own *o, *last = NULL;
	size_t i, n = 0;

	(void)unused;
	for (i = 0; i < 200; i++) {
		snprintf(id[i], sizeof(id[i]), "p%zu", i);
		own[i].id = cdp_str_of(id[i]);
	}
	for (i = 0; i < 5000; i++)
		cdp_due_set(&q, &own[rnd() % 200],
		    rnd() % 5 == 0 ? INT64_MAX : (int64_t)(rnd() % 50));
	for (i = 0; i < 200; i++)
		n += own[i].at != 0;
	assert_int_equal(n, q.n);
	while ((o = cdp_due_min(&q)) != NULL) {
		if (last != NULL)
			assert_true(last->due_ms < o->due_ms ||
			    (last->due_ms == o->due_ms &&
				cdp_str_cmp(last->id, o->id) < 0));
		last = o;
		cdp_due_set(&q, o, INT64_MAX);
		n--;
	}
	assert_int_equal(n, 0);
	cdp_due_free(&q);
}

static void
test_ranges_equal_a_bitmap(void **unused)
{
	static bool set[300];
	struct cdp_ranges r = { 0 };
	uint64_t from, to, k;
	bool fresh;
	int i;

	(void)unused;
	for (i = 0; i < 400; i++) {
		from = rnd() % 300;
		to = from + rnd() % 4;
		if (to > 299)
			to = 299;
		for (fresh = true, k = from; k <= to; k++) {
			fresh = fresh && !set[k];
			set[k] = true;
		}
		assert_int_equal(cdp_ranges_add(&r, from, to), fresh);
		for (k = 0; k < 300; k++)
			assert_int_equal(cdp_ranges_has(&r, k), set[k]);
		for (k = 1; k < r.n; k++)
			assert_true(r.v[k - 1].to + 1 < r.v[k].from);
	}
	cdp_ranges_free(&r);
}

static void
test_io_replace_is_whole(void **unused)
{
	char dir[] = "/tmp/cdp-base-XXXXXX", path[64];
	struct cdp_buf b = { 0 };
	struct cdp_err err;
	int fd;

	(void)unused;
	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(
	    cdp_io_replace(&cdp_io_real, fd, "f", "one", 3, &err), 0);
	assert_int_equal(
	    cdp_io_replace(&cdp_io_real, fd, "f", "two!", 4, &err), 0);
	snprintf(path, sizeof(path), "%s/f", dir);
	assert_int_equal(cdp_io_read_file(path, 100, &b, &err), 0);
	assert_true(cdp_str_is(cdp_buf_str(&b), "two!"));
	assert_int_equal(cdp_io_read_file(path, 3, &b, &err), CDP_EDATA);
	assert_int_equal(cdp_io_read_file("/nowhere", 3, &b, &err), CDP_EIO);
	assert_string_equal(
	    err.msg, "cannot open '/nowhere': No such file or directory");
	unlink(path);
	rmdir(dir);
	close(fd);
	cdp_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_str_nearest_is_the_near_one),
		cmocka_unit_test(test_buf_stops_at_its_ceiling),
		cmocka_unit_test(test_buf_writes_all_digits),
		cmocka_unit_test(test_buf_keeps_what_is_large),
		cmocka_unit_test(test_arena_keeps_what_it_gave),
		cmocka_unit_test(test_map_equals_an_array),
		cmocka_unit_test(test_hash_is_the_published_one),
		cmocka_unit_test(test_utf8_refuses_what_rfc3629_does),
		cmocka_unit_test(test_time_reads_what_it_writes),
		cmocka_unit_test(test_time_knows_instants),
		cmocka_unit_test(test_time_duration),
		cmocka_unit_test(test_dec_is_exact),
		cmocka_unit_test(test_due_gives_them_in_order),
		cmocka_unit_test(test_ranges_equal_a_bitmap),
		cmocka_unit_test(test_io_replace_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
