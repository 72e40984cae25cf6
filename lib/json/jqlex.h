#ifndef CDP_JSON_JQLEX_H
#define CDP_JSON_JQLEX_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * jqlex: whether a text is one jq program and nothing more.
 *
 * Programs are joined by text, so one that closes what it did not open
 * (".a) | (env", "1; def f: 2") could slip out of its place and still
 * compile.  This looks at brackets, strings, comments and "def ...;" alone and
 * leaves the rest of the grammar to jq.
 *
 * 0, or CDP_ECONF with a message that names the line within the text.
 */
int cdp_jqlex_check(struct cdp_str text, struct cdp_err *err);

/*
 * Append the program made strict: where a string would say "null", because
 * what stands in its \(...) is, it fails, and says what that was.  Lines stay
 * what they are.  A program that is not whole is appended as it is.
 */
void cdp_jqlex_strict(struct cdp_str text, struct cdp_buf *ret);

#endif
