#ifndef CDP_EMIT_JWT_H
#define CDP_EMIT_JWT_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * jwt: a signed token (RFC 7519) of what is claimed.
 *
 * Only jwt.c calls libcrypto.  Of two tokens for the same claims ES256 makes
 * two different ones: no token may reach output or the store.
 */
enum cdp_jwt_alg { CDP_JWT_RS256, CDP_JWT_ES256 };

/*
 * pem     the private key, of RSA or of the curve P-256, PKCS #8 or older
 * claims  a JSON object
 * kid     the key's name in the header, or empty
 * ret     receives HEADER.CLAIMS.SIGNATURE, appended
 *
 * 0; CDP_EDATA if that is no such key.
 */
int cdp_jwt_make(enum cdp_jwt_alg alg, struct cdp_str pem, struct cdp_str kid,
    struct cdp_str claims, struct cdp_buf *ret, struct cdp_err *err);

#endif
