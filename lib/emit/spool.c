#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/emit/spool.h"
#include "lib/json/write.h"

#define NAME_MAX_N 64
#define LOCK_MS 2000 /* a process that ends lets go of the log first */

void
cdp_spool_init(struct cdp_spool *sp, const struct cdp_io *io,
    struct cdp_str destination, struct cdp_str base, struct cdp_str dir)
{
	*sp = (struct cdp_spool){ .io = io,
		.destination = destination,
		.base = base,
		.dir = dir,
		.fd = -1 };
}

void
cdp_spool_free(struct cdp_spool *sp)
{
	if (sp->fd != -1)
		sp->io->close(sp->fd);
	cdp_buf_free(&sp->lines);
}

static int
fail(struct cdp_spool *sp, int code, const char *what, struct cdp_err *err)
{
	return cdp_fail(err, code, "cannot deliver to '%.*s': %s '%.*s'",
	    (int)sp->destination.n, sp->destination.p, what, (int)sp->dir.n,
	    sp->dir.p);
}

/* ---- the directory ---- */

/*
 * From fd, which is closed, to its child; made if need be, and then durable
 * before anything in it is.  -1 with errno.
 */
static int
descend(const struct cdp_io *io, int fd, const char *name, bool make)
{
	int next = -1, saved;

	if (make && io->mkdirat(fd, name, 0700) == 0) {
		if (io->fsync(fd) != 0)
			goto out;
	} else if (make && errno != EEXIST) {
		goto out;
	}
	next = io->openat(
	    fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
out:
	saved = errno;
	io->close(fd);
	errno = saved;
	return next;
}

/*
 * The directory dir, below the project's; -1 with errno.  Links in it are not
 * followed: who writes the rules does not say where on the machine it ends.
 */
static int
open_dir(const struct cdp_spool *sp, struct cdp_str dir, bool make)
{
	struct cdp_buf path = { 0 };
	char *p, *save = NULL;
	int fd;

	cdp_buf_put(&path, sp->base);
	fd = sp->io->openat(AT_FDCWD, cdp_buf_cstr(&path),
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	cdp_buf_reset(&path);
	cdp_buf_put(&path, dir);
	for (p = strtok_r(cdp_buf_cstr(&path), "/", &save);
	     p != NULL && fd != -1; p = strtok_r(NULL, "/", &save))
		fd = descend(sp->io, fd, p, make);
	cdp_buf_free(&path);
	return fd;
}

/* "000000000001-000000000007" and its end; false for any other name. */
static bool
is_range(const char *z, uint64_t *to)
{
	const char *p = strchr(z, '-');
	char *end;

	if (p == NULL || p - z < 12 ||
	    strspn(z, "0123456789") != (size_t)(p - z))
		return false;
	*to = strtoull(p + 1, &end, 10);
	return end - p > 12 && (*end == '\0' || strcmp(end, ".ndjson") == 0);
}

/* Give the file its name. */
static int
name_file(struct cdp_spool *sp, int fd, const char *tmp, struct cdp_err *err)
{
	char to[NAME_MAX_N];

	snprintf(to, sizeof(to), "%s.ndjson", tmp + 4);
	if (sp->io->renameat(fd, tmp, fd, to) != 0)
		return fail(sp, CDP_EIO, "cannot rename in", err);
	if (sp->io->fsync(fd) != 0)
		return fail(sp, CDP_EIO, "cannot sync", err);
	return 0;
}

/*
 * A temporary file that ends where the ledger ends was committed; one that
 * goes beyond it never was.  A finished file beyond it is not ours.
 */
static int
one_entry(struct cdp_spool *sp, int fd, const char *name, struct cdp_err *err)
{
	uint64_t to;

	if (strncmp(name, "tmp.", 4) == 0 && is_range(name + 4, &to)) {
		if (to == sp->n)
			return name_file(sp, fd, name, err);
		if (sp->io->unlinkat(fd, name, 0) != 0)
			return fail(sp, CDP_EIO, "cannot clean up", err);
	} else if (is_range(name, &to) && to > sp->n) {
		return fail(
		    sp, CDP_ECORRUPT, "another store has delivered to", err);
	}
	return 0;
}

/* Finish in the directory fd what a killed run left. */
static int
look_through(struct cdp_spool *sp, int fd, struct cdp_err *err)
{
	int list =
	    sp->io->openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	DIR *d = list != -1 ? fdopendir(list) : NULL;
	struct dirent *e;
	int rc = 0;

	if (d == NULL) {
		if (list != -1)
			sp->io->close(list);
		return fail(sp, CDP_EIO, "cannot read directory", err);
	}
	while (rc == 0 && (e = readdir(d)) != NULL)
		rc = one_entry(sp, fd, e->d_name, err);
	closedir(d);
	return rc;
}

/* Take the directory for ourselves. */
static int
take(struct cdp_spool *sp, bool make, struct cdp_err *err)
{
	int rc;

	if (sp->fd != -1)
		return 0;
	sp->fd = open_dir(sp, sp->dir, make);
	if (sp->fd == -1 && errno == ENOENT && !make)
		return CDP_END;
	if (sp->fd == -1)
		return fail(sp, CDP_EIO, "cannot open directory", err);
	if ((rc = cdp_io_lock(sp->io, sp->fd, LOCK_MS, err)) == CDP_ELOCKED)
		return fail(sp, CDP_ELOCKED, "another delivery is using", err);
	return rc != 0 ? rc : look_through(sp, sp->fd, err);
}

/* ---- the ledger ---- */

static void
key(struct cdp_spool *sp, struct cdp_buf *b)
{
	cdp_buf_puts(b, "d:");
	cdp_buf_put(b, sp->destination);
}

/* Finish in the directory of then, if the project has another one now. */
static int
finish(struct cdp_spool *sp, struct cdp_str dir, struct cdp_err *err)
{
	int fd, rc;

	if (cdp_str_eq(dir, sp->dir))
		return 0;
	fd = open_dir(sp, dir, false);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		return fail(sp, CDP_EIO, "cannot open directory", err);
	rc = look_through(sp, fd, err);
	sp->io->close(fd);
	return rc;
}

static int
read_ledger(struct cdp_spool *sp, struct cdp_str json, struct cdp_err *err)
{
	struct cdp_tape t = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_str dir;
	int64_t n = 0;
	int rc = cdp_tape_parse(&t, json, err);

	if (rc == 0) {
		cdp_tape_i64(&t, cdp_tape_get(&t, 0, CDP_STR("n")), &n);
		dir =
		    cdp_tape_str(&t, cdp_tape_get(&t, 0, CDP_STR("dir")), &mem);
		sp->n = (uint64_t)n;
		if (n <= 0 || dir.n == 0)
			rc = cdp_fail(err, CDP_ECORRUPT,
			    "the ledger of '%.*s' is damaged",
			    (int)sp->destination.n, sp->destination.p);
		else
			rc = finish(sp, dir, err);
	}
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
	return rc;
}

int
cdp_spool_open(struct cdp_spool *sp, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_buf k = { 0 }, v = { 0 };
	int rc;

	key(sp, &k);
	rc = cdp_log_get(log, cdp_buf_str(&k), &v, err);
	if (rc == 0)
		rc = read_ledger(sp, cdp_buf_str(&v), err);
	if (rc == 0 || rc == CDP_END)
		rc = take(sp, false, err);
	cdp_buf_free(&k);
	cdp_buf_free(&v);
	return rc == CDP_END ? 0 : rc;
}

void
cdp_spool_add(struct cdp_spool *sp, struct cdp_str line)
{
	cdp_buf_put(&sp->lines, line);
	cdp_buf_putc(&sp->lines, '\n');
	sp->more++;
}

static int
write_tmp(struct cdp_spool *sp, struct cdp_err *err)
{
	int fd, rc;

	if (sp->lines.over)
		return fail(sp, CDP_EIO, "too much at once for", err);
	fd = sp->io->openat(
	    sp->fd, sp->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd == -1)
		return fail(sp, CDP_EIO, "cannot write in", err);
	rc = cdp_io_write_all(sp->io, fd, sp->lines.p, sp->lines.n, err);
	if (rc == 0 && sp->io->fsync(fd) != 0)
		rc = fail(sp, CDP_EIO, "cannot sync a file in", err);
	if (sp->io->close(fd) != 0 && rc == 0)
		rc = fail(sp, CDP_EIO, "cannot close a file in", err);
	if (rc == 0 && sp->io->fsync(sp->fd) != 0)
		rc = fail(sp, CDP_EIO, "cannot sync", err);
	return rc;
}

int
cdp_spool_write(struct cdp_spool *sp, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_buf k = { 0 }, v = { 0 };
	int rc;

	if (sp->more == 0)
		return 0;
	if ((rc = take(sp, true, err)) != 0)
		return rc;
	snprintf(sp->name, sizeof(sp->name), "tmp.%012llu-%012llu",
	    (unsigned long long)sp->n + 1,
	    (unsigned long long)(sp->n + sp->more));
	if ((rc = write_tmp(sp, err)) != 0)
		return rc;
	sp->n += sp->more;
	sp->more = 0;
	cdp_buf_reset(&sp->lines);
	key(sp, &k);
	cdp_buf_putc(&v, '{');
	cdp_json_ki64(&v, "n", (int64_t)sp->n);
	cdp_json_kstr(&v, "dir", sp->dir);
	cdp_buf_putc(&v, '}');
	cdp_log_put(log, cdp_buf_str(&k), cdp_buf_str(&v), INT64_MAX);
	cdp_buf_free(&k);
	cdp_buf_free(&v);
	return 0;
}

int
cdp_spool_show(struct cdp_spool *sp, struct cdp_err *err)
{
	int rc = 0;

	if (sp->name[0] != '\0')
		rc = name_file(sp, sp->fd, sp->name, err);
	if (rc == 0)
		sp->name[0] = '\0';
	return rc;
}
