#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "lib/base/locale.h"
#include "lib/emit/sms.h"

static struct cdp_dec
dec(const char *z)
{
	struct cdp_dec d;

	assert_int_equal(cdp_dec_parse(cdp_str_of(z), &d), 0);
	return d;
}

/* As CLDR writes them, but with plain blanks. */
static void
test_money_is_written_as_there(void **state)
{
	static const struct {
		const char *locale, *amount, *code, *want;
	} row[] = {
		{ "pt-BR", "1234.5", "BRL", "R$ 1.234,50" },
		{ "pt-BR", "-1234567.895", "BRL", "-R$ 1.234.567,90" },
		{ "pt-BR", "0.005", "BRL", "R$ 0,01" },
		{ "pt-BR", "-0.001", "BRL", "R$ 0,00" },
		{ "pt-BR", "1.005", "BRL", "R$ 1,01" },
		{ "pt-BR", "10", "USD", "US$ 10,00" },
		{ "pt_br", "10", "CHF", "CHF 10,00" },
		{ "en", "1234.5", "USD", "$1,234.50" },
		{ "en-US", "1234.5", "JPY", "¥1,235" },
		{ "en-US", "-5", "CHF", "-CHF 5.00" },
		{ "en-GB", "1234.5", "GBP", "£1,234.50" },
		{ "de-DE", "1234.5", "EUR", "1.234,50 €" },
		{ "fr", "1234567.5", "EUR", "1 234 567,50 €" },
		{ "es", "1234.5", "EUR", "1234,50 €" },
		{ "es", "12345.5", "EUR", "12.345,50 €" },
		{ "pt-PT", "1234.5", "EUR", "1234,50 €" },
		{ "es-AR", "1234.5", "ARS", "$ 1.234,50" },
		{ "es-MX", "1234.5", "MXN", "$1,234.50" },
		{ "pt-BR", "1.2345", "KWD", "KWD 1,235" },
	};
	struct cdp_buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		cdp_buf_reset(&b);
		assert_int_equal(
		    cdp_locale_money(&b,
			cdp_locale_find(cdp_str_of(row[i].locale)),
			dec(row[i].amount), cdp_str_of(row[i].code), NULL),
		    0);
		assert_string_equal(cdp_buf_cstr(&b), row[i].want);
	}
	assert_int_equal(cdp_locale_money(&b, cdp_locale_find(CDP_STR("en")),
			     dec("1"), CDP_STR("R$"), NULL),
	    CDP_EDATA);
	assert_null(cdp_locale_find(CDP_STR("xx")));
	assert_null(cdp_locale_find(CDP_STR("pt-XX")));
	assert_null(cdp_locale_find(CDP_STR("")));
	cdp_buf_free(&b);
}

static void
test_number_has_as_many_digits_as_asked_for(void **state)
{
	static const struct {
		const char *n;
		int digits;
		const char *want;
	} row[] = {
		{ "1234.5678", -1, "1.234,5678" },
		{ "1234.5678", 1, "1.234,6" },
		{ "999.99", 1, "1.000,0" },
		{ "12", 2, "12,00" },
		{ "12", -1, "12" },
		{ "0.5", 0, "1" },
		{ "-0.5", 0, "-1" },
		{ "0.1", 12, "0,100000000000" },
		{ "1000000", -1, "1.000.000" },
	};
	struct cdp_buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		cdp_buf_reset(&b);
		cdp_locale_number(&b, cdp_locale_find(CDP_STR("pt")),
		    dec(row[i].n), row[i].digits);
		assert_string_equal(cdp_buf_cstr(&b), row[i].want);
	}
	cdp_buf_free(&b);
}

/* Every 11th hour of 900 years, against the C library. */
static void
test_date_is_what_strftime_says(void **state)
{
	static const char form[] = "%d %m %Y %y %H %M %S %I %p %j %A %B %b %a";
	const struct cdp_locale *lo = cdp_locale_find(CDP_STR("en-US"));
	struct cdp_buf b = { 0 };
	char want[128];
	struct tm tm;
	time_t t;

	(void)state;
	for (t = -12219292800; t < 16725225600; t += 11 * 3600 * 91 + 61) {
		gmtime_r(&t, &tm);
		strftime(want, sizeof(want), form, &tm);
		cdp_buf_reset(&b);
		assert_int_equal(
		    cdp_locale_date(&b, lo, t * 1000, cdp_str_of(form), NULL), 0);
		assert_string_equal(cdp_buf_cstr(&b), want);
	}
	cdp_buf_reset(&b);
	lo = cdp_locale_find(CDP_STR("pt-BR"));
	cdp_locale_date(&b, lo, 1772409000000, CDP_STR("long"), NULL);
	cdp_locale_date(
	    &b, lo, 1772409000000, CDP_STR(", %a %-d/%-m %-H:%M"), NULL);
	assert_string_equal(
	    cdp_buf_cstr(&b), "1 de março de 2026, dom 1/3 23:50");
	assert_int_equal(
	    cdp_locale_date(&b, lo, 0, CDP_STR("%Q"), NULL), CDP_EDATA);
	assert_int_equal(
	    cdp_locale_date(&b, lo, 0, CDP_STR("%"), NULL), CDP_EDATA);
	assert_int_equal(
	    cdp_locale_date(&b, lo, 0, CDP_STR("%-"), NULL), CDP_EDATA);
	cdp_buf_free(&b);
}

/* n times c, and then. */
static struct cdp_sms
count(const char *c, int n, const char *then)
{
	struct cdp_buf b = { 0 };
	struct cdp_sms s;

	while (n-- > 0)
		cdp_buf_puts(&b, c);
	cdp_buf_puts(&b, then);
	cdp_sms_count(cdp_buf_str(&b), &s);
	s.odd.p = NULL;
	cdp_buf_free(&b);
	return s;
}

static void
test_sms_is_cut_where_gsm_cuts_it(void **state)
{
	static const struct {
		const char *c;
		int n;
		const char *then;
		bool ucs2;
		size_t length, segments;
	} row[] = {
		{ "a", 0, "", false, 0, 1 }, { "a", 160, "", false, 160, 1 },
		{ "a", 161, "", false, 161, 2 },
		{ "a", 306, "", false, 306, 2 },
		{ "a", 307, "", false, 307, 3 },
		{ "à", 160, "", false, 160, 1 },  /* in the alphabet */
		{ "a", 159, "€", false, 161, 2 }, /* counts twice */
		{ "€", 80, "", false, 160, 1 },
		{ "€", 152, "", false, 304, 2 }, /* 76 in each of 153 */
		{ "€", 153, "", false, 306, 3 }, /* none is cut */
		{ "ã", 70, "", true, 70, 1 }, { "ã", 71, "", true, 71, 2 },
		{ "ã", 134, "", true, 134, 2 }, { "ã", 135, "", true, 135, 3 },
		{ "a", 69, "ç", true, 70, 1 }, /* Ç is, ç is not */
		{ "a", 159, "Ç", false, 160, 1 },
		{ "a", 159, "`", true, 160, 3 }, { "🎉", 35, "", true, 70, 1 },
		{ "🎉", 66, "", true, 132, 2 }, /* 33 in each of 67 */
		{ "🎉", 67, "", true, 134, 3 }, /* no pair is cut */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct cdp_sms s = count(row[i].c, row[i].n, row[i].then);

		if (s.ucs2 != row[i].ucs2 || s.length != row[i].length ||
		    s.segments != row[i].segments)
			fail_msg("%d of %s and %s: %zu, %zu", row[i].n,
			    row[i].c, row[i].then, s.length, s.segments);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_money_is_written_as_there),
		cmocka_unit_test(test_number_has_as_many_digits_as_asked_for),
		cmocka_unit_test(test_date_is_what_strftime_says),
		cmocka_unit_test(test_sms_is_cut_where_gsm_cuts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
