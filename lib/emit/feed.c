#include "lib/emit/feedint.h"

#include <stdio.h>

#include "lib/json/write.h"

void
cdp_feeds_init(
    struct cdp_feeds *fs, const struct cdp_project *pr, struct cdp_kept *kept)
{
	fs->pr = pr;
	fs->kept = kept;
	for (size_t i = 0; i < pr->ndestination; i++) {
		fs->events |= pr->destination[i].nevent != 0;
		fs->traits |= pr->destination[i].ntrait != 0;
		fs->audiences |= pr->destination[i].nfeed != 0;
	}
}

void
cdp_feeds_free(struct cdp_feeds *fs)
{
	cdp_buf_free(&fs->line);
}

/* ---- how far all is known ---- */

#define SYNCED CDP_STR("synced")

int
cdp_feeds_open(struct cdp_feeds *fs, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	struct cdp_buf val = { 0 };
	struct cdp_tape t = { 0 };
	uint32_t it = 0, key, v;
	int64_t n = 0;
	int rc = cdp_kept_get(fs->kept, SYNCED, &val, err);

	if (rc == 0)
		rc = cdp_tape_parse(&t, cdp_buf_str(&val), err);
	for (size_t i = 0; rc == 0 && i < CDP_FEEDS_LOGS &&
	     cdp_tape_next(&t, 0, &it, &key, &v);
	     i++) {
		struct cdp_str o = cdp_tape_str(&t, key, &mem);

		cdp_tape_i64(&t, v, &n);
		snprintf(fs->synced[i].o, sizeof(fs->synced[i].o), "%.*s",
		    (int)o.n, o.p);
		fs->synced[i].n = (uint64_t)n;
	}
	cdp_tape_free(&t);
	cdp_buf_free(&val);
	cdp_arena_free(&mem);
	return rc == CDP_END ? 0 : rc;
}

void
cdp_feeds_save(struct cdp_feeds *fs)
{
	struct cdp_buf b = { 0 };

	cdp_buf_putc(&b, '{');
	for (size_t i = 0; i < CDP_FEEDS_LOGS; i++)
		if (fs->synced[i].n != 0)
			cdp_json_ki64(
			    &b, fs->synced[i].o, (int64_t)fs->synced[i].n);
	cdp_buf_putc(&b, '}');
	cdp_kept_put(fs->kept, SYNCED, cdp_buf_str(&b));
	cdp_buf_free(&b);
}

/* Who somebody was then is not who he is. */
static bool
is_old(const struct cdp_feeds *fs, const struct cdp_line *ln)
{
	for (size_t i = 0; i < CDP_FEEDS_LOGS; i++)
		if (ln->n <= fs->synced[i].n && ln->n != 0 &&
		    cdp_str_is(ln->o, fs->synced[i].o))
			return true;
	return false;
}

/* ---- which lines ---- */

static bool
has_event(const struct cdp_destination *d, struct cdp_str event)
{
	for (size_t i = 0; i < d->nevent; i++)
		if (cdp_str_eq(d->event[i], event))
			return true;
	return false;
}

bool
cdp_feeds_wants(const struct cdp_feeds *fs, const struct cdp_line *ln)
{
	if (ln->type == CDP_MERGE || ln->type == CDP_DELETE)
		return fs->traits || fs->audiences;
	if (ln->profile_id.n == 0 ||
	    (!cdp_type_is_event(ln->type) && ln->type != CDP_PROFILE))
		return false;
	if (fs->traits || fs->audiences)
		return true;
	for (size_t i = 0; fs->events && i < fs->pr->ndestination; i++)
		if (has_event(&fs->pr->destination[i], ln->event))
			return true;
	return false;
}

/* ---- one activation ---- */

static void
put_id(struct cdp_buf *b, const struct cdp_line *ln, const struct cdp_news *w)
{
	char hex[25], at[CDP_TIME_SIZE];
	struct cdp_str none = { 0 };

	cdp_time_format(ln->ts_ms, at);

	const struct cdp_str part[] = { w->to->name, cdp_str_of(w->action),
		w->seat != NULL ? w->seat->unit : none,
		w->seat != NULL ? w->seat->profile : w->person, ln->message_id,
		cdp_str_of(at), w->seat != NULL ? w->seat->hash : none };

	cdp_hash_sha256(part, sizeof(part) / sizeof(*part), hex, 24);
	cdp_buf_printf(b, ",\"messageId\":\"fed_%s\"", hex);
}

/* The line as it came, without what we have put there. */
static void
put_event(struct cdp_buf *b, const struct cdp_line *ln)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t it = 0, key, val;

	cdp_json_key(b, "event");
	cdp_buf_putc(b, '{');
	while (cdp_tape_next(t, 0, &it, &key, &val)) {
		if (val == ln->profile ||
		    cdp_tape_streq(t, key, CDP_STR("cdp")))
			continue;
		cdp_json_comma(b);
		cdp_buf_put(b, cdp_tape_raw(t, key));
		cdp_buf_putc(b, ':');
		cdp_buf_put(b, cdp_tape_raw(t, val));
	}
	cdp_buf_putc(b, '}');
}

int
cdp_feeds_tell(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_news *w, struct cdp_str was, struct cdp_fed *ret,
    struct cdp_err *err)
{
	struct cdp_buf *b = &fs->line;
	char z[CDP_KEPT_KEY];

	cdp_buf_reset(b);
	cdp_buf_puts(b, "{\"type\":\"activation\"");
	put_id(b, ln, w);
	cdp_json_ktime(b, "timestamp", ln->ts_ms);
	cdp_json_kstr(b, "destination", w->to->name);
	cdp_json_kstr(b, "action", cdp_str_of(w->action));
	cdp_json_kstr(b, "person", w->person);
	if (w->letter != 0)
		cdp_json_kstr(b, "stands", cdp_seat_key(w->seat, w->letter, z));
	if (strcmp(w->action, "remove") == 0)
		cdp_json_kstr(b, "undoes", w->seat->key);
	if (w->seat != NULL && w->seat->audience.n != 0)
		cdp_json_kstr(b, "audience", w->seat->audience);
	if (w->seat != NULL && w->seat->list.n != 0)
		cdp_json_kstr(b, "list", w->seat->list);
	cdp_json_kraw(b, "profile", w->profile);
	if (w->event)
		put_event(b, ln);
	cdp_buf_putc(b, '}');
	return fs->act(fs->arg, cdp_buf_str(b), was, ret, err);
}

/* ---- events ---- */

static int
forward(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_err *err)
{
	const struct cdp_news w = { .to = d,
		.action = "track",
		.profile = cdp_tape_raw(ln->tape, ln->profile),
		.person = ln->profile_id,
		.event = true };
	struct cdp_fed said;

	return cdp_feeds_tell(fs, ln, &w, (struct cdp_str){ 0 }, &said, err);
}

/* ---- traits ---- */

/* False: the person has none of them. */
static bool
hash_traits(const struct cdp_destination *d, const struct cdp_line *ln,
    struct cdp_str *ret)
{
	uint32_t list = cdp_tape_get(ln->tape, ln->profile, CDP_STR("traits"));
	struct cdp_str *part =
	    cdp_arena_calloc(ln->mem, d->ntrait + 1, sizeof(*part));
	char hex[33];
	bool any = false;

	for (size_t i = 0; i < d->ntrait; i++) {
		uint32_t v = cdp_tape_get(ln->tape, list, d->trait[i]);

		if (v == CDP_NOTOK)
			continue;
		part[i] = cdp_tape_raw(ln->tape, v);
		any = true;
	}
	cdp_hash_sha256(part, d->ntrait, hex, 32);
	*ret = cdp_arena_dup(ln->mem, cdp_str_of(hex));
	return any;
}

static int
compare(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_err *err)
{
	struct cdp_seat s = { .profile = ln->profile_id,
		.destination = d->name };
	const struct cdp_news w = { .to = d,
		.action = "identify",
		.seat = &s,
		.letter = 't',
		.profile = cdp_tape_raw(ln->tape, ln->profile),
		.person = ln->profile_id };
	struct cdp_fed said = { 0 };
	struct cdp_str hash, was;
	bool any = hash_traits(d, ln, &hash);
	int rc = cdp_seat_get(fs->kept, &s, 't', ln->mem, err);

	if (rc != 0 || (!any && s.told == CDP_TOLD_NOTHING) ||
	    (s.told == CDP_TOLD_ADD && cdp_str_eq(s.hash, hash)))
		return rc;
	was = s.hash;
	s.hash = hash;
	if ((rc = cdp_feeds_tell(fs, ln, &w, s.why, &said, err)) != 0)
		return rc;
	if (said.out) {
		s.told = CDP_TOLD_ADD;
		s.key = cdp_str_of(said.key);
		s.why = (struct cdp_str){ 0 };
	} else if (cdp_str_is(s.why, said.why)) {
		return 0;
	} else {
		s.hash = was;
		s.why = cdp_str_of(said.why);
	}
	cdp_seat_put(fs->kept, &s, 't');
	return 0;
}

/* ---- people who are no more ---- */

static int
forget_traits(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_str id, struct cdp_err *err)
{
	struct cdp_seat s = { .profile = id, .destination = d->name };
	int rc =
	    d->ntrait == 0 ? 0 : cdp_seat_get(fs->kept, &s, 't', ln->mem, err);

	if (rc != 0 || (s.told == CDP_TOLD_NOTHING && s.why.n == 0))
		return rc;
	s.told = CDP_TOLD_NOTHING;
	s.why = (struct cdp_str){ 0 };
	cdp_seat_put(fs->kept, &s, 't');
	return 0;
}

static int
part_with(struct cdp_feeds *fs, const struct cdp_line *ln, struct cdp_str from,
    struct cdp_str into, struct cdp_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < fs->pr->ndestination && rc == 0; i++) {
		const struct cdp_destination *d = &fs->pr->destination[i];

		rc = cdp_sync_part(fs, ln, d, from, into, err);
		if (rc == 0)
			rc = forget_traits(fs, ln, d, from, err);
	}
	return rc;
}

static int
merge_line(struct cdp_feeds *fs, const struct cdp_line *ln, struct cdp_err *err)
{
	const struct cdp_tape *t = ln->tape;

	return part_with(fs, ln,
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("from")), ln->mem),
	    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("into")), ln->mem), err);
}

static int
delete_line(
    struct cdp_feeds *fs, const struct cdp_line *ln, struct cdp_err *err)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t list = cdp_tape_get(t, ln->profile, CDP_STR("merged"));
	uint32_t it = 0, key, val;
	struct cdp_str nobody = { 0 };
	int rc = 0;

	if (ln->profile_id.n != 0)
		rc = part_with(fs, ln, ln->profile_id, nobody, err);
	while (rc == 0 && cdp_tape_next(t, list, &it, &key, &val))
		rc = part_with(
		    fs, ln, cdp_tape_str(t, val, ln->mem), nobody, err);
	return rc;
}

/* ---- lines ---- */

/* What he is comes before what he did: who is told of an event should know
 * him. */
static int
bring(struct cdp_feeds *fs, const struct cdp_line *ln,
    const struct cdp_destination *d, struct cdp_err *err)
{
	bool old = is_old(fs, ln);
	int rc = 0;

	if (d->ntrait != 0 && !old)
		rc = compare(fs, ln, d, err);
	if (rc == 0 && cdp_type_is_event(ln->type) && has_event(d, ln->event))
		rc = forward(fs, ln, d, err);
	return rc != 0 || old ? rc : cdp_sync_line(fs, ln, d, err);
}

int
cdp_feeds_line(
    struct cdp_feeds *fs, const struct cdp_line *ln, struct cdp_err *err)
{
	int rc = 0;

	if (ln->type == CDP_MERGE)
		return is_old(fs, ln) ? 0 : merge_line(fs, ln, err);
	if (ln->type == CDP_DELETE)
		return is_old(fs, ln) ? 0 : delete_line(fs, ln, err);
	for (size_t i = 0; i < fs->pr->ndestination && rc == 0; i++)
		rc = bring(fs, ln, &fs->pr->destination[i], err);
	return rc;
}
