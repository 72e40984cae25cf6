#ifndef CDP_JSON_JQSAY_H
#define CDP_JSON_JQSAY_H

#include <jv.h>

#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * jqsay: libjq's messages in our words; part of jq.c.
 */

/* What it said of text, which it cannot compile; msg is written to.
 * CDP_ECONF. */
int cdp_jqsay_compile(char *msg, struct cdp_str text, struct cdp_err *err);

/* What a program ended with; borrowed.  CDP_EDATA. */
int cdp_jqsay_run(jv msg, struct cdp_err *err);

#endif
