#include "lib/emit/kept.h"

#include <string.h>

void
cdp_kept_free(struct cdp_kept *k)
{
	cdp_map_free(&k->map);
	cdp_arena_free(&k->mem);
}

struct cdp_str
cdp_kept_key(
    char letter, const struct cdp_str *part, size_t n, char ret[CDP_KEPT_KEY])
{
	ret[0] = letter;
	ret[1] = ':';
	cdp_hash_sha256(part, n, ret + 2, 32);
	return cdp_str_of(ret);
}

int
cdp_kept_get(struct cdp_kept *k, struct cdp_str key, struct cdp_buf *val,
    struct cdp_err *err)
{
	const char *kept = cdp_map_get(&k->map, key);

	if (kept != NULL)
		cdp_buf_puts(val, kept);
	else if (k->log != NULL)
		return cdp_log_get(k->log, key, val, err);
	return val->n != 0 ? 0 : CDP_END;
}

void
cdp_kept_put(struct cdp_kept *k, struct cdp_str key, struct cdp_str val)
{
	char *copy;

	if (k->log != NULL && !k->dry_run) {
		cdp_log_put(k->log, key, val, INT64_MAX);
		return;
	}
	copy = cdp_arena_calloc(&k->mem, val.n + 1, 1);
	if (val.n != 0)
		memcpy(copy, val.p, val.n);
	if (cdp_map_get(&k->map, key) == NULL)
		key = cdp_arena_dup(&k->mem, key);
	*cdp_map_at(&k->map, key) = copy;
}
