#ifndef CDP_EMIT_REQUEST_H
#define CDP_EMIT_REQUEST_H

#include "lib/emit/mail.h"
#include "lib/emit/render.h"

/*
 * request: what a destination's definition makes of one activation.
 *
 * {"method","url","headers":{...}} and "body", a JSON value that is sent as it
 * is written here, or "text", bytes of another kind.  Headers with a secret are
 * not in it: they are made when it leaves.
 *
 * Nothing from outside can add to what is sent: a url or header with a control
 * character or one that is not ASCII is refused, never cleaned.
 */
#define CDP_REQUEST_BAD "header_injection"

/* Tell jq of the programs that the destination's requests need. */
void cdp_request_want(struct cdp_jq *jq, const struct cdp_destination *d);

/*
 * input     what the programs are run on
 * standard  the body if the definition has none, JSON
 * ret       made in mem
 *
 * 0; CDP_EDATA with the place and the fault, of the rule CDP_REQUEST_BAD if it
 * is one; CDP_ECONF if a program does not compile.
 */
int cdp_request_make(struct cdp_render *r, const struct cdp_destination *d,
    struct cdp_str input, struct cdp_str standard, struct cdp_arena *mem,
    struct cdp_str *ret, struct cdp_err *err);

/*
 * The same of a mail: "text" is all of it, beside "from" and "to", the boxes.
 *
 * key, to, from  of the delivery
 * message        JSON: subject, text, html; or empty
 */
int cdp_request_mail(struct cdp_render *r, const struct cdp_destination *d,
    struct cdp_str input, struct cdp_str message, struct cdp_mail *m,
    struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err);

/*
 * Append "type" and "body" or "text" to the object in b.  Of a batch, input
 * and standard are arrays; cdp_request_make() leaves it out then.
 */
int cdp_request_body(struct cdp_render *r, const struct cdp_destination *d,
    struct cdp_str input, struct cdp_str standard, struct cdp_arena *mem,
    struct cdp_buf *b, struct cdp_err *err);

/* Append s as a form has it: "a+b%26". */
void cdp_request_encode(struct cdp_buf *b, struct cdp_str s);

/* Whether a text may be a header's value. */
bool cdp_request_header_fits(struct cdp_str value);

#endif
