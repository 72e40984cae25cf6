#include "lib/tool/whom.h"

#include <stdlib.h>

#include "lib/profile/net.h"
#include "lib/base/mem.h"
#include "lib/profile/people.h"
#include "lib/tool/say.h"

int
cdp_whom_find(struct cdp_project *pr, struct cdp_log *log, struct cdp_str *id,
    struct cdp_arena *mem, struct cdp_buf *profile, struct cdp_err *err)
{
	struct cdp_net net;
	int64_t now;
	size_t at;
	int rc = cdp_net_find(log, pr, *id, mem, &net, &at, err);

	if (rc != 0)
		return rc;
	*id = net.profile;
	rc = cdp_people_view(pr, log, *id, profile, &now, err);
	return rc == CDP_END ? 0 : rc;
}

/* What of the types that the project has was meant, if it has no such one. */
static void
put_types(
    const struct cdp_identity *rules, struct cdp_str type, struct cdp_buf *b)
{
	struct cdp_str *v = cdp_xcalloc(rules->nid + 1, sizeof(*v));
	int near;

	for (size_t i = 0; i < rules->nid; i++)
		v[i] = rules->id[i].name;
	near = cdp_str_nearest(type, v, rules->nid);
	if (near >= 0 && !cdp_str_eq(v[near], type)) {
		cdp_buf_printf(
		    b, "; did you mean '%.*s'?", (int)v[near].n, v[near].p);
	} else if (near < 0 && !rules->others) {
		for (size_t i = 0; i < rules->nid; i++) {
			cdp_buf_puts(b, i == 0 ? ", but " : ", ");
			cdp_buf_put(b, v[i]);
		}
	}
	free(v);
}

bool
cdp_whom_mistyped(
    const char *tool, const struct cdp_project *pr, struct cdp_str name)
{
	const char *colon = memchr(name.p, ':', name.n);
	struct cdp_str type = name;
	struct cdp_buf b = { 0 };
	bool ret;

	if (colon != NULL) {
		type.n = (size_t)(colon - name.p);
		put_types(&pr->identity, type, &b);
	}
	if ((ret = b.n != 0))
		cdp_say(tool,
		    "nobody is known as '%.*s': the project has no identifier "
		    "'%.*s'%.*s",
		    (int)name.n, name.p, (int)type.n, type.p, (int)b.n, b.p);
	cdp_buf_free(&b);
	return ret;
}

void
cdp_whom_unknown(
    const char *tool, const struct cdp_project *pr, struct cdp_str name)
{
	if (!cdp_whom_mistyped(tool, pr, name))
		cdp_say(tool,
		    "nobody is known as '%.*s': give a profile's id, or "
		    "TYPE:VALUE such as email:ana@example.com",
		    (int)name.n, name.p);
}
