#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/store/store.h"
#include "lib/store/text.h"

#define KEY_SIZE 32
#define MAKE_LOCK_MS 10000

/* What FORMAT says of SECRET, so that another one is noticed. */
static void
secret_mark(const uint8_t key[KEY_SIZE], char ret[9])
{
	struct cdp_str s = { (const char *)key, KEY_SIZE };

	cdp_hash_sha256(&s, 1, ret, 8);
}

static int
read_format(struct cdp_store *st, struct cdp_str text, char mark[9],
    struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	struct cdp_err why = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_str id, s;
	int64_t version;
	int rc;

	if ((rc = cdp_tape_parse(&t, text, &why)) != 0)
		goto out;
	rc = CDP_ECORRUPT;
	if (!cdp_tape_i64(
		&t, cdp_tape_get(&t, 0, CDP_STR("cdp_store")), &version))
		goto out;
	if (version != 1) {
		cdp_fail(&why, rc, "format version %lld is not known",
		    (long long)version);
		goto out;
	}
	id = cdp_tape_str(&t, cdp_tape_get(&t, 0, CDP_STR("id")), &mem);
	if (id.n == 0 || id.n >= sizeof(st->id))
		goto out;
	memcpy(st->id, id.p, id.n);
	s = cdp_tape_str(&t, cdp_tape_get(&t, 0, CDP_STR("uuid")), &mem);
	if (!cdp_text_unhex(s, st->uuid, sizeof(st->uuid)))
		goto out;
	s = cdp_tape_str(&t, cdp_tape_get(&t, 0, CDP_STR("secret")), &mem);
	if (s.n != 8)
		goto out;
	memcpy(mark, s.p, 8);
	mark[8] = '\0';
	rc = 0;
out:
	if (rc != 0)
		rc = cdp_fail(err, CDP_ECORRUPT, "FORMAT cannot be used%s%s",
		    why.msg[0] != '\0' ? ": " : "", why.msg);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
	return rc;
}

/* Read what is there.  CDP_END: there is no FORMAT. */
static int
load(struct cdp_store *st, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	struct cdp_err why = { 0 };
	char mark[9], got[9];
	int rc;

	if ((rc = cdp_text_read(st->io, st->dir, "FORMAT", &b, &why)) != 0 ||
	    (rc = read_format(st, cdp_buf_str(&b), mark, &why)) != 0)
		goto out;
	rc = cdp_text_slurp(st->io, st->dir, "SECRET", KEY_SIZE, &b, &why);
	if (rc == CDP_END || (rc == 0 && b.n != KEY_SIZE)) {
		rc = cdp_fail(&why, CDP_ECORRUPT, "SECRET is %s",
		    rc == CDP_END ? "missing" : "damaged");
		goto out;
	}
	if (rc != 0)
		goto out;
	secret_mark((const uint8_t *)b.p, got);
	if (strcmp(mark, got) != 0) {
		rc = cdp_fail(&why, CDP_ECORRUPT,
		    "SECRET is not the one that FORMAT names");
		goto out;
	}
	cdp_hash_secret((const uint8_t *)b.p, st->secret);
out:
	if (rc < 0)
		cdp_fail(err, rc, "store '%s': %s", st->path, why.msg);
	errno = 0;
	cdp_buf_free(&b);
	return rc;
}

/* A store without FORMAT may hold what an interrupted start left, no log. */
static int
check_bare(struct cdp_store *st, struct cdp_err *err)
{
	int fd =
	    st->io->openat(st->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *e;
	int rc = 0;

	if (d == NULL) {
		if (fd != -1)
			st->io->close(fd);
		return cdp_fail(err, CDP_EIO, "cannot list '%s'", st->path);
	}
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    strcmp(e->d_name, "SECRET") == 0 ||
		    strcmp(e->d_name, "SECRET.tmp") == 0 ||
		    strcmp(e->d_name, "FORMAT.tmp") == 0)
			continue;
		errno = 0;
		rc = cdp_fail(err, CDP_ECORRUPT,
		    "'%s' is not a store: it has no FORMAT, but '%s'", st->path,
		    e->d_name);
	}
	closedir(d);
	return rc;
}

/* The name of the store in its parent must survive, too. */
static int
sync_parent(struct cdp_store *st, struct cdp_err *err)
{
	int fd = st->io->openat(
	    st->dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	int rc = 0;

	if (fd == -1)
		return errno == EACCES
		    ? 0
		    : cdp_fail(err, CDP_EIO, "cannot open the parent of '%s'",
			  st->path);
	if (st->io->fsync(fd) != 0)
		rc = cdp_fail(
		    err, CDP_EIO, "cannot sync the parent of '%s'", st->path);
	st->io->close(fd);
	return rc;
}

/* SECRET first: a FORMAT is the sign that all is there. */
static int
make(struct cdp_store *st, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	uint8_t key[KEY_SIZE], uuid[16];
	char mark[9];
	int rc;

	if ((rc = check_bare(st, err)) != 0 || (rc = sync_parent(st, err)) != 0)
		return rc;
	if (getrandom(key, sizeof(key), 0) != sizeof(key) ||
	    getrandom(uuid, sizeof(uuid), 0) != sizeof(uuid))
		return cdp_fail(err, CDP_EIO, "cannot get random bytes");
	rc = cdp_io_replace(st->io, st->dir, "SECRET", key, sizeof(key), err);
	if (rc != 0)
		return rc;
	secret_mark(key, mark);
	cdp_buf_printf(&b, "{\"cdp_store\":1,\"id\":\"%s\"", st->id);
	cdp_buf_puts(&b, ",\"uuid\":\"");
	cdp_text_hex(&b, uuid, sizeof(uuid));
	cdp_buf_printf(&b, "\",\"secret\":\"%s\"}\n", mark);
	rc = cdp_text_write(st->io, st->dir, "FORMAT", &b, err);
	cdp_buf_free(&b);
	return rc;
}

/* Two stages of one pipeline may start a store at once. */
static int
make_once(struct cdp_store *st, struct cdp_err *err)
{
	int fd =
	    st->io->openat(st->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	int rc;

	if (fd == -1)
		return cdp_fail(err, CDP_EIO, "cannot open '%s'", st->path);
	rc = cdp_io_lock(st->io, fd, MAKE_LOCK_MS, err);
	if (rc == 0 && (rc = load(st, err)) == CDP_END &&
	    (rc = make(st, err)) == 0)
		rc = load(st, err);
	st->io->close(fd);
	return rc;
}

/*
 * Who may write to a store can make a stage print what they like; who owns it
 * can take it back at any time.
 */
static int
check_owner(const struct cdp_store *st, struct cdp_err *err)
{
	struct stat sb;

	if (fstat(st->dir, &sb) != 0)
		return cdp_fail(
		    err, CDP_EIO, "cannot look at the store '%s'", st->path);
	errno = 0;
	if (sb.st_uid != geteuid())
		return cdp_fail(err, CDP_EIO,
		    "the store '%s' belongs to another user", st->path);
	if ((sb.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return cdp_fail(err, CDP_EIO,
		    "others may write to the store '%s': chmod go-w it first",
		    st->path);
	return 0;
}

static int
open_dir(struct cdp_store *st, enum cdp_store_mode mode, struct cdp_err *err)
{
	if (mode == CDP_STORE_WRITE &&
	    st->io->mkdirat(AT_FDCWD, st->path, 0700) != 0 && errno != EEXIST)
		return cdp_fail(
		    err, CDP_EIO, "cannot make the store '%s'", st->path);
	st->dir = st->io->openat(
	    AT_FDCWD, st->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (st->dir != -1)
		return 0;
	if (errno == ENOENT && mode == CDP_STORE_READ)
		return CDP_END;
	return cdp_fail(err, CDP_EIO, "cannot open the store '%s'", st->path);
}

static int
store_open(const struct cdp_io *io, const char *path, const char *id,
    enum cdp_store_mode mode, struct cdp_store **ret, struct cdp_err *err)
{
	struct cdp_store *st = cdp_xcalloc(1, sizeof(*st));
	int rc;

	st->io = io;
	st->dir = -1;
	st->memory = CDP_STORE_MEMORY;
	st->path = cdp_xstrdup(path);
	snprintf(st->id, sizeof(st->id), "%s", id);
	if ((rc = open_dir(st, mode, err)) != 0 ||
	    (rc = check_owner(st, err)) != 0)
		goto out;
	rc = load(st, err);
	if (rc == CDP_END && mode == CDP_STORE_WRITE)
		rc = make_once(st, err);
	else if (rc == CDP_END)
		rc = check_bare(st, err) != 0 ? CDP_ECORRUPT : CDP_END;
	if (rc != 0)
		goto out;
	*ret = st;
	st = NULL;
out:
	cdp_store_close(st);
	return rc;
}

int
cdp_store_open(const struct cdp_io *io, const char *path,
    enum cdp_store_mode mode, struct cdp_store **ret, struct cdp_err *err)
{
	return store_open(io, path, CDP_STORE_ID, mode, ret, err);
}

int
cdp_store_init(const struct cdp_io *io, const char *path, const char *id,
    struct cdp_store **ret, struct cdp_err *err)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	struct cdp_store *st;
	int rc;

	if (*id == '\0' || strlen(id) >= sizeof(st->id) ||
	    id[strspn(id, ok)] != '\0')
		return cdp_fail(err, CDP_ECONF,
		    "'%s' is no id: lower-case letters, digits, '_' and '-', "
		    "at most %zu",
		    id, sizeof(st->id) - 1);
	rc = store_open(io, path, id, CDP_STORE_WRITE, &st, err);
	if (rc == 0 && strcmp(st->id, id) != 0) {
		rc = cdp_fail(err, CDP_ECONF,
		    "the store '%s' is there and its id is '%s'", path, st->id);
		cdp_store_close(st);
		return rc;
	}
	if (rc == 0)
		*ret = st;
	return rc;
}

void
cdp_store_close(struct cdp_store *st)
{
	if (st == NULL)
		return;
	if (st->dir != -1)
		st->io->close(st->dir);
	explicit_bzero(st->secret, sizeof(st->secret));
	free(st->path);
	free(st);
}
