#ifndef CDP_EMIT_POST_H
#define CDP_EMIT_POST_H

#include "lib/emit/auth.h"
#include "lib/emit/http.h"
#include "lib/emit/veil.h"
#include "lib/rule/project.h"

/*
 * post: a queued request becomes one on the wire.
 *
 * What was rendered leaves as it was written down, byte for byte; what is added
 * is the same each time: the headers with a secret, the signature of the body,
 * Content-Type, and
 * Idempotency-Key with the UUID of the delivery.  A definition that sets one of
 * these itself has its way.
 */
struct cdp_post { /* of one destination */
	const struct cdp_destination *def;
	size_t wire;
	struct cdp_http_header *secret;
	size_t nsecret;
	struct cdp_str key; /* of the signature; of a mail, the password */
	struct cdp_str user;
	struct cdp_auth auth;
	struct cdp_veil veil; /* for what the receiver says */
	struct cdp_arena mem; /* of the secrets */
};

/*
 * Make the headers that have a secret; vars of pr, secrets an object.  0, or
 * CDP_ECONF: a secret is missing, or a program fails or gives no header.
 */
int cdp_post_init(struct cdp_post *po, struct cdp_project *pr,
    const struct cdp_destination *def, struct cdp_str secrets,
    struct cdp_err *err);
void cdp_post_free(struct cdp_post *po);

/*
 * Begin to send json, which is cdp_request_make()'s, under key.  0, or
 * CDP_ECORRUPT if it is no request.
 */
int cdp_post_start(const struct cdp_post *po, struct cdp_http *http,
    struct cdp_str json, struct cdp_str key, void *tag, struct cdp_err *err);

#endif
