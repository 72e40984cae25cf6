#include "lib/tool/follow.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/hash.h"

#define HEAD 4096

void
cdp_follow_prefix(struct cdp_buf *b, const char *path)
{
	cdp_buf_puts(b, "file:");
	cdp_buf_puts(b, path);
	cdp_buf_putc(b, '#');
}

bool
cdp_follow_name(struct cdp_buf *b, const char *path, int fd)
{
	char head[HEAD];
	ssize_t n = pread(fd, head, sizeof(head), 0);
	const char *nl = n > 0 ? memchr(head, '\n', (size_t)n) : NULL;
	struct stat sb;

	if (fstat(fd, &sb) != 0 || (nl == NULL && n < HEAD))
		return false;
	if (nl != NULL)
		n = nl - head;
	cdp_follow_prefix(b, path);
	cdp_buf_printf(b, "%llu-%016llx", (unsigned long long)sb.st_ino,
	    (unsigned long long)cdp_hash64(
		(struct cdp_str){ head, (size_t)n }));
	return true;
}

static bool
is_it(const char *at, const char *path, struct cdp_str name, uint64_t size)
{
	struct cdp_buf b = { 0 };
	struct stat sb;
	int fd = open(at, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok;

	if (fd == -1)
		return false;
	ok = fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) &&
	    (uint64_t)sb.st_size >= size && cdp_follow_name(&b, path, fd) &&
	    cdp_str_eq(cdp_buf_str(&b), name);
	close(fd);
	cdp_buf_free(&b);
	return ok;
}

const char *
cdp_follow_find(
    const char *path, struct cdp_str name, uint64_t size, struct cdp_arena *mem)
{
	const char *base = strrchr(path, '/'), *at, *ret = NULL;
	int dirlen = base != NULL ? (int)(base - path) + 1 : 0;
	const struct dirent *e;
	DIR *d;

	if (is_it(path, path, name, size))
		return path;
	base = path + dirlen;
	d = opendir(
	    dirlen == 0 ? "." : cdp_arena_printf(mem, "%.*s", dirlen, path).p);
	while (d != NULL && ret == NULL && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, base, strlen(base)) != 0 ||
		    strcmp(e->d_name, base) == 0)
			continue;
		at = cdp_arena_printf(mem, "%.*s%s", dirlen, path, e->d_name).p;
		if (is_it(at, path, name, size))
			ret = at;
	}
	if (d != NULL)
		closedir(d);
	return ret;
}

enum cdp_follow
cdp_follow_look(const char *path, int fd)
{
	off_t pos = lseek(fd, 0, SEEK_CUR);
	struct stat own, now;

	if (fstat(fd, &own) != 0 || own.st_size < pos)
		return CDP_FOLLOW_OVER;
	/* Between a rename and the next file there may be none. */
	if (stat(path, &now) != 0)
		return CDP_FOLLOW_WAIT;
	return now.st_ino != own.st_ino || now.st_dev != own.st_dev
	    ? CDP_FOLLOW_OVER
	    : CDP_FOLLOW_WAIT;
}
