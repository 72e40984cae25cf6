#ifndef CDP_EMIT_AUTH_H
#define CDP_EMIT_AUTH_H

#include "lib/emit/http.h"
#include "lib/emit/render.h"
#include "lib/rule/project.h"

/*
 * auth: the token that a destination's requests carry.
 *
 * Asked for when it is needed first, and anew before it ends or when it was
 * refused; kept in memory only.  While there is none nothing leaves for its
 * destination, and nothing of what waits is given up.
 */
struct cdp_auth { /* an empty one is of a destination without */
	const struct cdp_destination *def;
	struct cdp_str url, scope, id, secret, refresh; /* in mem */
	struct cdp_str key_id, issuer;
	struct cdp_buf token; /* "Bearer ..." */
	int64_t made_ms, until_ms;
	bool asking;
	int64_t due_ms; /* not before then, after a fault */
	int faults;
	struct cdp_arena mem;
};

/*
 * secrets  an object; r's jq is one of its own, whose programs may see them
 *
 * 0, or CDP_ECONF: a secret is missing, or is not what it should be.
 */
int cdp_auth_init(struct cdp_auth *au, struct cdp_project *pr,
    const struct cdp_destination *def, const struct cdp_tape *secrets,
    struct cdp_jq *jq, struct cdp_err *err);
void cdp_auth_free(struct cdp_auth *au);

/* Whether requests may leave; a destination without auth is always ready. */
bool cdp_auth_ready(const struct cdp_auth *au, int64_t now_ms);

/*
 * Make the token, or begin to ask for it: *begun, and then the answer with that
 * tag goes to cdp_auth_answer().  Nothing, if it is being asked for or not due.
 */
int cdp_auth_ask(struct cdp_auth *au, struct cdp_http *http, size_t wire,
    void *tag, int64_t now_ms, bool *begun, struct cdp_err *err);

/* True: there is a token.  Else said receives why not, without any secret. */
bool cdp_auth_answer(struct cdp_auth *au, const struct cdp_http_answer *an,
    int64_t now_ms, char said[128]);

/*
 * Whether the answer to an attempt begun at left_ms refuses its token: then
 * that is forgotten, unless there is a newer one.
 */
bool cdp_auth_refused(
    struct cdp_auth *au, const struct cdp_http_answer *an, int64_t left_ms);

/* The header Authorization; empty without auth. */
struct cdp_str cdp_auth_value(const struct cdp_auth *au);

#endif
