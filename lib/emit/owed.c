#include "lib/emit/owed.h"

#include "lib/json/write.h"

#define KEY_SIZE (2 + 32 + 1)

static char went_out, taken_back; /* marks: only their places are used */

void
cdp_owed_free(struct cdp_owed *ow)
{
	cdp_map_free(&ow->kept);
	cdp_arena_free(&ow->mem);
}

static struct cdp_str
make_key(const struct cdp_debt *d, char ret[KEY_SIZE])
{
	const struct cdp_str part[] = { d->instance, d->step };

	memcpy(ret, "u:", 2);
	cdp_hash_sha256(part, 2, ret + 2, 32);
	return cdp_str_of(ret);
}

int
cdp_owed_has(struct cdp_owed *ow, const struct cdp_debt *d, bool *ret,
    struct cdp_err *err)
{
	char z[KEY_SIZE];
	struct cdp_str key = make_key(d, z);
	struct cdp_buf val = { 0 };
	const void *mark = cdp_map_get(&ow->kept, key);
	int rc;

	*ret = mark == &went_out;
	if (mark != NULL || ow->log == NULL)
		return 0;
	rc = cdp_log_get(ow->log, key, &val, err);
	cdp_buf_free(&val);
	*ret = rc == 0;
	return rc == CDP_END ? 0 : rc;
}

static void
keep(struct cdp_owed *ow, struct cdp_str key, void *mark)
{
	if (cdp_map_get(&ow->kept, key) == NULL)
		key = cdp_arena_dup(&ow->mem, key);
	*cdp_map_at(&ow->kept, key) = mark;
}

void
cdp_owed_add(struct cdp_owed *ow, const struct cdp_debt *d)
{
	char z[KEY_SIZE];
	struct cdp_str key = make_key(d, z);
	struct cdp_buf val = { 0 };

	if (ow->log == NULL || ow->dry_run) {
		keep(ow, key, &went_out);
		return;
	}
	cdp_buf_putc(&val, '{');
	cdp_json_kstr(&val, "profile", d->profile);
	cdp_json_kstr(&val, "instance", d->instance);
	cdp_json_kstr(&val, "step", d->step);
	cdp_json_kstr(&val, "destination", d->destination);
	cdp_buf_putc(&val, '}');
	cdp_log_put(ow->log, key, cdp_buf_str(&val), INT64_MAX);
	cdp_buf_free(&val);
}

void
cdp_owed_drop(struct cdp_owed *ow, const struct cdp_debt *d)
{
	char z[KEY_SIZE];
	struct cdp_str key = make_key(d, z);

	if (ow->log == NULL || ow->dry_run)
		keep(ow, key, &taken_back);
	else
		cdp_log_put(ow->log, key, (struct cdp_str){ 0 }, INT64_MAX);
}
