#include "lib/tool/others.h"

#include "lib/audience/roll.h"
#include "lib/json/write.h"
#include "lib/profile/people.h"

static int
who(void *arg, struct cdp_log *merge, struct cdp_str id, struct cdp_buf *ret,
    bool *gone, struct cdp_err *err)
{
	struct cdp_asker *k = arg;

	return cdp_standing_get(&k->standing, merge, id, ret, gone, err);
}

static int
read_clock(void *arg, struct cdp_log *merge, int64_t *ret, struct cdp_err *err)
{
	struct cdp_asker *k = arg;

	return cdp_standing_clock(&k->standing, merge, ret, err);
}

static int
one(void *arg, struct cdp_str profile, struct cdp_err *err)
{
	struct cdp_asker *k = arg;
	struct cdp_arena mem = { 0 };
	struct cdp_tape t = { 0 };
	int rc;

	cdp_buf_reset(&k->text);
	cdp_buf_put(&k->text, (struct cdp_str){ profile.p, profile.n - 1 });
	rc = cdp_tape_parse(&t, profile, err);
	if (rc == 0 && k->audience != NULL) {
		cdp_json_key(&k->text, "audiences");
		rc = cdp_roll_of(k->audience, k->pr,
		    cdp_tape_str(&t, cdp_tape_get(&t, 0, CDP_STR("id")), &mem),
		    &k->text, err);
	}
	cdp_buf_putc(&k->text, '}');
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
	return rc != 0 ? rc : k->fn(k->arg, cdp_buf_str(&k->text), err);
}

static int
each(void *arg, struct cdp_log *merge, struct cdp_log *audience,
    int (*fn)(void *fn_arg, struct cdp_str profile, struct cdp_err *err),
    void *fn_arg, struct cdp_err *err)
{
	struct cdp_asker *k = arg;
	int rc = cdp_merge_ops.open(k->merge, merge, err);

	k->audience = audience;
	k->fn = fn;
	k->arg = fn_arg;
	return rc != 0 ? rc : cdp_people_each(k->merge, one, k, err);
}

struct cdp_others
cdp_asker_make(struct cdp_asker *k, bool everybody)
{
	if (everybody)
		k->merge = cdp_merge_new(k->pr);
	return (struct cdp_others){
		.arg = k, .who = who, .clock = read_clock, .each = each
	};
}

void
cdp_asker_free(struct cdp_asker *k)
{
	cdp_standing_free(&k->standing);
	cdp_merge_free(k->merge);
	cdp_buf_free(&k->text);
}
