#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/rule/email.h"

/* The A-labels are those of RFC 3492's and UTS 46's own examples. */
static void
test_email_normalize_vectors(void **state)
{
	static const struct {
		const char *in, *want; /* NULL: refused */
	} v[] = {
		{ " Ana.Souza@Example.COM\t", "ana.souza@example.com" },
		{ "ana@example.com", "ana@example.com" },
		{ "ANA@B\xC3\x9C"
		  "CHER.example",
		    "ana@xn--bcher-kva.example" },
		{ "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example" },
		{ "ana@XN--BCHER-KVA.example", "ana@xn--bcher-kva.example" },
		/* The same letter, composed and not. */
		{ "ana@bu\xCC\x88"
		  "cher.example",
		    "ana@xn--bcher-kva.example" },
		/* IDNA2008: sharp s is no ss. */
		{ "ana@fa\xC3\x9F.de", "ana@xn--fa-hia.de" },
		{ "ana@fass.de", "ana@fass.de" },
		{ "ana@\xE4\xBE\x8B\xE3\x81\x88\xE3\x80\x82"
		  "jp",
		    "ana@xn--r8jz45g.jp" },
		{ "JOS\xC3\x89@example.com", "jos\xC3\xA9@example.com" },
		{ "ana@\xE2\x80\x8D.example", NULL },
		{ "ana", NULL },
		{ "@example.com", NULL },
		{ "ana@", NULL },
		{ "a@b@c", NULL },
		{ "a b@example.com", NULL },
		{ "", NULL },
	};
	struct cdp_arena mem = { 0 };
	struct cdp_str got;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		rc = cdp_email_normalize(cdp_str_of(v[i].in), &mem, &got);
		if ((rc == 0) != (v[i].want != NULL) ||
		    (rc == 0 && !cdp_str_is(got, v[i].want)))
			fail_msg("'%s' became '%.*s'", v[i].in,
			    rc == 0 ? (int)got.n : 0, got.p);
	}
	cdp_arena_free(&mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_email_normalize_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
