#ifndef CDP_TESTS_SCRATCH_H
#define CDP_TESTS_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>

/* Remove a directory that mkdtemp() made, with all that is in it. */
static inline void
scratch_drop(const char *dir)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf -- '%s'", dir);
	assert_int_equal(system(cmd), 0);
}

#endif
