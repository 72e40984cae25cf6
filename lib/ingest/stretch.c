#include "lib/ingest/stretch.h"

#include "lib/base/time.h"

#define ENTRY 24                   /* bytes: hash, and hash of marks */
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
    struct cdp_stretches *kn, struct cdp_log *log, struct cdp_str project)
{
	struct cdp_buf b = { 0 };
	char hex[65];
	size_t at;

	cdp_buf_puts(&b, "known " CDP_VERSION " ");
	cdp_buf_put(&b, project);
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
	memcpy(e + sizeof(kn->h), &kn->marks, sizeof(kn->marks));
	enter(kn, e);
	cdp_buf_put(&kn->fresh, (struct cdp_str){ e, ENTRY });
	if (kn->fresh.n >= SOME)
		cdp_stretch_save(kn);
}

void
cdp_stretch_end(struct cdp_stretches *kn)
{
	if (kn->until != 0 && kn->ngood == kn->lines && kn->nline == kn->lines)
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

bool
cdp_stretch_ends(struct cdp_str line)
{
	if (line.n > 64)
		line.n = 64; /* most begin with what tells them apart */
	return (cdp_hash64(line) & ENDS_MASK) == 0;
}

bool
cdp_stretch_cut(struct cdp_str lines, bool last, struct cdp_stretch *ret)
{
	size_t at = 0, n = 0;
	const char *nl;

	while (
	    n < CDP_STRETCH_LINES && at < lines.n && at < CDP_STRETCH_BYTES) {
		nl = memchr(lines.p + at, '\n', lines.n - at);
		ret->end[n++] = (uint32_t)(nl - lines.p);
		ret->n = n;
		if (n >= LINES_MIN &&
		    cdp_stretch_ends((struct cdp_str){
			lines.p + at, (size_t)(nl - lines.p) - at }))
			return true;
		at = (size_t)(nl + 1 - lines.p);
	}
	return n != 0 &&
	    (last || n == CDP_STRETCH_LINES || at >= CDP_STRETCH_BYTES);
}

bool
cdp_stretch_has(const struct cdp_stretches *kn, struct cdp_str bytes,
    struct cdp_hash128 *h, uint64_t *marks)
{
	const void *have;

	*h = cdp_hash_keyed(kn->secret, bytes);
	have = cdp_map_get(
	    &kn->set, (struct cdp_str){ (const char *)h, sizeof(*h) });
	if (have == NULL)
		return false;
	memcpy(marks, have, sizeof(*marks));
	return true;
}

/* The first string that stands behind a name, as it is written. */
static bool
string_of(struct cdp_str raw, struct cdp_str name, struct cdp_str *ret)
{
	const char *p = memmem(raw.p, raw.n, name.p, name.n);
	const char *end = raw.p + raw.n, *quote;

	if (p == NULL)
		return false;
	p += name.n;
	p += p < end && *p == ' ';
	if (p == end || *p != '"')
		return false;
	p++;
	quote = memchr(p, '"', (size_t)(end - p));
	if (quote == NULL)
		return false;
	*ret = (struct cdp_str){ p, (size_t)(quote - p) };
	return true;
}

bool
cdp_stretch_look(struct cdp_str raw, struct cdp_str *id, int64_t *ts_ms)
{
	struct cdp_str ts;

	return string_of(raw, CDP_STR("\"messageId\":"), id) &&
	    string_of(raw, CDP_STR("\"timestamp\":"), &ts) &&
	    cdp_time_parse(ts, ts_ms) == 0;
}
