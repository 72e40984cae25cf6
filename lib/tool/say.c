#include "lib/tool/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/utf8.h"

void
cdp_say(const char *tool, const char *fmt, ...)
{
	struct cdp_arena mem = { 0 };
	struct cdp_str text;
	char msg[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	text = cdp_utf8_printable(cdp_str_of(msg), &mem);
	fprintf(stderr, "%s: %.*s\n", tool, (int)text.n, text.p);
	cdp_arena_free(&mem);
}

int
cdp_say_line(void *arg, struct cdp_str line)
{
	(void)arg;
	printf("%.*s\n", (int)line.n, line.p);
	return ferror(stdout) != 0 ? CDP_EIO : 0;
}
