#ifndef CDP_TOOL_SANDBOX_H
#define CDP_TOOL_SANDBOX_H

#include <stdbool.h>

#include "lib/base/err.h"

/*
 * sandbox: what a process gives up before it reads the first byte from
 * outside.
 *
 * Landlock leaves it the files that were named here, seccomp no sockets, no
 * other programs and no look into other processes.  Both are of Linux and
 * need no rights; what is open already stays usable.  A bug in a parser then
 * reaches the store, not the machine.
 */
enum cdp_sandbox_mode {
	CDP_SANDBOX_TRY,     /* what the kernel gives, without a word */
	CDP_SANDBOX_REQUIRE, /* all of it or CDP_EIO */
	CDP_SANDBOX_OFF
};

enum cdp_sandbox_access {
	CDP_SANDBOX_READ,  /* a file, or all files below a directory */
	CDP_SANDBOX_LIST,  /* the names in and below a directory */
	CDP_SANDBOX_CHANGE /* read, write, make and remove below a directory */
};

struct cdp_sandbox {
	enum cdp_sandbox_mode mode;
	bool net;    /* sockets stay allowed */
	int ruleset; /* -1: no Landlock */
};

/*
 * Begin; nothing is given up yet.  CDP_SANDBOX_TRY becomes CDP_SANDBOX_OFF in
 * a build with sanitizers, and where a library is preloaded (valgrind, a
 * test's shim): both open files that nobody can name.  Must come before the
 * environment is cleared.
 */
void cdp_sandbox_begin(struct cdp_sandbox *sb, enum cdp_sandbox_mode mode);

/* Before any file is named: whether sockets stay allowed. */
void cdp_sandbox_rules(struct cdp_sandbox *sb, bool net);

/* Name what stays reachable; a path that is not there is passed over. */
void cdp_sandbox_allow(
    struct cdp_sandbox *sb, const char *path, enum cdp_sandbox_access access);

/*
 * Give up the rest, for ever.  0, or with CDP_SANDBOX_REQUIRE CDP_EIO that
 * says what the kernel lacks.  Costs about half a millisecond.
 */
int cdp_sandbox_enter(struct cdp_sandbox *sb, struct cdp_err *err);

/*
 * For a tool whose files are its operands: no sockets, no other programs, no
 * other processes, as far as the kernel gives it.
 */
void cdp_sandbox_calls(void);

/* What this kernel can do: "landlock 7, seccomp". */
const char *cdp_sandbox_state(char *ret, int n);

#endif
