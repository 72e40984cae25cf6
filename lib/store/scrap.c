#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/store/logint.h"

static int
gone(struct cdp_log *log, int dir, const char *name, int how)
{
	errno = 0;
	return log->st->io->unlinkat(dir, name, how) != 0 && errno != ENOENT
	    ? -1
	    : 0;
}

/* What is left of one that has nothing in it: MANIFEST first, for a log
 * without it is one that was never begun. */
static int
remove_folder(struct cdp_log *log, struct cdp_err *err)
{
	static const char *const more[] = { "KNOWN", "LAST", "REWRITE", "LOCK" };
	const struct cdp_io *io = log->st->io;

	if (gone(log, log->dir, "MANIFEST", 0) != 0 ||
	    io->fsync(log->dir) != 0 ||
	    gone(log, log->dir, log->active.name, 0) != 0)
		return cdp_fail(err, CDP_EIO, "cannot remove it");
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
		if (gone(log, log->dir, more[i], 0) != 0)
			return cdp_fail(
			    err, CDP_EIO, "cannot remove '%s'", more[i]);
	if (gone(log, log->st->dir, log->stage, AT_REMOVEDIR) != 0 ||
	    io->fsync(log->st->dir) != 0)
		return cdp_fail(err, CDP_EIO, "cannot remove the folder");
	return 0;
}

int
cdp_log_scrap(struct cdp_log *log, struct cdp_err *err)
{
	int rc = log->dead ? cdp_fail(err, CDP_EIO, "a write has failed")
			   : cdp_log_roll(log, err);

	if (rc == 0)
		rc = cdp_log_swap(log, NULL, 0, err);
	if (rc == 0)
		rc = remove_folder(log, err);
	rc = cdp_log_fault(log, rc, err);
	log->dead = true; /* nothing is to be noted of it */
	cdp_log_close(log);
	return rc;
}
