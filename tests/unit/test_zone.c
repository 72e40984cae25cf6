#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lib/base/time.h"
#include "lib/base/zone.h"

static const char *const names[] = { "UTC", "America/Sao_Paulo",
	"America/New_York", "Europe/Lisbon", "Europe/Dublin", "Asia/Tokyo",
	"Asia/Kolkata", "Asia/Tehran", "Africa/Casablanca",
	"Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns",
	"Pacific/Chatham", "America/Nuuk", "Asia/Gaza", "Antarctica/Troll",
	"America/Santiago", "Etc/GMT+3" };

#define NNAMES (sizeof(names) / sizeof(names[0]))

static struct cdp_zone *
zone(const char *name)
{
	struct cdp_zone *z = cdp_zone_open(cdp_str_of(name));

	if (z == NULL)
		fail_msg("no zone %s", name);
	return z;
}

static int64_t
ms(const char *text)
{
	int64_t ret;

	assert_int_equal(cdp_time_parse(cdp_str_of(text), &ret), 0);
	return ret;
}

/* The C library reads the same files with code of its own. */
static void
test_offset_is_that_of_the_c_library(void **unused)
{
	struct cdp_zone *z;
	struct tm tm;
	time_t t;
	size_t i;
	int k;

	(void)unused;
	for (i = 0; i < NNAMES; i++) {
		z = zone(names[i]);
		setenv("TZ", names[i], 1);
		tzset();
		for (k = 0; k < 20000; k++) { /* 1950 to 2100, odd steps */
			t = -631152000 + (time_t)k * 236677;
			localtime_r(&t, &tm);
			if (cdp_zone_offset_ms(z, t * 1000) !=
			    tm.tm_gmtoff * 1000)
				fail_msg("%s at %lld: %lld, not %ld", names[i],
				    (long long)t,
				    (long long)cdp_zone_offset_ms(z, t * 1000),
				    tm.tm_gmtoff * 1000);
		}
		cdp_zone_close(z);
	}
}

/* What clocks show comes back, once a day and in order, also over changes. */
static void
test_next_comes_once_a_day(void **unused)
{
	static const int64_t hour = 3600000;
	struct cdp_zone *z;
	int64_t at, next, tod;
	size_t i;
	int k;

	(void)unused;
	for (i = 0; i < NNAMES; i++) {
		z = zone(names[i]);
		for (tod = 0; tod < 24 * hour; tod += hour / 2) {
			at = cdp_zone_next(
			    z, ms("2024-01-01T00:00:00Z"), CDP_ZONE_DAILY, tod);
			for (k = 0; k < 730; k++) {
				assert_int_equal(
				    cdp_zone_next(z, at, CDP_ZONE_DAILY, tod),
				    at);
				next = cdp_zone_next(
				    z, at + 1, CDP_ZONE_DAILY, tod);
				assert_in_range(
				    next - at, 21 * hour, 27 * hour);
				at = next;
			}
		}
		cdp_zone_close(z);
	}
}

static void
next_is(const char *name, const char *from, unsigned days, int hour, int min,
    const char *want)
{
	struct cdp_zone *z = zone(name);
	char text[CDP_TIME_SIZE];

	cdp_time_format(cdp_zone_next(z, ms(from), days,
			    (hour * 60 + min) * INT64_C(60000)),
	    text);
	assert_string_equal(text, want);
	cdp_zone_close(z);
}

static void
test_next_where_clocks_change(void **unused)
{
	unsigned daily = CDP_ZONE_DAILY;

	(void)unused;
	/* 02:30 is not there: the instant of the jump, 03:00 in summer. */
	next_is("America/New_York", "2025-03-08T12:00:00Z", daily, 2, 30,
	    "2025-03-09T07:00:00.000Z");
	/* 01:30 is there twice: the first; after that it is past. */
	next_is("America/New_York", "2025-11-02T05:00:00Z", daily, 1, 30,
	    "2025-11-02T05:30:00.000Z");
	next_is("America/New_York", "2025-11-02T05:40:00Z", daily, 1, 30,
	    "2025-11-03T06:30:00.000Z");
	/* Midnight was jumped over, and doubled. */
	next_is("America/Sao_Paulo", "2018-11-03T12:00:00Z", daily, 0, 0,
	    "2018-11-04T03:00:00.000Z");
	next_is("America/Sao_Paulo", "2019-02-16T12:00:00Z", daily, 0, 0,
	    "2019-02-17T03:00:00.000Z");
	/* A whole day was jumped over. */
	next_is("Pacific/Apia", "2011-12-30T09:00:00Z", daily, 9, 0,
	    "2011-12-30T10:00:00.000Z");
	next_is("Asia/Tokyo", "2023-12-19T23:00:12.120Z", 1u << 3, 5, 0,
	    "2023-12-20T20:00:00.000Z");
	next_is("UTC", "2025-01-06T09:00:00Z", 1u << 0, 9, 0,
	    "2025-01-06T09:00:00.000Z");
	next_is("UTC", "2025-01-06T09:00:00.001Z", 1u << 0, 9, 0,
	    "2025-01-13T09:00:00.000Z");
}

static void
test_open_refuses_what_is_no_zone(void **unused)
{
	static const char *const no[] = { "", "Mars/Olympus", "../etc/passwd",
		"America/../../../etc/passwd", "America", "/etc/localtime",
		"zone.tab", "tzdata.zi" };
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_null(cdp_zone_open(cdp_str_of(no[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offset_is_that_of_the_c_library),
		cmocka_unit_test(test_next_comes_once_a_day),
		cmocka_unit_test(test_next_where_clocks_change),
		cmocka_unit_test(test_open_refuses_what_is_no_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
