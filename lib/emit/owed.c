#include "lib/emit/owed.h"

#include "lib/json/write.h"

#define KEY_SIZE (2 + 32 + 1)

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

static int
find(struct cdp_owed *ow, struct cdp_str key, struct cdp_buf *val,
    struct cdp_err *err)
{
	const char *kept = cdp_map_get(&ow->kept, key);

	if (kept != NULL)
		cdp_buf_puts(val, kept);
	else if (ow->log != NULL)
		return cdp_log_get(ow->log, key, val, err);
	return val->n != 0 ? 0 : CDP_END;
}

int
cdp_owed_find(struct cdp_owed *ow, struct cdp_debt *d, struct cdp_arena *mem,
    struct cdp_err *err)
{
	char z[KEY_SIZE];
	struct cdp_buf val = { 0 };
	struct cdp_tape t = { 0 };
	int rc = find(ow, make_key(d, z), &val, err);

	if (rc == 0 && cdp_tape_parse(&t, cdp_buf_str(&val), err) != 0)
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "cannot read what is to be taken back of '%.*s'",
		    (int)d->instance.n, d->instance.p);
	if (rc == 0)
		d->to = cdp_arena_dup(mem, /* it lies in val */
		    cdp_tape_str(&t, cdp_tape_get(&t, 0, CDP_STR("to")), mem));
	cdp_tape_free(&t);
	cdp_buf_free(&val);
	return rc;
}

static void
keep(struct cdp_owed *ow, struct cdp_str key, struct cdp_str val)
{
	char *copy;

	if (ow->log != NULL && !ow->dry_run) {
		cdp_log_put(ow->log, key, val, INT64_MAX);
		return;
	}
	copy = cdp_arena_calloc(&ow->mem, val.n + 1, 1);
	if (val.n != 0)
		memcpy(copy, val.p, val.n);
	if (cdp_map_get(&ow->kept, key) == NULL)
		key = cdp_arena_dup(&ow->mem, key);
	*cdp_map_at(&ow->kept, key) = copy;
}

void
cdp_owed_add(struct cdp_owed *ow, const struct cdp_debt *d)
{
	char z[KEY_SIZE];
	struct cdp_buf val = { 0 };

	cdp_buf_putc(&val, '{');
	cdp_json_kstr(&val, "profile", d->profile);
	cdp_json_kstr(&val, "instance", d->instance);
	cdp_json_kstr(&val, "step", d->step);
	cdp_json_kstr(&val, "destination", d->destination);
	if (d->to.n != 0)
		cdp_json_kstr(&val, "to", d->to);
	cdp_buf_putc(&val, '}');
	keep(ow, make_key(d, z), cdp_buf_str(&val));
	cdp_buf_free(&val);
}

void
cdp_owed_drop(struct cdp_owed *ow, const struct cdp_debt *d)
{
	char z[KEY_SIZE];

	keep(ow, make_key(d, z), (struct cdp_str){ 0 });
}
