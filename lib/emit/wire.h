#ifndef CDP_EMIT_WIRE_H
#define CDP_EMIT_WIRE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

/*
 * wire: the connections to each destination, and waiting for all of them.
 *
 * Each destination has its own: one that trusts another's certificates, or may
 * reach private addresses, must not lend its connections.  For http.c alone.
 */
struct cdp_wires;

struct cdp_wire {
	struct cdp_wires *all;
	CURLM *multi;   /* NULL: nothing was sent there yet */
	int64_t due_ms; /* libcurl wants to be called then; INT64_MAX: never */
};

struct cdp_wires {
	int ep;
	size_t n;
	struct cdp_wire *v;
};

void cdp_wires_init(struct cdp_wires *ws, size_t n);
void cdp_wires_free(struct cdp_wires *ws);

/* Those of one destination. */
CURLM *cdp_wire(struct cdp_wires *ws, size_t i);

/* Let a wait end when fd can be read; it is watched until it is closed. */
void cdp_wires_watch(struct cdp_wires *ws, int fd);

/*
 * Wait until something can be done, and do it.
 *
 * fd        a descriptor that somebody waits to read, or -1
 * readable  receives whether it can be read, or has ended
 */
int cdp_wires_wait(struct cdp_wires *ws, int fd, int64_t timeout_ms,
    bool *readable, struct cdp_err *err);

#endif
