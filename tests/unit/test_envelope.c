#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/ingest/envelope.h"

static struct cdp_limits limits;
static struct cdp_err err;

/* The code a line is refused with, "" if it is not; its time in *ms. */
static const char *
judge(const char *json, int64_t *ms)
{
	struct cdp_tape t = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_line ln;
	int64_t received;
	int rc;

	memset(&err, 0, sizeof(err));
	rc = cdp_line_parse(cdp_str_of(json), 1, &t, &mem, &ln, &err);
	assert_int_equal(rc, 0);
	rc = cdp_envelope_check(&ln, &ln.env, &limits, &err);
	if (rc == 0)
		rc = cdp_envelope_time(&ln, &ln.env, ms, &received, &err);
	assert_true(rc == 0 || rc == CDP_EDATA);
	assert_int_equal(rc == 0, err.rule[0] == '\0');
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
	return err.rule;
}

#define TS "\"timestamp\":\"2025-03-03T10:00:00Z\""
#define TRACK "{\"type\":\"track\",\"event\":\"E\"," TS ","
#define PAGE "{\"type\":\"page\",\"userId\":\"u\"," TS ","
#define CONSENT                                                                \
	"{\"type\":\"track\",\"event\":\"Segment Consent Preference "          \
	"Updated\",\"userId\":\"u\"," TS ","

static void
test_check_has_segments_codes(void **state)
{
	static const struct {
		const char *json, *code;
	} v[] = {
		{ TRACK "\"userId\":\"u\"}", "" },
		{ TRACK "\"anonymousId\":\"a\",\"userId\":null}", "" },
		{ TRACK "\"anonymousId\":\"a\",\"userId\":\"\"}", "" },
		{ TRACK "\"x\":1}", "no_user_anon_id" },
		{ TRACK "\"userId\":\"\"}", "no_user_anon_id" },
		{ TRACK "\"groupId\":\"g\"}", "no_user_anon_id" },
		{ TRACK "\"userId\":7}", "id_not_string" },
		{ TRACK "\"userId\":\"u\",\"anonymousId\":{}}",
		    "id_not_string" },
		{ "{\"type\":\"track\",\"userId\":\"u\"," TS "}",
		    "event_not_defined" },
		{ "{\"type\":\"track\",\"event\":\"\",\"userId\":\"u\"," TS "}",
		    "event_not_defined" },
		{ "{\"type\":\"track\",\"event\":5,\"userId\":\"u\"," TS "}",
		    "event_not_string" },
		{ TRACK "\"userId\":\"u\",\"properties\":[]}",
		    "properties_not_object" },
		{ TRACK "\"userId\":\"u\",\"properties\":null}", "" },
		{ TRACK "\"userId\":\"u\",\"context\":3}", "bad_request" },
		{ TRACK "\"userId\":\"u\",\"integrations\":true}",
		    "bad_request" },
		{ TRACK "\"userId\":\"u\",\"messageId\":12}", "bad_request" },
		{ "{\"type\":\"identify\",\"userId\":\"u\",\"traits\":\"x\"," TS
		  "}",
		    "traits_not_object" },
		{ PAGE "\"name\":\"Home\"}", "" },
		{ PAGE "\"name\":\"\"}", "name_not_string" },
		{ PAGE "\"name\":4}", "name_not_string" },
		{ PAGE "\"category\":[]}", "category_not_string" },
		{ "{\"type\":\"group\",\"userId\":\"u\"," TS "}",
		    "id_required" },
		{ "{\"type\":\"group\",\"groupId\":\"g\"," TS "}",
		    "no_user_anon_id" },
		{ "{\"type\":\"alias\",\"userId\":\"u\"," TS "}",
		    "id_required" },
		{ "{\"type\":\"alias\",\"previousId\":\"u\"," TS "}",
		    "id_required" },
		{ CONSENT "\"context\":{}}",
		    "consent_categorypreferences_should_exist" },
		{ CONSENT
		    "\"context\":{\"consent\":{\"categoryPreferences\":1}}}",
		    "consent_categorypreferences_fields_should_be_object" },
		{ CONSENT "\"context\":{\"consent\":{\"categoryPreferences\":"
			  "{\"A\":\"yes\"}}}}",
		    "consent_categorypreferences_fields_should_be_bool" },
		{ CONSENT "\"context\":{\"consent\":{\"categoryPreferences\":"
			  "{\"A\":true},\"version\":\"2\"}}}",
		    "consent_version_should_be_number" },
		{ CONSENT "\"context\":{\"device\":{\"advertisingId\":1},"
			  "\"consent\":{\"categoryPreferences\":{}}}}",
		    "device_advertisingid_should_be_string" },
		{ CONSENT "\"context\":{\"consent\":{\"categoryPreferences\":"
			  "{\"A\":true,\"B\":false}}}}",
		    "" },
		{ "{\"type\":\"merge\"}", "reserved_type" },
		{ "{\"type\":\"clock\"}", "reserved_type" },
		{ "{\"type\":\"end\"}", "reserved_type" },
		{ "{\"type\":\"delivery\"}", "reserved_type" },
		{ "{\"type\":\"suppress\",\"userId\":\"u\"}", "" },
		{ "{\"batch\":[]}", "bad_request" },
		{ "{\"type\":\"trak\"}", "bad_request" },
		{ "{\"userId\":\"u\"}", "bad_request" },
		{ "{\"type\":\"object\",\"collection\":\"p\",\"id\":1}", "" },
		{ "{\"type\":\"object\",\"collection\":\"p\"}", "id_required" },
		{ "{\"type\":\"object\",\"collection\":\"p\",\"id\":[]}",
		    "id_not_string" },
		{ "{\"type\":\"object\",\"id\":\"1\"}", "bad_request" },
	};
	int64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (strcmp(judge(v[i].json, &ms), v[i].code) != 0)
			fail_msg("%s: %s, not %s", v[i].json,
			    judge(v[i].json, &ms), v[i].code);
	}
}

static void
test_check_has_limits(void **state)
{
	static const struct {
		const char *json, *field;
	} v[] = {
		{ TRACK "\"userId\":\"u\",\"messageId\":\"12345\"}", "" },
		{ TRACK "\"userId\":\"u\",\"messageId\":\"ééééé\"}", "" },
		{ TRACK "\"userId\":\"u\",\"messageId\":\"123456\"}",
		    "messageId" },
		{ TRACK "\"userId\":\"u\",\"groupId\":\"\\u00e9234567\"}", "" },
		{ TRACK "\"userId\":\"u\",\"groupId\":\"12345678\"}",
		    "groupId" },
		{ TRACK "\"userId\":\"u\",\"properties\":{\"a\":{\"b\":1,"
			"\"c\":2,\"d\":3}}}",
		    "" },
		{ TRACK "\"userId\":\"u\",\"properties\":{\"a\":1,\"b\":2,"
			"\"c\":3}}",
		    "properties" },
		{ TRACK "\"userId\":\"u\",\"traits\":{\"a\":1,\"b\":2,"
			"\"c\":3}}",
		    "traits" },
	};
	int64_t ms;
	size_t i;

	(void)state;
	limits = (struct cdp_limits){
		.message_id = 5, .group_id = 7, .properties = 2
	};
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		assert_string_equal(judge(v[i].json, &ms),
		    v[i].field[0] != '\0' ? "bad_request" : "");
		assert_string_equal(err.field, v[i].field);
	}
	limits = cdp_limits_segment;
}

#define ID "{\"type\":\"identify\",\"userId\":\"u\""

static void
time_is(const char *json, const char *want)
{
	char text[CDP_TIME_SIZE];
	int64_t ms = 0;

	assert_string_equal(judge(json, &ms), "");
	cdp_time_format(ms, text);
	assert_string_equal(text, want);
}

static void
test_time_corrects_the_skew(void **state)
{
	(void)state;
	/* The sample of the track specification. */
	time_is(ID ",\"receivedAt\":\"2015-12-12T19:11:01.266Z\","
		   "\"sentAt\":\"2015-12-12T19:11:01.169Z\","
		   "\"originalTimestamp\":\"2015-12-12T19:11:01.152Z\","
		   "\"timestamp\":\"2015-12-12T19:11:01.249Z\"}",
	    "2015-12-12T19:11:01.249Z");
	/* A device an hour slow, an event ten seconds before sending. */
	time_is(ID ",\"receivedAt\":\"2025-03-03T10:00:00Z\","
		   "\"sentAt\":\"2025-03-03T09:00:00Z\","
		   "\"originalTimestamp\":\"2025-03-03T08:59:50Z\","
		   "\"timestamp\":\"2025-03-03T08:59:50Z\"}",
	    "2025-03-03T09:59:50.000Z");
	/* As a server got it: timestamp is what the caller said. */
	time_is(ID ",\"receivedAt\":\"2025-03-03T10:00:00Z\","
		   "\"sentAt\":\"2025-03-03T09:00:00Z\","
		   "\"timestamp\":\"2025-03-03T08:59:50Z\"}",
	    "2025-03-03T09:59:50.000Z");
	/* One of the three is missing: no correction. */
	time_is(ID ",\"sentAt\":null,"
		   "\"receivedAt\":\"2025-03-03T10:00:00Z\","
		   "\"originalTimestamp\":\"2025-03-03T08:59:50Z\","
		   "\"timestamp\":\"2025-03-03T08:59:51Z\"}",
	    "2025-03-03T08:59:51.000Z");
}

static void
test_time_takes_the_first_there_is(void **state)
{
	int64_t ms = 0;

	(void)state;
	time_is(ID ",\"timestamp\":\"2025-03-03T10:00:00+02:00\"}",
	    "2025-03-03T08:00:00.000Z");
	time_is(ID ",\"receivedAt\":\"2025-03-03T10:00:03Z\","
		   "\"originalTimestamp\":\"2025-03-03T10:00:01Z\"}",
	    "2025-03-03T10:00:01.000Z");
	time_is(ID ",\"receivedAt\":\"2025-03-03T10:00:03Z\","
		   "\"sentAt\":\"2025-03-03T10:00:02Z\"}",
	    "2025-03-03T10:00:02.000Z");
	time_is(ID ",\"receivedAt\":\"2025-03-03T10:00:03Z\"}",
	    "2025-03-03T10:00:03.000Z");
	assert_string_equal(judge(ID "}", &ms), "");
	assert_true(ms == CDP_TIME_NONE);
	assert_string_equal(
	    judge(ID ",\"timestamp\":17}", &ms), "bad_timestamp");
	assert_string_equal(judge(ID ",\"timestamp\":\"yesterday\","
				     "\"receivedAt\":\"2025-03-03T10:00:03Z\"}",
				&ms),
	    "bad_timestamp");
	assert_string_equal(
	    judge(ID "," TS ",\"sentAt\":\"noon\"}", &ms), "bad_timestamp");
	assert_string_equal(
	    judge(ID ",\"receivedAt\":\"9999-12-31T10:00:00Z\","
		     "\"sentAt\":\"2025-03-03T09:00:00Z\","
		     "\"originalTimestamp\":\"2026-03-03T08:59:50Z\"}",
		&ms),
	    "bad_timestamp");
}

static void
test_read_decodes_names_and_takes_the_last(void **state)
{
	int64_t ms = 0;

	(void)state;
	assert_string_equal(
	    judge("{\"type\":\"identify\",\"user\\u0049d\":\"u\"," TS "}", &ms),
	    "");
	assert_string_equal(
	    judge(ID ",\"userId\":3," TS "}", &ms), "id_not_string");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_has_segments_codes),
		cmocka_unit_test(test_check_has_limits),
		cmocka_unit_test(test_time_corrects_the_skew),
		cmocka_unit_test(test_time_takes_the_first_there_is),
		cmocka_unit_test(test_read_decodes_names_and_takes_the_last),
	};

	limits = cdp_limits_segment;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
