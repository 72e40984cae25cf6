/*
 * nomem: a preloaded library that gives its process no memory when it asks for
 * the n-th time.
 *
 * CDP_NOMEM_TOOL  the tool it is for, by name
 * CDP_NOMEM_AT    which request, from 1; 0: none
 * CDP_NOMEM_ALL   if set, and none after it
 * CDP_NOMEM_FILE  a file that is made when it happens; without CDP_NOMEM_AT it
 *                 receives how many requests there were
 *
 * Those of libjq are not counted: it dies of them, and not always by abort().
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLER __builtin_return_address(0)

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

static bool counts;
static atomic_long asked;
static long at;
static bool all;
static const char *file;
static uintptr_t jq, jq_end;

static int
find_jq(struct dl_phdr_info *lib, size_t size, void *arg)
{
	const ElfW(Phdr) * ph;
	int i;

	(void)size;
	(void)arg;
	if (strstr(lib->dlpi_name, "/libjq.so") == NULL)
		return 0;
	for (i = 0; i < lib->dlpi_phnum; i++) {
		ph = &lib->dlpi_phdr[i];
		if (ph->p_type == PT_LOAD && (ph->p_flags & PF_X) != 0) {
			jq = lib->dlpi_addr + ph->p_vaddr;
			jq_end = jq + ph->p_memsz;
		}
	}
	return 1;
}

__attribute__((constructor)) static void
start(void)
{
	const char *tool = getenv("CDP_NOMEM_TOOL"), *z;

	file = getenv("CDP_NOMEM_FILE");
	if (tool == NULL || file == NULL ||
	    strcmp(tool, program_invocation_short_name) != 0)
		return;
	if ((z = getenv("CDP_NOMEM_AT")) != NULL)
		at = atol(z);
	all = getenv("CDP_NOMEM_ALL") != NULL;
	/* The tools take all they know from their environment and clear it. */
	file = strdup(file);
	(void)dl_iterate_phdr(find_jq, NULL);
	counts = true;
}

__attribute__((destructor)) static void
stop(void)
{
	FILE *f;
	long n = asked;

	if (!counts || at != 0)
		return;
	counts = false;
	if ((f = fopen(file, "we")) != NULL) {
		fprintf(f, "%ld\n", n);
		fclose(f);
	}
}

static bool
refused(void *from)
{
	long n;
	int fd;

	if (!counts || ((uintptr_t)from >= jq && (uintptr_t)from < jq_end))
		return false;
	n = ++asked;
	if (at == 0 || n < at || (n > at && !all))
		return false;
	if (n == at) {
		fd = (int)syscall(SYS_openat, AT_FDCWD, file,
		    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd != -1)
			(void)syscall(SYS_close, fd);
	}
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t n)
{
	return refused(CALLER) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return refused(CALLER) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return n != 0 && refused(CALLER) ? NULL : __libc_realloc(p, n);
}

/* What the C library asks for is asked by whom it does that for. */
char *
strdup(const char *z)
{
	size_t n = strlen(z) + 1;
	char *p = refused(CALLER) ? NULL : __libc_malloc(n);

	return p == NULL ? NULL : memcpy(p, z, n);
}

int
posix_memalign(void **ret, size_t align, size_t n)
{
	if (refused(CALLER) || (*ret = __libc_memalign(align, n)) == NULL)
		return ENOMEM;
	return 0;
}

/* Of a file it is no memory; the loader's and threads' are not ours. */
void *
mmap(void *p, size_t n, int prot, int flags, int fd, off_t off)
{
	if ((flags & MAP_ANONYMOUS) != 0 && (flags & MAP_STACK) == 0 &&
	    refused(CALLER))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, p, n, prot, flags, fd, off);
}
