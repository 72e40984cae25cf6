#include "lib/tool/stands.h"

#include <stdio.h>

#include "lib/json/write.h"
#include "lib/tool/say.h"

struct telling {
	const char *log;
	const struct cdp_erased *who;
	size_t n;
	struct cdp_tape tape;
	struct cdp_arena mem;
	struct cdp_buf b;
};

static struct cdp_str
get(struct telling *tl, const char *name)
{
	return cdp_tape_str(
	    &tl->tape, cdp_tape_get(&tl->tape, 0, cdp_str_of(name)), &tl->mem);
}

/* Of a step that has an undo, or of a list that the stream brings. */
static int
tell(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	static const char *const same[] = { "destination", "profile",
		"audience", "list", "key" };
	struct telling *tl = arg;
	struct cdp_buf *b = &tl->b;
	bool list = cdp_str_starts(key, CDP_STR("m:"));

	(void)due_ms;
	if ((!list && !cdp_str_starts(key, CDP_STR("u:"))) ||
	    cdp_tape_parse(&tl->tape, val, NULL) != 0)
		return 0;
	cdp_arena_reset(&tl->mem);
	if (!cdp_erased_has(tl->who, get(tl, "profile")) ||
	    (list && !cdp_str_is(get(tl, "told"), "add")))
		return 0;
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kraw(b, "stands", CDP_STR("true"));
	cdp_json_kstr(b, "log", cdp_str_of(tl->log));
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		if (get(tl, same[i]).n != 0)
			cdp_json_kstr(b, same[i], get(tl, same[i]));
	printf("%.*s}\n", (int)b->n, b->p);
	tl->n++;
	return 0;
}

static bool
is_emit(const char *log)
{
	return strcmp(log, "emit") == 0 || strcmp(log, "deliver") == 0 ||
	    strcmp(log, "spool") == 0;
}

int
cdp_stands_tell(struct cdp_log *const *log, const char *const *name, size_t n,
    const struct cdp_erased *who, struct cdp_err *err)
{
	struct telling tl = { .who = who };
	int rc = 0;

	for (size_t i = 0; rc == 0 && who->ids.n != 0 && i < n; i++) {
		tl.log = name[i];
		if (log[i] != NULL && is_emit(name[i]))
			rc = cdp_log_each(log[i], tell, &tl, err);
	}
	if (tl.n != 0)
		cdp_say("cdp-store",
		    "what went out about them and stands, such as a place on "
		    "a list, is not taken back by an erasure: a delete line, "
		    "before it, does that");
	cdp_tape_free(&tl.tape);
	cdp_arena_free(&tl.mem);
	cdp_buf_free(&tl.b);
	return rc;
}
