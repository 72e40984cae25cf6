#include "lib/store/stretch.h"

#define ENTRY 24                   /* bytes: hash, and what is noted with it */
#define KEPT ((size_t)ENTRY << 18) /* that are read again */
#define SOME ((size_t)4096)        /* bytes that are written at once */
#define LINES_MIN 64
#define ENDS_MASK 127 /* a stretch ends behind one line in 128 */

static void
enter(struct cdp_stretches *kn, const char *p)
{
	const char *e = cdp_arena_dup(&kn->mem, (struct cdp_str){ p, ENTRY }).p;

	*cdp_map_at(&kn->set, (struct cdp_str){ e, 16 }) =
	    (void *)(uintptr_t)(e + 16);
}

void
cdp_stretch_open(
    struct cdp_stretches *kn, struct cdp_log *log, struct cdp_str of)
{
	struct cdp_buf b = { 0 };
	char hex[65];
	size_t at;

	cdp_buf_puts(&b, "known " CDP_VERSION " ");
	cdp_buf_put(&b, of);
	cdp_log_hmac(log, cdp_buf_str(&b), hex);
	cdp_hash_secret((const uint8_t *)hex, kn->secret);
	cdp_buf_reset(&b);
	cdp_beside_open(log, "KNOWN", KEPT, &kn->file, &b);
	for (at = b.n % ENTRY; at < b.n; at += ENTRY)
		enter(kn, b.p + at);
	/* What is older than half of it goes, and what was torn. */
	if (b.n >= KEPT || kn->file.end % ENTRY != 0) {
		at = b.n >= KEPT ? KEPT / 2 : b.n % ENTRY;
		cdp_beside_replace(
		    &kn->file, (struct cdp_str){ b.p + at, b.n - at });
	}
	cdp_buf_free(&b);
	kn->open = kn->file.fd != -1;
}

static void
add(struct cdp_stretches *kn)
{
	char e[ENTRY];

	if (kn->set.n >= KEPT / ENTRY)
		return;
	memcpy(e, &kn->h, sizeof(kn->h));
	memcpy(e + sizeof(kn->h), &kn->more, sizeof(kn->more));
	enter(kn, e);
	cdp_buf_put(&kn->fresh, (struct cdp_str){ e, ENTRY });
	if (kn->fresh.n >= SOME)
		cdp_stretch_save(kn);
}

void
cdp_stretch_end(struct cdp_stretches *kn)
{
	if (kn->until != 0 && kn->ngood == kn->now.n && kn->nline == kn->now.n)
		add(kn);
	kn->until = 0;
}

void
cdp_stretch_save(struct cdp_stretches *kn)
{
	if (kn->open)
		cdp_beside_add(&kn->file, cdp_buf_str(&kn->fresh));
	cdp_buf_reset(&kn->fresh);
}

void
cdp_stretch_free(struct cdp_stretches *kn)
{
	if (kn->open)
		cdp_beside_close(&kn->file);
	cdp_map_free(&kn->set);
	cdp_arena_free(&kn->mem);
	cdp_buf_free(&kn->fresh);
}

/* Whether a stretch ends behind this line, if it is long enough. */
static bool
ends(const char *p, size_t n)
{
	if (n > 64)
		n = 64; /* most begin with what tells them apart */
	return (cdp_hash64((struct cdp_str){ p, n }) & ENDS_MASK) == 0;
}

/* The stretch that lines begin with: false if more must be known to tell. */
static bool
cut(struct cdp_str lines, bool last, struct cdp_stretch *ret)
{
	size_t at = 0, n = 0, to;

	while (
	    n < CDP_STRETCH_LINES && at < lines.n && at < CDP_STRETCH_BYTES) {
		to = (size_t)((const char *)memchr(
				  lines.p + at, '\n', lines.n - at) -
		    lines.p);
		ret->end[n++] = (uint32_t)to;
		ret->n = n;
		if (n >= LINES_MIN && ends(lines.p + at, to - at))
			return true;
		at = to + 1;
	}
	return n != 0 &&
	    (last || n == CDP_STRETCH_LINES || at >= CDP_STRETCH_BYTES);
}

bool
cdp_stretch_cut(struct cdp_stretches *kn, struct cdp_str lines, uint64_t lineno,
    bool last, struct cdp_peek *ret)
{
	const char *nl;

	cdp_stretch_end(kn);
	/* The first line of all opened the log, and nobody was asked. */
	if (lineno <= 2 || kn->ended + 1 == lineno)
		kn->start = lineno;
	ret->until = lineno < kn->start ? kn->start - 1 : lineno;
	ret->more = lines.n == 0;
	if (lineno < kn->start || lines.n == 0)
		return false;
	if (lineno == kn->start && cut(lines, last, &kn->now)) {
		lines.n = kn->now.end[kn->now.n - 1] + 1;
		kn->start += kn->now.n;
		kn->h = cdp_hash_keyed(kn->secret, lines);
		return true;
	}
	/* Where lines are taken one by one: does one end with this? */
	ret->more = lineno == kn->start;
	nl = memchr(lines.p, '\n', lines.n);
	if (ends(lines.p, (size_t)(nl - lines.p)))
		kn->ended = lineno;
	return false;
}

bool
cdp_stretch_known(const struct cdp_stretches *kn, uint64_t *more)
{
	const void *have = cdp_map_get(
	    &kn->set, (struct cdp_str){ (const char *)&kn->h, sizeof(kn->h) });

	if (have != NULL)
		memcpy(more, have, sizeof(*more));
	return have != NULL;
}

void
cdp_stretch_read(struct cdp_stretches *kn, struct cdp_peek *ret)
{
	ret->until = kn->until = kn->start - 1;
	ret->end = kn->now.end;
	ret->nend = kn->now.n;
	kn->nline = kn->ngood = 0;
	kn->more = 0;
}
