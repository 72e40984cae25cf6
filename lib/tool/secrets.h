#ifndef CDP_TOOL_SECRETS_H
#define CDP_TOOL_SECRETS_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

/*
 * secrets: what the environment keeps for who delivers.
 *
 * A secret NAME is the value of NAME, or what is in the file that NAME_FILE
 * names, without a newline at its end.  It never comes from an option or the
 * project.
 */
struct cdp_environ { /* an empty one is { 0 } */
	char **v;
	size_t n;
};

/*
 * Remember what stands in the environment, before it is cleared, and let nobody
 * look into this process.
 */
void cdp_secrets_keep(struct cdp_environ *env);

/*
 * The values of n names as a JSON object in mem; those that have none are left
 * out.  Their values in the environment are wiped.  CDP_ECONF: a file cannot
 * be read, is too long, or is open to others than its owner.
 */
int cdp_secrets_read(struct cdp_environ *env, const struct cdp_str *name,
    size_t n, struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err);

void cdp_secrets_free(struct cdp_environ *env);

#endif
