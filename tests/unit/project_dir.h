#ifndef CDP_TESTS_PROJECT_DIR_H
#define CDP_TESTS_PROJECT_DIR_H

#include <stdio.h>
#include <string.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/rule/project.h"

/*
 * A fresh directory for each test: the working directory while it runs.
 */
static char home[PATH_MAX], dir[PATH_MAX];

static int
set_up(void **state)
{
	(void)state;
	if (getcwd(home, sizeof(home)) == NULL)
		return -1;
	snprintf(dir, sizeof(dir), "/tmp/test_project.XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : chdir(dir);
}

static int
drop(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return remove(path);
}

static int
tear_down(void **state)
{
	(void)state;
	if (chdir(home) != 0)
		return -1;
	return nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static void
put(const char *name, const char *text)
{
	FILE *fp = fopen(name, "w");

	assert_non_null(fp);
	fputs(text, fp);
	fclose(fp);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
