#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"

static void
fill(struct cdp_err *err, int code, int sys, const char *fmt, va_list ap)
{
	size_t n;

	err->code = code;
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	n = strlen(err->msg);
	if (code == CDP_EIO && sys != 0)
		snprintf(
		    err->msg + n, sizeof(err->msg) - n, ": %s", strerror(sys));
	for (char *p = err->msg; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
}

int
cdp_fail(struct cdp_err *err, int code, const char *fmt, ...)
{
	int sys = errno;
	va_list ap;

	if (err != NULL) {
		err->rule[0] = err->field[0] = '\0';
		va_start(ap, fmt);
		fill(err, code, sys, fmt, ap);
		va_end(ap);
	}
	return code;
}

int
cdp_fail_rule(struct cdp_err *err, int code, const char *rule,
    const char *field, const char *fmt, ...)
{
	int sys = errno;
	va_list ap;

	if (err != NULL) {
		snprintf(err->rule, sizeof(err->rule), "%s",
		    rule != NULL ? rule : "");
		snprintf(err->field, sizeof(err->field), "%s",
		    field != NULL ? field : "");
		va_start(ap, fmt);
		fill(err, code, sys, fmt, ap);
		va_end(ap);
	}
	return code;
}

enum cdp_exit
cdp_err_exit(int code)
{
	switch (code) {
	case 0:
	case CDP_END:
		return CDP_EXIT_OK;
	case CDP_EDATA:
		return CDP_EXIT_SOME;
	case CDP_ECONF:
		return CDP_EXIT_USAGE;
	case CDP_ECORRUPT:
		return CDP_EXIT_DAMAGED;
	case CDP_ELOCKED:
		return CDP_EXIT_BUSY;
	case CDP_EEARLY:
		return CDP_EXIT_EARLY;
	default:
		return CDP_EXIT_IO;
	}
}
