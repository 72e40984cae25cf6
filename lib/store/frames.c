#include "lib/store/frames.h"

#include <stdlib.h>

#include "lib/base/mem.h"

struct cdp_held {
	uint64_t seg, off;
	struct cdp_held *next; /* in its chain */
	struct cdp_held *newer, *older;
	size_t n;
	char p[];
};

/* Frames begin anywhere, segments count up: neither bits alone would do. */
static struct cdp_held **
chain(const struct cdp_frames *fs, uint64_t seg, uint64_t off)
{
	uint64_t h = (off + seg * 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd;

	return &fs->chain[h >> 32 & (fs->nchain - 1)];
}

static void
unlink_age(struct cdp_frames *fs, struct cdp_held *f)
{
	*(f->newer != NULL ? &f->newer->older : &fs->newest) = f->older;
	*(f->older != NULL ? &f->older->newer : &fs->oldest) = f->newer;
}

static void
link_newest(struct cdp_frames *fs, struct cdp_held *f)
{
	f->newer = NULL;
	f->older = fs->newest;
	*(f->older != NULL ? &f->older->newer : &fs->oldest) = f;
	fs->newest = f;
}

static void
drop(struct cdp_frames *fs, struct cdp_held *f)
{
	struct cdp_held **at = chain(fs, f->seg, f->off);

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	unlink_age(fs, f);
	fs->n--;
	fs->bytes -= sizeof(*f) + f->n;
	free(f);
}

static void
grow(struct cdp_frames *fs)
{
	struct cdp_held *f, **at;

	free(fs->chain);
	fs->nchain = fs->nchain != 0 ? 2 * fs->nchain : 64;
	fs->chain = cdp_xcalloc(fs->nchain, sizeof(struct cdp_held *));
	for (f = fs->newest; f != NULL; f = f->older) {
		at = chain(fs, f->seg, f->off);
		f->next = *at;
		*at = f;
	}
}

bool
cdp_frames_find(
    struct cdp_frames *fs, uint64_t seg, uint64_t off, struct cdp_str *ret)
{
	struct cdp_held *f;

	if (fs->n == 0)
		return false;
	f = *chain(fs, seg, off);
	while (f != NULL && (f->off != off || f->seg != seg))
		f = f->next;
	if (f == NULL)
		return false;
	if (f != fs->newest) {
		unlink_age(fs, f);
		link_newest(fs, f);
	}
	*ret = (struct cdp_str){ f->p, f->n };
	return true;
}

void
cdp_frames_add(struct cdp_frames *fs, uint64_t seg, uint64_t off,
    struct cdp_str raw, struct cdp_str *ret)
{
	struct cdp_held *f = cdp_xmalloc(sizeof(*f) + raw.n), **at;

	if (fs->n == fs->nchain)
		grow(fs);
	at = chain(fs, seg, off);
	*f = (struct cdp_held){
		.seg = seg, .off = off, .next = *at, .n = raw.n
	};
	if (raw.n != 0)
		memcpy(f->p, raw.p, raw.n);
	*at = f;
	link_newest(fs, f);
	fs->n++;
	fs->bytes += sizeof(*f) + raw.n;
	while (fs->bytes > fs->max_bytes && fs->n > 1)
		drop(fs, fs->oldest);
	*ret = (struct cdp_str){ f->p, f->n };
}

void
cdp_frames_drop(struct cdp_frames *fs)
{
	while (fs->n != 0)
		drop(fs, fs->oldest);
	free(fs->chain);
	*fs = (struct cdp_frames){ .max_bytes = fs->max_bytes };
}
