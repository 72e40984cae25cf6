#ifndef TESTS_SHIM_TRICKLE_H
#define TESTS_SHIM_TRICKLE_H

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * With CDP_TRICKLE standard input comes in small pieces, with a pause before
 * every other one: each ends an epoch, and nobody has to wait for that.
 */
#define PIECE 3000

static bool trickles;

__attribute__((constructor)) static void
trickle_start(void)
{
	trickles = getenv("CDP_TRICKLE") != NULL;
}

static inline size_t
piece(int fd, size_t n)
{
	return fd == STDIN_FILENO && n > PIECE && trickles ? PIECE : n;
}

static inline bool
pauses(const struct pollfd *p, int ms)
{
	static unsigned turn;

	return p->fd == STDIN_FILENO && ms > 0 && trickles && ++turn % 2 == 0;
}

#endif
