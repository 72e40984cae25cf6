#ifndef CDP_STORE_STORE_H
#define CDP_STORE_STORE_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/hash.h"
#include "lib/base/io.h"

/*
 * store: the directory that holds everything a project knows.
 *
 * It has one log per stage (log.h), a FORMAT file that says what it is and a
 * SECRET that keys its hashes.  Nothing here depends on the time of day.
 */
#define CDP_STORE_ID                                                           \
	"main" /* of every store, so that nothing depends on it                \
		*/

struct cdp_store {
	const struct cdp_io *io;
	int dir;     /* descriptor of the directory */
	char *path;  /* as given, for messages */
	char id[32]; /* "main": the first half of every "o" */
	uint8_t uuid[16];
	uint8_t secret[CDP_SECRET_SIZE];
	size_t memory; /* about, that a walk or a compaction may take, and
			  of which each log takes a share */
};

#define CDP_STORE_MEMORY ((size_t)1 << 30)

enum cdp_store_mode {
	CDP_STORE_READ, /* must be there */
	CDP_STORE_WRITE /* made if it is not there */
};

/*
 * Open the store at path.  0; CDP_EIO; CDP_ECORRUPT if FORMAT or SECRET is
 * damaged, missing beside logs, or of an unknown incompatible version;
 * CDP_END if it is not there and mode is CDP_STORE_READ.
 */
int cdp_store_open(const struct cdp_io *io, const char *path,
    enum cdp_store_mode mode, struct cdp_store **ret, struct cdp_err *err);

/*
 * The same, for writing, but a store that is not there is made with this id:
 * lower-case letters, digits, "_" and "-", at most 31.  CDP_ECONF if it is no
 * id, or if the store is there and has another one.
 */
int cdp_store_init(const struct cdp_io *io, const char *path, const char *id,
    struct cdp_store **ret, struct cdp_err *err);

void cdp_store_close(struct cdp_store *st);

#endif
