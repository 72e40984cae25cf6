#include "lib/emit/owed.h"

#include "lib/json/write.h"

struct cdp_str
cdp_owed_key(const struct cdp_debt *d, char ret[CDP_KEPT_KEY])
{
	const struct cdp_str part[] = { d->instance, d->step };

	return cdp_kept_key('u', part, 2, ret);
}

/* What it is made from does not last. */
static struct cdp_str
member(const struct cdp_tape *t, const char *name, struct cdp_arena *mem)
{
	return cdp_arena_dup(
	    mem, cdp_tape_str(t, cdp_tape_get(t, 0, cdp_str_of(name)), mem));
}

int
cdp_owed_find(struct cdp_kept *k, struct cdp_debt *d, struct cdp_arena *mem,
    struct cdp_err *err)
{
	char z[CDP_KEPT_KEY];
	struct cdp_buf val = { 0 };
	struct cdp_tape t = { 0 };
	int rc = cdp_kept_get(k, cdp_owed_key(d, z), &val, err);

	if (rc == 0 && cdp_tape_parse(&t, cdp_buf_str(&val), err) != 0)
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "cannot read what is to be taken back of '%.*s'",
		    (int)d->instance.n, d->instance.p);
	if (rc == 0) {
		d->to = member(&t, "to", mem);
		d->key = member(&t, "key", mem);
	}
	cdp_tape_free(&t);
	cdp_buf_free(&val);
	return rc;
}

void
cdp_owed_add(struct cdp_kept *k, const struct cdp_debt *d)
{
	char z[CDP_KEPT_KEY];
	struct cdp_buf val = { 0 };

	cdp_buf_putc(&val, '{');
	cdp_json_kstr(&val, "profile", d->profile);
	cdp_json_kstr(&val, "instance", d->instance);
	cdp_json_kstr(&val, "step", d->step);
	cdp_json_kstr(&val, "destination", d->destination);
	if (d->to.n != 0)
		cdp_json_kstr(&val, "to", d->to);
	cdp_json_kstr(&val, "key", d->key);
	cdp_buf_putc(&val, '}');
	cdp_kept_put(k, cdp_owed_key(d, z), cdp_buf_str(&val));
	cdp_buf_free(&val);
}

void
cdp_owed_drop(struct cdp_kept *k, const struct cdp_debt *d)
{
	char z[CDP_KEPT_KEY];

	cdp_kept_put(k, cdp_owed_key(d, z), (struct cdp_str){ 0 });
}
