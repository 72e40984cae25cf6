#ifndef CDP_TOOL_FOLLOW_H
#define CDP_TOOL_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * follow: a file that grows, under a name that the next one takes over.
 *
 * A file is known by its inode and a hash of its first line, so that it is
 * found again under another name, and not mistaken for one that is put in its
 * place or written over it: "file:PATH#INODE-HASH", PATH as it was given.
 */

/* "file:PATH#" */
void cdp_follow_prefix(struct cdp_buf *b, const char *path);

/* Append the file's whole name; false if it has no first line yet. */
bool cdp_follow_name(struct cdp_buf *b, const char *path, int fd);

/*
 * Where the file of that name is now: path itself, or what stands beside it
 * under a longer name ("app.log.1"), of at least size bytes.  NULL, or in mem.
 */
const char *cdp_follow_find(const char *path, struct cdp_str name,
    uint64_t size, struct cdp_arena *mem);

/* What to do where the file has no more to read. */
enum cdp_follow { CDP_FOLLOW_WAIT, CDP_FOLLOW_OVER };

/*
 * CDP_FOLLOW_OVER if another file has its name now, or if it is shorter than
 * what was read of it.
 */
enum cdp_follow cdp_follow_look(const char *path, int fd);

#endif
