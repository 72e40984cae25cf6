/*
 * Whatever the bytes: the tape agrees with libjq on what is JSON, where libjq
 * is strict, and on what it says; canonical text reads back as the same
 * value; and a splice changes what it was told to and nothing else.
 */
#include <jv.h>
#include <sanitizer/lsan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/json/tail.h"
#include "lib/json/write.h"

#define CHECK(cond, what)                                                      \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "%s\n", what);                         \
			abort();                                               \
		}                                                              \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cdp_tape tape, again;
static struct cdp_arena mem;
static struct cdp_buf out;

/*
 * Whether strtod(), which judges what libjq takes for a number, likes the
 * word around col: 01, .5, 1., 0x10, inf, nan, and any white space before.
 */
static bool
number_to_libjq(struct cdp_str s, size_t col)
{
	static const char ends[] = " \t\r\n[]{},:\"";
	size_t from = col < s.n ? col : s.n, to = from;
	char z[4200], *end;

	while (from > 0 && strchr(ends, s.p[from - 1]) == NULL)
		from--;
	while (to < s.n && strchr(ends, s.p[to]) == NULL)
		to++;
	if (from == to || to - from >= sizeof(z))
		return false;
	memcpy(z, s.p + from, to - from);
	z[to - from] = '\0';
	strtod(z, &end);
	return *end == '\0';
}

/*
 * Where else libjq takes more: a NUL or a record separator and anything
 * behind it; U+001F in strings; a byte order mark; bad UTF-8 and lone
 * surrogates (both become U+FFFD); depth to 256.
 */
static bool
lax(struct cdp_str s, const char *msg)
{
	size_t at = strtoul(strpbrk(msg, "123456789"), NULL, 10) - 1, i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || s.p[i] == '\x1e' || s.p[i] == '\x1f')
			return true;
	return cdp_utf8_valid(s) != s.n || strstr(msg, "deeper") != NULL ||
	    (strstr(msg, "escape") != NULL && s.p[at] == '\\') ||
	    cdp_str_starts(s, CDP_STR("\xef\xbb\xbf")) ||
	    number_to_libjq(s, at);
}

static bool same(jv v, uint32_t at); /* takes v */

static bool
same_string(jv v, uint32_t at)
{
	struct cdp_str want = { jv_string_value(v),
		(size_t)jv_string_length_bytes(jv_copy(v)) };

	return cdp_str_eq(cdp_tape_str(&tape, at, &mem), want) &&
	    cdp_tape_streq(&tape, at, want);
}

static bool
same_members(jv v, uint32_t at)
{
	uint32_t *key;
	size_t n, i;
	bool ok;

	key = cdp_tape_sorted(&tape, at, &n);
	ok = (size_t)jv_object_length(jv_copy(v)) == n;
	for (i = 0; i < n && ok; i++) {
		struct cdp_str s = cdp_tape_str(&tape, key[i], &mem);

		ok = cdp_tape_get(&tape, at, s) == key[i] + 1 &&
		    same(jv_object_get(
			     jv_copy(v), jv_string_sized(s.p, (int)s.n)),
			key[i] + 1);
	}
	free(key);
	return ok;
}

static bool
same_elements(jv v, uint32_t at)
{
	uint32_t it = 0, key, val;
	int i = 0;
	bool ok = true;

	while (ok && cdp_tape_next(&tape, at, &it, &key, &val))
		ok = same(jv_array_get(jv_copy(v), i++), val);
	return ok && jv_array_length(jv_copy(v)) == i;
}

static bool
same(jv v, uint32_t at)
{
	bool ok = false;
	double d;

	switch (jv_get_kind(v)) {
	case JV_KIND_NULL:
		ok = tape.tok[at].kind == CDP_NULL;
		break;
	case JV_KIND_FALSE:
		ok = tape.tok[at].kind == CDP_FALSE;
		break;
	case JV_KIND_TRUE:
		ok = tape.tok[at].kind == CDP_TRUE;
		break;
	case JV_KIND_NUMBER:
		ok = cdp_tape_double(&tape, at, &d) && d == jv_number_value(v);
		break;
	case JV_KIND_STRING:
		ok = tape.tok[at].kind == CDP_STRING && same_string(v, at);
		break;
	case JV_KIND_ARRAY:
		ok = tape.tok[at].kind == CDP_ARRAY && same_elements(v, at);
		break;
	case JV_KIND_OBJECT:
		ok = tape.tok[at].kind == CDP_OBJECT && same_members(v, at);
		break;
	case JV_KIND_INVALID:
		break;
	}
	jv_free(v);
	return ok;
}

static void
read_back(void)
{
	CHECK(cdp_tape_parse(&again, cdp_buf_str(&out), NULL) == 0,
	    "what was written is no JSON");
}

static void
canonical(void)
{
	cdp_buf_reset(&out);
	cdp_json_canonical(&out, &tape, 0);
	read_back();
	CHECK(cdp_tape_equal(&tape, 0, &again, 0),
	    "canonical text has another value");
}

/* Members of the line other than those the edit names are as they were. */
static void
untouched(const char *const *names, size_t n)
{
	struct cdp_str s;
	size_t nkeys, i, k;
	uint32_t *key = cdp_tape_sorted(&tape, 0, &nkeys);

	for (i = 0; i < nkeys; i++) {
		s = cdp_tape_str(&tape, key[i], &mem);
		for (k = 0; k < n && !cdp_str_is(s, names[k]); k++)
			;
		CHECK(k < n ||
			cdp_tape_equal(&tape, key[i] + 1, &again,
			    cdp_tape_get(&again, 0, s)),
		    "a member changed that was not edited");
	}
	free(key);
}

static void
splice(void)
{
	static const char *const names[] = { "a", "b", "c", "cdp" };
	static const struct cdp_str tail = {
		"\"cdp\":{\"o\":\"main.fuzz\",\"n\":42}}", 31
	};
	uint32_t c, b, i;

	cdp_buf_reset(&out);
	cdp_json_splice(&out, &tape,
	    CDP_STR("{\"a\":[1],\"c.d\":{\"x\":2},\"-\":[\"b\"]}"),
	    CDP_STR("main.fuzz"), 42);
	read_back();
	untouched(names, 4);
	b = cdp_tape_get(&again, 0, CDP_STR("b"));
	CHECK(b == CDP_NOTOK, "a removed member is there");
	CHECK(cdp_str_is(
		  cdp_tape_raw(&again, cdp_tape_get(&again, 0, CDP_STR("a"))),
		  "[1]"),
	    "a member was not set");
	c = cdp_tape_get(&tape, 0, CDP_STR("c"));
	if (cdp_tape_isa(&tape, c, CDP_OBJECT)) {
		i = cdp_tape_get(&again, 0, CDP_STR("c"));
		CHECK(cdp_str_is(cdp_tape_raw(&again,
				     cdp_tape_get(&again, i, CDP_STR("d"))),
			  "{\"x\":2}"),
		    "an inner member was not set");
	} else
		CHECK(cdp_tape_equal(&tape, c, &again,
			  cdp_tape_get(&again, 0, CDP_STR("c"))),
		    "what is no object was changed inside");
	CHECK(out.n >= tail.n &&
		memcmp(out.p + out.n - tail.n, tail.p, tail.n) == 0,
	    "cdp is not the last member");
}

/* The text as a line of ours, read from its end. */
static void
from_end(struct cdp_str s)
{
	static const char *const names[] = { "", "profile",
		"profile.audiences" };
	static const char *const edits[] = { "", "{\"profile\":1}",
		"{\"profile.audiences\":{\"a\":1}}" };
	struct cdp_buf text = { 0 }, want = { 0 }, got = { 0 };
	struct cdp_str name, edit;
	struct cdp_tail tail, is;
	struct cdp_line ln;
	size_t i;

	cdp_buf_put(&text, (struct cdp_str){ s.p, s.n - 1 });
	cdp_buf_puts(&text, ",\"cdp\":{\"o\":\"x\",\"n\":7}}");
	if (cdp_line_parse(cdp_buf_str(&text), 1, &again, &mem, &ln, NULL) != 0)
		goto out;
	for (i = 0; i < 3; i++) {
		name = cdp_str_of(names[i]);
		edit = cdp_str_of(edits[i]);
		if (!cdp_tail_is(&ln, name, &is))
			continue;
		CHECK(cdp_tail_find(ln.raw, &tail) && tail.n == is.n &&
			tail.at == is.at && cdp_str_eq(tail.o, is.o),
		    "the end says something else");
		if (!cdp_tail_takes(ln.raw, &tail, edit, name))
			continue;
		cdp_buf_reset(&want);
		cdp_buf_reset(&got);
		cdp_json_splice(&want, &again, edit, CDP_STR("y"), 8);
		cdp_tail_put(&got, ln.raw, &tail, edit, name,
		    CDP_STR("\"cdp\":{\"o\":\"y\","), 8);
		CHECK(cdp_str_eq(cdp_buf_str(&want), cdp_buf_str(&got)),
		    "spliced from the end is another line");
	}
out:
	cdp_buf_free(&text);
	cdp_buf_free(&want);
	cdp_buf_free(&got);
}

static void
line(struct cdp_str s)
{
	struct cdp_line ln;
	int rc = cdp_line_parse(s, 1, &again, &mem, &ln, NULL);

	CHECK((rc == 0) == cdp_tape_isa(&tape, 0, CDP_OBJECT),
	    "a line is not what the tape says");
	CHECK(rc != 0 ||
		cdp_str_eq(ln.message_id,
		    cdp_tape_str(&tape,
			cdp_tape_get(&tape, 0, CDP_STR("messageId")), &mem)),
	    "messageId differs");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cdp_str s = { (const char *)data, size };
	struct cdp_err err = { 0 };
	bool jq, ours;
	jv v;

	__lsan_disable(); /* its parser leaks on some bad texts */
	v = jv_parse_sized(s.p, (int)s.n);
	__lsan_enable();
	jq = jv_is_valid(v);
	ours = cdp_tape_parse(&tape, s, &err) == 0;

	if (!ours) {
		CHECK(!jq || lax(s, err.msg), err.msg);
		jv_free(v);
		return 0;
	}
	if (!jq) {
		jv_free(v);
		CHECK(false, "accepted what libjq refuses");
	}
	CHECK(same(v, 0), "another value than libjq's");
	canonical();
	line(s);
	if (s.n != 0)
		from_end(s);
	if (cdp_tape_isa(&tape, 0, CDP_OBJECT))
		splice();
	cdp_arena_reset(&mem);
	return 0;
}
