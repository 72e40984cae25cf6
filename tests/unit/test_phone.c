#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/rule/phone.h"

/* Numbers from each country's own published ranges for fiction or offices. */
static void
test_phone_normalize_vectors(void **state)
{
	static const struct {
		const char *in, *region, *want; /* NULL: refused */
	} v[] = {
		{ "(11) 98765-4321", "BR", "+5511987654321" },
		{ "011 98765-4321", "BR", "+5511987654321" },
		{ "+55 11 98765-4321", "US", "+5511987654321" },
		{ "0055 11 98765 4321", "BR", "+5511987654321" },
		{ "5511987654321", "BR", "+5511987654321" },
		{ "11 3456-7890", "BR", "+551134567890" },
		{ "98765-4321", "BR", NULL },
		{ "11 18765-4321", "BR", NULL },
		{ "(415) 555-0100", "US", "+14155550100" },
		{ "1-415-555-0100", "US", "+14155550100" },
		{ "+1 415 555 0100", "PT", "+14155550100" },
		{ "(115) 555-0100", "US", NULL },
		{ "415-155-0100", "US", NULL },
		{ "555-0100", "US", NULL },
		{ "912 345 678", "PT", "+351912345678" },
		{ "351912345678", "PT", "+351912345678" },
		{ "112 345 678", "PT", NULL },
		{ "030 123456", "DE", "+4930123456" },
		{ "+49 (0)30 123456", "DE", "+4930123456" },
		{ "123456", "DE", NULL },
		{ "020 7946 0958", "GB", "+442079460958" },
		{ "+44 020 7946 0958", "GB", NULL },
		{ "2079460958", "GB", NULL },
		{ "01 23 45 67 89", "FR", "+33123456789" },
		{ "612 34 56 78", "ES", "+34612345678" },
		{ "06 1234 5678", "IT", "+390612345678" },
		{ "+39 06 1234 5678", "BR", "+390612345678" },
		{ "333 123 4567", "IT", "+393331234567" },
		{ "020 123 4567", "NL", "+31201234567" },
		{ "+81 3 1234 5678", "BR", "+81312345678" },
		{ "03 1234 5678", "JP", NULL },
		{ "+0 123 456 789", "BR", NULL },
		{ "+1234567", "BR", NULL },
		{ "11 98765-4321 ext 2", "BR", NULL },
		{ "11++987654321", "BR", NULL },
		{ "", "BR", NULL },
		{ "999999999999999999999", "BR", NULL },
	};
	struct cdp_arena mem = { 0 };
	struct cdp_str got;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		rc = cdp_phone_normalize(
		    cdp_str_of(v[i].in), cdp_str_of(v[i].region), &mem, &got);
		if (v[i].want == NULL) {
			if (rc == 0)
				fail_msg("%s gives %.*s", v[i].in, (int)got.n,
				    got.p);
			continue;
		}
		if (rc != 0)
			fail_msg("%s is refused", v[i].in);
		assert_string_equal(got.p, v[i].want);
	}
	cdp_arena_free(&mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phone_normalize_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
