#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/base/regex.h"

/*
 * A pattern that needs more steps than this on one value is hopeless; the
 * limits count work, not time, so that every machine gives up at the same
 * place.  JIT counts differently from the interpreter, hence the interpreter
 * settles what JIT gives up on.
 */
#define MATCH_LIMIT 1000000
#define DEPTH_LIMIT 10000
#define HEAP_LIMIT_KIB 20000

struct cdp_regex {
	pcre2_code *code;
	pcre2_match_data *md;
	pcre2_match_context *jit; /* NULL: no JIT on this machine */
	pcre2_match_context *slow;
};

static pcre2_match_context *
context(uint32_t limit)
{
	pcre2_match_context *mc = pcre2_match_context_create(NULL);

	if (mc == NULL)
		cdp_xmalloc(SIZE_MAX);
	pcre2_set_match_limit(mc, limit);
	pcre2_set_depth_limit(mc, DEPTH_LIMIT);
	pcre2_set_heap_limit(mc, HEAP_LIMIT_KIB);
	return mc;
}

int
cdp_regex_compile(
    struct cdp_str pattern, struct cdp_regex **ret, struct cdp_err *err)
{
	struct cdp_regex *re;
	PCRE2_SIZE off;
	pcre2_code *code;
	int num;

	code = pcre2_compile((PCRE2_SPTR)(pattern.n != 0 ? pattern.p : ""),
	    pattern.n,
	    PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
		PCRE2_ALT_BSUX | PCRE2_MATCH_UNSET_BACKREF,
	    &num, &off, NULL);
	if (code == NULL) {
		char text[160];

		pcre2_get_error_message(num, (PCRE2_UCHAR *)text, sizeof(text));
		return cdp_fail(err, CDP_ECONF,
		    "bad pattern '%.*s': %s at offset %zu",
		    (int)(pattern.n < 200 ? pattern.n : 200),
		    pattern.n != 0 ? pattern.p : "", text, (size_t)off);
	}
	re = cdp_xcalloc(1, sizeof(*re));
	re->code = code;
	re->md = pcre2_match_data_create(1, NULL);
	if (re->md == NULL)
		cdp_xmalloc(SIZE_MAX);
	re->slow = context(MATCH_LIMIT);
	if (pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0)
		re->jit = context(MATCH_LIMIT / 10);
	*ret = re;
	return 0;
}

void
cdp_regex_free(struct cdp_regex *re)
{
	if (re == NULL)
		return;
	pcre2_match_context_free(re->jit);
	pcre2_match_context_free(re->slow);
	pcre2_match_data_free(re->md);
	pcre2_code_free(re->code);
	free(re);
}

bool
cdp_regex_match(const struct cdp_regex *re, struct cdp_str s, bool *limit)
{
	PCRE2_SPTR p = (PCRE2_SPTR)(s.n != 0 ? s.p : "");
	int rc = PCRE2_ERROR_MATCHLIMIT;

	/*
	 * A small limit for the fast matcher; whatever it does not settle goes
	 * to the interpreter, so the verdict does not hang on JIT's stack.
	 */
	if (re->jit != NULL)
		rc = pcre2_match(re->code, p, s.n, 0, 0, re->md, re->jit);
	if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
		rc = pcre2_match(
		    re->code, p, s.n, 0, PCRE2_NO_JIT, re->md, re->slow);
	if (limit != NULL)
		*limit = rc == PCRE2_ERROR_MATCHLIMIT ||
		    rc == PCRE2_ERROR_DEPTHLIMIT || rc == PCRE2_ERROR_HEAPLIMIT;
	return rc >= 0;
}
