#ifndef CDP_TOOL_INFLATE_H
#define CDP_TOOL_INFLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * inflate: what zstd or gzip packed, a piece at a time.
 *
 * A file may hold several frames or members one behind the other, and zstd's
 * skippable frames.  Memory is bounded by the window, of at most 8 MiB.  What
 * grows a thousand times over, beyond CDP_INFLATE_FREE bytes, is refused: no
 * log of events does, and a file made to fill a disk does.
 */
#define CDP_INFLATE_FREE ((uint64_t)256 << 20)
#define CDP_INFLATE_RATIO 1000

enum cdp_pack { CDP_PACK_NONE, CDP_PACK_GZIP, CDP_PACK_ZSTD };

/* What a file is that begins with s; four bytes are enough to tell. */
enum cdp_pack cdp_inflate_kind(struct cdp_str s);

struct cdp_inflate; /* opaque */

struct cdp_inflate *cdp_inflate_new(enum cdp_pack kind);
void cdp_inflate_free(struct cdp_inflate *u);

/*
 * Unpack from *in, whose beginning moves behind what was used, into the room
 * bytes at out; *n receives how many came.  0; *n is 0 only when more is
 * wanted, so call it with what is there before reading.  CDP_EIO if it is
 * damaged or refused, with a reason that follows the name of the file.
 */
int cdp_inflate_some(struct cdp_inflate *u, struct cdp_str *in, char *out,
    size_t room, size_t *n, struct cdp_err *err);

/* Whether the file may end here: not within a frame or member. */
bool cdp_inflate_whole(const struct cdp_inflate *u);

#endif
