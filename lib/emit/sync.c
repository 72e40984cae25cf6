#include "lib/emit/feedint.h"
#include "lib/emit/gate.h"
#include "lib/json/write.h"

#define MERGED "merged" /* as a seat's why: it is to be told again */

/* Who he is, as it is kept of somebody on a list. */
static struct cdp_str
portrait(const struct cdp_line *ln)
{
	static const char *const kept[] = { "id", "identifiers", "traits" };
	struct cdp_buf b = { 0 };
	struct cdp_str ret;

	cdp_buf_putc(&b, '{');
	for (size_t i = 0; i < 3; i++) {
		uint32_t v =
		    cdp_tape_get(ln->tape, ln->profile, cdp_str_of(kept[i]));

		if (v != CDP_NOTOK)
			cdp_json_kraw(&b, kept[i], cdp_tape_raw(ln->tape, v));
	}
	cdp_buf_putc(&b, '}');
	ret = cdp_arena_dup(ln->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return ret;
}

/* The first audience of a unit that the person of the line is in, or NULL. */
static const struct cdp_feed *
holds(const struct cdp_destination *d, struct cdp_str unit,
    const struct cdp_line *ln)
{
	uint32_t list =
	    cdp_tape_get(ln->tape, ln->profile, CDP_STR("audiences"));

	for (size_t i = 0; i < d->nfeed; i++)
		if (cdp_str_eq(d->feed[i].unit, unit) &&
		    cdp_tape_isa(ln->tape,
			cdp_tape_get(ln->tape, list, d->feed[i].audience),
			CDP_TRUE))
			return &d->feed[i];
	return NULL;
}

static bool
may_have(const struct cdp_feeds *fs, const struct cdp_destination *d,
    const struct cdp_line *ln)
{
	struct cdp_str category;

	return !cdp_gate_suppressed(fs->pr, ln->tape, ln->profile, ln->mem) &&
	    cdp_gate_consent(&fs->pr->consent, d->name, ln->tape, ln->profile,
		&category) == CDP_GATE_OPEN;
}

static int
put_on(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_seat *s, struct cdp_str profile,
    struct cdp_err *err)
{
	const struct cdp_news w = { d, "add", s, 'm', profile, s->profile,
		false };
	struct cdp_fed said = { 0 };
	int rc = cdp_feeds_tell(fs, ln, &w, s->why, &said, err);

	if (rc != 0 || (!said.out && cdp_str_is(s->why, said.why)))
		return rc;
	if (said.out) {
		s->told = CDP_TOLD_ADD;
		s->key = cdp_arena_dup(ln->mem, cdp_str_of(said.key));
	}
	s->why = said.out ? (struct cdp_str){ 0 } : cdp_str_of(said.why);
	cdp_seat_put(fs->kept, s, 'm');
	return 0;
}

/* person: in whose turn, if it is another's by now; letter as in feedint.h. */
static int
take_off(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_seat *s, struct cdp_str person,
    char letter, struct cdp_err *err)
{
	const struct cdp_news w = { d, "remove", s, letter, s->as, person,
		false };
	struct cdp_fed said = { 0 };
	int rc = cdp_feeds_tell(fs, ln, &w, s->why, &said, err);

	if (rc != 0 || (!said.out && cdp_str_is(s->why, said.why)))
		return rc;
	if (said.out) {
		s->told = CDP_TOLD_REMOVE;
		s->key = cdp_arena_dup(ln->mem, cdp_str_of(said.key));
		s->as = (struct cdp_str){ 0 };
	}
	s->why = said.out ? (struct cdp_str){ 0 } : cdp_str_of(said.why);
	cdp_seat_put(fs->kept, s, 'm');
	return 0;
}

static int
follow(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_str unit, struct cdp_err *err)
{
	struct cdp_seat s = {
		.profile = ln->profile_id, .destination = d->name, .unit = unit
	};
	const struct cdp_feed *in = holds(d, unit, ln);
	int rc = cdp_seat_get(fs->kept, &s, 'm', ln->mem, err);

	if (rc == 0 && s.told == CDP_TOLD_ADD &&
	    (in == NULL || cdp_str_is(s.why, MERGED) || !may_have(fs, d, ln)))
		rc = take_off(fs, ln, d, &s, s.profile, 'm', err);
	if (rc != 0 || s.told == CDP_TOLD_ADD)
		return rc;
	if (in != NULL) {
		s.audience = in->audience;
		s.list = in->list;
		s.as = portrait(ln);
		return put_on(
		    fs, ln, d, &s, cdp_tape_raw(ln->tape, ln->profile), err);
	}
	if (s.why.n != 0) { /* he never was, and shall not be */
		s.why = s.as = (struct cdp_str){ 0 };
		cdp_seat_put(fs->kept, &s, 'm');
	}
	return 0;
}

static bool
is_first(const struct cdp_destination *d, size_t k)
{
	for (size_t i = 0; i < k; i++)
		if (cdp_str_eq(d->feed[i].unit, d->feed[k].unit))
			return false;
	return true;
}

/* ---- people who are no more ---- */

/*
 * Who was merged leaves in the turn of him he has become.  If that one is on
 * the list, too, he is taken off and put there anew when he is seen next: both
 * may have had the same address, and now he may have another.
 */
static int
merge(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_str unit, struct cdp_str from,
    struct cdp_str into, struct cdp_err *err)
{
	struct cdp_seat a = {
		.profile = from, .destination = d->name, .unit = unit
	};
	struct cdp_seat b = {
		.profile = into, .destination = d->name, .unit = unit
	};
	int rc = cdp_seat_get(fs->kept, &a, 'm', ln->mem, err);

	if (rc != 0 || a.told != CDP_TOLD_ADD)
		return rc;
	rc = take_off(fs, ln, d, &a, into, 'm', err);
	if (rc == 0)
		rc = cdp_seat_get(fs->kept, &b, 'm', ln->mem, err);
	if (rc == 0 && b.told == CDP_TOLD_ADD) {
		b.why = CDP_STR(MERGED);
		cdp_seat_put(fs->kept, &b, 'm');
	}
	return rc;
}

static int
end(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_str unit, struct cdp_str id,
    struct cdp_err *err)
{
	struct cdp_seat s = {
		.profile = id, .destination = d->name, .unit = unit
	};
	int rc = cdp_seat_get(fs->kept, &s, 'm', ln->mem, err);

	if (rc != 0 || (s.told == CDP_TOLD_NOTHING && s.why.n == 0))
		return rc;
	if (s.told == CDP_TOLD_ADD)
		rc = take_off(fs, ln, d, &s, id, 0, err);
	s.told = CDP_TOLD_NOTHING;
	s.why = (struct cdp_str){ 0 };
	cdp_seat_put(fs->kept, &s, 'm');
	return rc;
}

int
cdp_sync_part(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_str from, struct cdp_str into,
    struct cdp_err *err)
{
	int rc = 0;

	for (size_t k = 0; k < d->nfeed && rc == 0; k++) {
		struct cdp_str unit = d->feed[k].unit;

		if (is_first(d, k))
			rc = into.n != 0
			    ? merge(fs, ln, d, unit, from, into, err)
			    : end(fs, ln, d, unit, from, err);
	}
	return rc;
}

/* Without cdp-audience before us nothing is known, and nothing changes. */
int
cdp_sync_line(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_err *err)
{
	int rc = 0;

	if (d->nfeed == 0 ||
	    cdp_tape_get(ln->tape, ln->profile, CDP_STR("audiences")) ==
		CDP_NOTOK)
		return 0;
	for (size_t k = 0; k < d->nfeed && rc == 0; k++)
		if (is_first(d, k))
			rc = follow(fs, ln, d, d->feed[k].unit, err);
	return rc;
}
