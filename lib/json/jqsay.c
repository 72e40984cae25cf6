#include "lib/json/jqsay.h"

#include <stdlib.h>
#include <string.h>

/*
 * "jq: error: syntax error, unexpected ')' (Unix shell quoting issues?) at
 * <top-level>, line 3:" and the source: keep what was found and the line,
 * counted within the program's own text, which begins on the second.
 */
int
cdp_jqsay_compile(char *msg, struct cdp_str text, struct cdp_err *err)
{
	char *at, *end;
	long line = 0, lines = 1;

	if (strncmp(msg, "jq: error: ", 11) == 0)
		msg += 11;
	if ((at = strstr(msg, " at <top-level>, line ")) != NULL) {
		line = strtol(at + 22, NULL, 10) - 1;
		*at = '\0';
	}
	if ((end = strstr(msg, " (Unix shell")) != NULL ||
	    (end = strchr(msg, '\n')) != NULL)
		*end = '\0';
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	if (line > lines)
		return cdp_fail(err, CDP_ECONF,
		    "syntax error: the program ends where more is "
		    "expected");
	if (line > 0)
		return cdp_fail(
		    err, CDP_ECONF, "%s at line %ld of the program", msg, line);
	return cdp_fail(err, CDP_ECONF, "%s", msg);
}

/* jq's messages begin like sentences, ours do not. */
int
cdp_jqsay_run(jv msg, struct cdp_err *err)
{
	jv text = jv_get_kind(msg) == JV_KIND_STRING
	    ? jv_copy(msg)
	    : jv_dump_string(jv_copy(msg), 0);
	const char *z = jv_string_value(text);
	char first = z[0];

	if (first >= 'A' && first <= 'Z' && z[1] >= 'a' && z[1] <= 'z')
		first = (char)(first + 'a' - 'A');
	if (first == '\0')
		cdp_fail(err, CDP_EDATA, "the jq program failed");
	else
		cdp_fail(err, CDP_EDATA, "%c%s", first, z + 1);
	jv_free(text);
	return CDP_EDATA;
}
