#ifndef CDP_EMIT_MAIL_H
#define CDP_EMIT_MAIL_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * mail: a message of the Internet, as RFC 5322 and MIME want it.
 *
 * Seven bits and short lines, whatever is in it; the same bytes for the same
 * mail, its Message-ID and boundary made from its key.  Nothing that is put in
 * can begin a header or end one: a control character in an address, a name or a
 * subject is refused, never cleaned.
 */
struct cdp_mail {
	struct cdp_str key;      /* a UUID */
	int64_t ts_ms;           /* Date */
	struct cdp_str from, to; /* "Name <box@host>" or "box@host" */
	struct cdp_str reply_to; /* the same, or empty */
	struct cdp_str subject;
	struct cdp_str text, html;  /* one of them, or both */
	struct cdp_str unsubscribe; /* https://..., or empty */
};

/*
 * The box in an address as above: its host in ASCII, nothing quoted, no blank.
 * 0, or CDP_EDATA.
 */
int cdp_mail_box(
    struct cdp_str address, struct cdp_str *ret, struct cdp_err *err);

/* Write m; made in mem.  0, or CDP_EDATA. */
int cdp_mail_write(const struct cdp_mail *m, struct cdp_arena *mem,
    struct cdp_str *ret, struct cdp_err *err);

#endif
