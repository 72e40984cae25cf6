#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/tape.h"
#include "lib/store/lookup.h"

#define CHAIN_MAX 1000 /* merges of merges of merges */

static const char *const pipeline[] = { "ingest", "merge", "audience",
	"journey", "emit" };
#define NPIPELINE (sizeof(pipeline) / sizeof(pipeline[0]))

static size_t
rank(const char *name)
{
	size_t i;

	for (i = 0; i < NPIPELINE; i++)
		if (strcmp(name, pipeline[i]) == 0)
			break;
	return i;
}

static int
cmp_log(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t i = rank(x), k = rank(y);

	return i != k ? (i > k) - (i < k) : strcmp(x, y);
}

int
cdp_store_logs(struct cdp_store *st, struct cdp_arena *mem,
    const char *const **ret, size_t *n, struct cdp_err *err)
{
	int fd =
	    st->io->openat(st->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	const char **v = NULL, **names;
	const struct dirent *e;

	*n = 0;
	if (d == NULL) {
		if (fd != -1)
			st->io->close(fd);
		return cdp_fail(
		    err, CDP_EIO, "cannot list the store '%s'", st->path);
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, "FORMAT") == 0 ||
		    strcmp(e->d_name, "SECRET") == 0 ||
		    strchr(e->d_name, '.') != NULL)
			continue;
		v = cdp_xreallocarray(v, *n + 1, sizeof(*v));
		v[(*n)++] = cdp_arena_dup(mem, cdp_str_of(e->d_name)).p;
	}
	closedir(d);
	if (*n != 0)
		qsort(v, *n, sizeof(*v), cmp_log);
	names = cdp_arena_calloc(mem, *n + 1, sizeof(*names));
	if (*n != 0)
		memcpy(names, v, *n * sizeof(*v));
	free(v);
	*ret = names;
	return 0;
}

/* The state of a key in one log: 0, CDP_END, or worse. */
static int
state(struct cdp_store *st, const char *stage, struct cdp_str key,
    struct cdp_buf *val, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = stage, .readonly = true };
	struct cdp_log *log;
	int rc = cdp_log_open(st, &opt, &log, err);

	if (rc != 0)
		return rc;
	cdp_buf_reset(val);
	rc = cdp_log_get(log, key, val, err);
	cdp_log_close(log);
	return rc;
}

/* Where the state of key in merge sends us: an id, or CDP_END. */
static int
follow(struct cdp_store *st, struct cdp_str key, struct cdp_arena *mem,
    struct cdp_str *ret, struct cdp_err *err)
{
	struct cdp_buf val = { 0 };
	struct cdp_tape t = { 0 };
	uint32_t at = 0;
	int rc = state(st, "merge", key, &val, err);

	if (rc == 0 && cdp_tape_parse(&t, cdp_buf_str(&val), err) != 0)
		rc = CDP_ECORRUPT;
	if (rc == 0) {
		if (cdp_tape_isa(&t, 0, CDP_OBJECT))
			at = cdp_tape_get(&t, 0, CDP_STR("into"));
		rc = cdp_tape_isa(&t, at, CDP_STRING) ? 0 : CDP_END;
	}
	if (rc == 0)
		*ret = cdp_arena_dup(mem, cdp_tape_str(&t, at, mem));
	cdp_tape_free(&t);
	cdp_buf_free(&val);
	return rc;
}

/* Whether any log keeps something under key. */
static int
known(struct cdp_store *st, struct cdp_str key, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	struct cdp_buf val = { 0 };
	const char *const *name;
	size_t i, n;
	int rc = cdp_store_logs(st, &mem, &name, &n, err);

	if (rc == 0)
		for (rc = CDP_END, i = 0; rc == CDP_END && i < n; i++)
			rc = state(st, name[i], key, &val, err);
	cdp_buf_free(&val);
	cdp_arena_free(&mem);
	return rc;
}

int
cdp_store_resolve(struct cdp_store *st, struct cdp_str id,
    struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err)
{
	static const char kinds[] = "ig"; /* identifiers, groups */
	struct cdp_str key = id, next;
	const char *kind;
	int rc = known(st, id, err), hops;

	if (memchr(id.p, ':', id.n) != NULL)
		for (kind = kinds; rc == CDP_END && *kind != '\0'; kind++) {
			key = cdp_arena_printf(
			    mem, "%c:%.*s", *kind, (int)id.n, id.p);
			rc = known(st, key, err);
		}
	for (hops = 0; rc == 0 && hops < CHAIN_MAX; hops++) {
		rc = follow(st, key, mem, &next, err);
		if (rc == 0)
			key = next;
	}
	if (rc != CDP_END || hops == 0)
		return rc;
	*ret = cdp_arena_dup(mem, key);
	return 0;
}
