#ifndef CDP_EMIT_EXEC_H
#define CDP_EMIT_EXEC_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * exec: a program beside us that takes deliveries as lines and answers each.
 *
 * It reads {"key":..,..} from its standard input, one line a delivery, and
 * writes {"key":..,"status":200} for each, in any order, when it has it; the
 * status is HTTP's.  "said" may say more.  It is started before this process
 * gives up its rights, sees an empty environment but for PATH, and ends when
 * its input does.
 */
struct cdp_exec {
	pid_t pid;   /* 0: not started */
	int in, out; /* its; -1: it has ended */
	struct cdp_buf todo, said;
	size_t done; /* of said */
};

/* Start argv[0] of n words, in directory dir.  0 or CDP_EIO. */
int cdp_exec_start(struct cdp_exec *ex, const struct cdp_str *argv, size_t n,
    struct cdp_str dir, struct cdp_err *err);

/* Close its input and wait for it. */
void cdp_exec_stop(struct cdp_exec *ex);

/* One line for it, without a newline; copied. */
void cdp_exec_put(struct cdp_exec *ex, struct cdp_str line);

/* Write and read what is possible without waiting. */
void cdp_exec_step(struct cdp_exec *ex);

/* The next whole line it has written, lent until the next step; or false. */
bool cdp_exec_next(struct cdp_exec *ex, struct cdp_str *line);

#endif
