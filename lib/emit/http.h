#ifndef CDP_EMIT_HTTP_H
#define CDP_EMIT_HTTP_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * http: requests, and mails, over the network, many at a time, by libcurl.
 *
 * Connections are kept, those of one destination for itself; HTTP/2 is spoken
 * where TLS offers it.  Certificates are always verified.  No proxy, no
 * redirection, no cookies, no ".netrc".  Who may not reach private addresses is
 * refused when the address is known, after DNS, so no name leads around it; nor
 * does he speak without TLS.
 *
 * Only http.c and wire.c call libcurl.
 */
struct cdp_http; /* opaque */

struct cdp_http_header {
	struct cdp_str name, value;
};

struct cdp_http_req {
	void *tag;   /* comes back with the answer */
	size_t wire; /* which connections: a number of the destination */
	struct cdp_str method, url, body;
	bool has_body;
	const struct cdp_http_header *header;
	size_t nheader;
	int64_t timeout_ms;
	bool allow_private;
	struct cdp_str ca; /* certificates to trust, PEM; empty: the system's */
	/* A mail: body from "from" to "to", url that of the server. */
	bool mail, plain; /* plain: without TLS */
	struct cdp_str from, to, user, password;
	bool twice; /* no harm if libcurl sends it twice by itself */
};

struct cdp_http_answer {
	void *tag;
	long status;            /* 0: none came; of a mail, SMTP's */
	bool left;              /* something may have reached the receiver */
	bool refused;           /* by the wall: it will never be allowed */
	int64_t retry_after_ms; /* what it asked for; 0: nothing */
	struct cdp_str why;     /* without an answer: one line, lower case */
	/* Its first 64 KiB, or the last line of a mail server; lent until the
	 * next call. */
	struct cdp_str body;
};

/* For n destinations.  The first in the process also makes libcurl ready. */
struct cdp_http *cdp_http_new(size_t n);
void cdp_http_free(struct cdp_http *h);

/* Begin; everything is copied. */
void cdp_http_start(struct cdp_http *h, const struct cdp_http_req *req);

/* How many have begun and not been answered. */
size_t cdp_http_busy(const struct cdp_http *h);

/*
 * Work until something has happened or the time is over.
 *
 * fd        a descriptor that somebody waits to read, or -1
 * readable  receives whether it can be read, or has ended
 */
int cdp_http_wait(struct cdp_http *h, int fd, int64_t timeout_ms,
    bool *readable, struct cdp_err *err);

/* Let a wait end when fd can be read, too, until it is closed. */
void cdp_http_watch(struct cdp_http *h, int fd);

/* The next answer, or false. */
bool cdp_http_next(struct cdp_http *h, struct cdp_http_answer *ret);

#endif
