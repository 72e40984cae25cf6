#include "lib/emit/roster.h"

#include "lib/json/write.h"

const char *const cdp_told_names[CDP_TOLD_NTOLD] = { "", "add", "remove" };

struct cdp_str
cdp_seat_key(const struct cdp_seat *s, char letter, char ret[CDP_KEPT_KEY])
{
	const struct cdp_str part[] = { s->destination, s->unit, s->profile };

	return cdp_kept_key(letter, part, 3, ret);
}

static struct cdp_str
text(const struct cdp_tape *t, const char *name, struct cdp_arena *mem)
{
	return cdp_arena_dup(
	    mem, cdp_tape_str(t, cdp_tape_get(t, 0, cdp_str_of(name)), mem));
}

static void
read(const struct cdp_tape *t, struct cdp_seat *s, struct cdp_arena *mem)
{
	uint32_t told = cdp_tape_get(t, 0, CDP_STR("told"));
	uint32_t as = cdp_tape_get(t, 0, CDP_STR("as"));

	for (int i = CDP_TOLD_ADD; i < CDP_TOLD_NTOLD; i++)
		if (cdp_tape_streq(t, told, cdp_str_of(cdp_told_names[i])))
			s->told = (enum cdp_told)i;
	s->profile = text(t, "profile", mem);
	s->destination = text(t, "destination", mem);
	s->unit = text(t, "unit", mem);
	s->key = text(t, "key", mem);
	s->why = text(t, "why", mem);
	s->audience = text(t, "audience", mem);
	s->list = text(t, "list", mem);
	s->hash = text(t, "traits", mem);
	if (as != CDP_NOTOK)
		s->as = cdp_arena_dup(mem, cdp_tape_raw(t, as));
}

int
cdp_seat_read(struct cdp_str json, struct cdp_seat *s, struct cdp_arena *mem,
    struct cdp_err *err)
{
	struct cdp_tape t = { 0 };
	int rc = cdp_tape_parse(&t, json, NULL);

	if (rc == 0)
		read(&t, s, mem);
	else
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "cannot read what a destination was told of somebody");
	cdp_tape_free(&t);
	return rc;
}

int
cdp_seat_get(struct cdp_kept *k, struct cdp_seat *s, char letter,
    struct cdp_arena *mem, struct cdp_err *err)
{
	char z[CDP_KEPT_KEY];
	struct cdp_buf val = { 0 };
	int rc = cdp_kept_get(k, cdp_seat_key(s, letter, z), &val, err);

	if (rc == 0)
		rc = cdp_seat_read(cdp_buf_str(&val), s, mem, err);
	cdp_buf_free(&val);
	return rc == CDP_END ? 0 : rc;
}

static void
put(struct cdp_buf *b, const char *name, struct cdp_str s)
{
	if (s.n != 0)
		cdp_json_kstr(b, name, s);
}

void
cdp_seat_put(struct cdp_kept *k, const struct cdp_seat *s, char letter)
{
	char z[CDP_KEPT_KEY];
	struct cdp_buf b = { 0 };

	if (s->told != CDP_TOLD_NOTHING || s->why.n != 0) {
		cdp_buf_putc(&b, '{');
		cdp_json_kstr(&b, "profile", s->profile);
		cdp_json_kstr(&b, "destination", s->destination);
		put(&b, "unit", s->unit);
		put(&b, "told", cdp_str_of(cdp_told_names[s->told]));
		put(&b, "key", s->key);
		put(&b, "why", s->why);
		put(&b, "audience", s->audience);
		put(&b, "list", s->list);
		put(&b, "traits", s->hash);
		if (s->as.n != 0)
			cdp_json_kraw(&b, "as", s->as);
		cdp_buf_putc(&b, '}');
	}
	cdp_kept_put(k, cdp_seat_key(s, letter, z), cdp_buf_str(&b));
	cdp_buf_free(&b);
}
