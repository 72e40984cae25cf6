/*
 * power: the disk as a power cut leaves it.
 *
 *     power TRACE BASE                print how many calls TRACE has
 *     power TRACE BASE IMAGE N HOW    make in IMAGE the disk after N calls
 *
 * TRACE is what tests/shim/record.c wrote, BASE the directory as it was
 * before it.  What a file got since it was last synced is at the mercy of
 * HOW; so are the names that a directory got or lost since it was:
 *     0 all is there      1 nothing is        2 the names are, no bytes
 *     3 the bytes, no names                   4 the last write is torn
 *     5 any of the writes and names           6 zeros for the bytes
 *     7 any sector is garbage
 */
#include <dirent.h>
#include <err.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum how { ALL, NOTHING, NAMES, BYTES, TORN, ANY, ZERO, GARBAGE };
#define SECTOR 512

struct bytes {
	char *p;
	size_t n;
};

/* A write, or, without bytes, a cut at off. */
struct change {
	size_t off;
	struct bytes b;
};

struct names {
	struct name {
		char *name;
		struct inode *to;
	} * v;
	size_t n;
};

/* A name that was made (to is set), removed, or, from another one, given. */
struct rename {
	char *from, *name;
	struct inode *to;
};

struct inode {
	bool dir;
	struct bytes safe; /* of a file */
	struct change *change;
	size_t nchange;
	struct names now, sure; /* of a directory */
	struct rename *rename;
	size_t nrename;
};

static enum how how;
static uint64_t seed;

static uint64_t
dice(uint64_t sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % sides;
}

static void *
grow(void *p, size_t n, size_t size)
{
	p = realloc(p, n * size);
	if (p == NULL)
		err(2, "memory");
	return p;
}

static struct inode *
inode_new(bool dir)
{
	struct inode *i = grow(NULL, 1, sizeof(*i));

	*i = (struct inode){ .dir = dir };
	return i;
}

/* ---- names ---- */

static struct name *
find(struct names *ns, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < ns->n; i++)
		if (strlen(ns->v[i].name) == n &&
		    memcmp(ns->v[i].name, name, n) == 0)
			return &ns->v[i];
	return NULL;
}

static void
set(struct names *ns, const char *name, struct inode *to)
{
	struct name *at = find(ns, name, strlen(name));

	if (at == NULL && to != NULL) {
		ns->v = grow(ns->v, ns->n + 1, sizeof(*ns->v));
		at = &ns->v[ns->n++];
		at->name = strdup(name);
	}
	if (at != NULL && to != NULL)
		at->to = to;
	else if (at != NULL)
		*at = ns->v[--ns->n];
}

static void
copy(struct names *to, const struct names *from)
{
	*to = (struct names){ grow(NULL, from->n + 1, sizeof(*from->v)),
		from->n };
	if (from->n != 0)
		memcpy(to->v, from->v, from->n * sizeof(*from->v));
}

static void
apply(struct names *ns, const struct rename *r)
{
	if (r->from != NULL)
		set(ns, r->from, NULL);
	set(ns, r->name, r->to);
}

/* The directory of path, and where its last part begins; NULL: unknown. */
static struct inode *
parent(struct inode *root, const char *path, const char **last)
{
	const char *p;
	struct name *at;

	while ((p = strchr(path, '/')) != NULL) {
		at = find(&root->now, path, (size_t)(p - path));
		if (at == NULL || !at->to->dir)
			return NULL;
		root = at->to;
		path = p + 1;
	}
	*last = path;
	return root;
}

static struct inode *
resolve(struct inode *root, const char *path)
{
	const char *last;
	struct inode *dir;
	struct name *at;

	if (strcmp(path, ".") == 0)
		return root;
	if ((dir = parent(root, path, &last)) == NULL)
		return NULL;
	at = find(&dir->now, last, strlen(last));
	return at != NULL ? at->to : NULL;
}

static void
give(struct inode *root, const char *from, const char *path, struct inode *to)
{
	const char *last, *was = NULL;
	struct inode *dir = parent(root, path, &last);
	struct rename r;

	if (dir == NULL || (from != NULL && parent(root, from, &was) != dir))
		errx(2, "cannot follow '%s'", path);
	r = (struct rename){ was != NULL ? strdup(was) : NULL, strdup(last),
		to };
	dir->rename = grow(dir->rename, dir->nrename + 1, sizeof(*dir->rename));
	dir->rename[dir->nrename++] = r;
	apply(&dir->now, &r);
}

/* ---- bytes ---- */

static void
put(struct bytes *to, size_t off, struct bytes b)
{
	if (off + b.n > to->n) {
		to->p = grow(to->p, off + b.n, 1);
		memset(to->p + to->n, 0, off + b.n - to->n);
		to->n = off + b.n;
	}
	if (b.n != 0)
		memcpy(to->p + off, b.p, b.n);
}

static void
make(struct bytes *to, const struct change *c)
{
	if (c->b.p == NULL && c->off < to->n)
		to->n = c->off;
	else if (c->b.p != NULL)
		put(to, c->off, c->b);
}

static void
change(struct inode *i, size_t off, struct bytes b)
{
	if (i == NULL)
		return; /* standard output, and the like */
	i->change = grow(i->change, i->nchange + 1, sizeof(*i->change));
	i->change[i->nchange++] = (struct change){ off, b };
}

static void
synced(struct inode *i)
{
	size_t k;

	if (i == NULL)
		return;
	for (k = 0; k < i->nchange; k++)
		make(&i->safe, &i->change[k]);
	i->nchange = 0;
	if (i->dir)
		copy(&i->sure, &i->now);
	i->nrename = 0;
}

/* ---- the image ---- */

/*
 * What of a write that was not synced came to the disk.  It may be garbage
 * also where durable bytes were; those beside it in the sector are not
 * touched: that much is asked of a disk.
 */
static void
maybe(struct bytes *to, const struct change *c, bool last)
{
	struct bytes b = { NULL, c->b.n };
	size_t at;

	if (how == NOTHING || how == NAMES || (how == ANY && dice(2) == 0))
		return;
	if (c->b.p == NULL || how < TORN || how == ANY ||
	    (how == TORN && !last)) {
		make(to, c);
		return;
	}
	b.p = grow(NULL, b.n + 1, 1);
	memcpy(b.p, c->b.p, b.n);
	if (how == TORN) {
		b.n = dice(b.n + 1);
	} else if (b.n != 0) {
		at = how == ZERO ? 0 : dice(b.n) / SECTOR * SECTOR;
		for (; at < b.n; at++) {
			b.p[at] = how == ZERO ? 0 : (char)dice(256);
			if (how == GARBAGE && at % SECTOR == SECTOR - 1)
				break;
		}
	}
	put(to, c->off, b);
	free(b.p);
}

static void
image(struct inode *i, const char *path)
{
	struct bytes b = { NULL, 0 };
	struct names ns;
	char at[PATH_MAX];
	size_t k;
	FILE *fp;

	if (i->dir) {
		if (mkdir(path, 0700) != 0 && access(path, F_OK) != 0)
			err(2, "%s", path);
		copy(&ns, &i->sure);
		for (k = 0; k < i->nrename; k++)
			if (how != NOTHING && how != BYTES &&
			    (how < ANY || dice(4) != 0))
				apply(&ns, &i->rename[k]);
		for (k = 0; k < ns.n; k++) {
			snprintf(at, sizeof(at), "%s/%s", path, ns.v[k].name);
			image(ns.v[k].to, at);
		}
		free(ns.v);
		return;
	}
	put(&b, 0, i->safe);
	for (k = 0; k < i->nchange; k++)
		maybe(&b, &i->change[k], k + 1 == i->nchange);
	fp = fopen(path, "w");
	if (fp == NULL || fwrite(b.p, 1, b.n, fp) != b.n || fclose(fp) != 0)
		err(2, "%s", path);
	chmod(path, 0600);
	free(b.p);
}

/* ---- the disk before ---- */

static struct bytes
slurp(const char *path)
{
	struct bytes b = { NULL, 0 };
	FILE *fp = fopen(path, "r");
	size_t k;

	if (fp == NULL)
		err(2, "%s", path);
	do {
		b.p = grow(b.p, b.n + 65536, 1);
		k = fread(b.p + b.n, 1, 65536, fp);
		b.n += k;
	} while (k != 0);
	fclose(fp);
	return b;
}

static struct inode *
load(const char *path)
{
	struct stat sb;
	struct inode *i;
	struct dirent *e;
	char at[PATH_MAX];
	DIR *d;

	if (stat(path, &sb) != 0)
		err(2, "%s", path);
	i = inode_new(S_ISDIR(sb.st_mode));
	if (!i->dir) {
		i->safe = slurp(path);
		return i;
	}
	if ((d = opendir(path)) == NULL)
		err(2, "%s", path);
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(at, sizeof(at), "%s/%s", path, e->d_name);
		set(&i->now, e->d_name, load(at));
	}
	closedir(d);
	copy(&i->sure, &i->now);
	return i;
}

/* ---- the trace ---- */

/* One record at p, before end: where the next one is. */
static char *
one(struct inode *root, char *p, char *end)
{
	char *nl = memchr(p, '\n', (size_t)(end - p)), *save = NULL;
	char *path, *arg;
	struct bytes b = { NULL, 0 };
	size_t n;

	if (nl == NULL || p + 2 >= nl)
		errx(2, "the trace is damaged");
	*nl = '\0';
	path = strtok_r(p + 2, " ", &save);
	arg = strtok_r(NULL, " ", &save);
	n = arg != NULL ? strtoul(arg, NULL, 10) : 0;
	switch (*p) {
	case 'C':
		give(root, NULL, path, inode_new(false));
		break;
	case 'M':
		give(root, NULL, path, inode_new(true));
		break;
	case 'R':
		give(root, path, arg, resolve(root, path));
		break;
	case 'U':
		give(root, NULL, path, NULL);
		break;
	case 'S':
		synced(resolve(root, path));
		break;
	case 'T':
		change(resolve(root, path), n, b);
		break;
	case 'W':
		b = (struct bytes){ nl + 1,
			strtoul(strtok_r(NULL, " ", &save), NULL, 10) };
		change(resolve(root, path), n, b);
		break;
	}
	return nl + 1 + b.n;
}

int
main(int argc, char *argv[])
{
	struct bytes t;
	struct inode *root;
	char *p;
	long n = 0, last;

	if (argc != 3 && argc != 6)
		errx(2, "usage: power TRACE BASE [IMAGE N HOW]");
	t = slurp(argv[1]);
	last = argc == 6 ? atol(argv[4]) : -1;
	how = argc == 6 ? (enum how)atoi(argv[5]) : ALL;
	seed = (uint64_t)(last + 1) * 1000003 + how + 88172645463325252U;
	root = load(argv[2]);
	for (p = t.p; p < t.p + t.n && n != last; n++)
		p = one(root, p, t.p + t.n);
	if (argc == 6)
		image(root, argv[3]);
	else
		printf("%ld\n", n);
	return 0;
}
