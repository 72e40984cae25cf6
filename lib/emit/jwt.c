#include "lib/emit/jwt.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "lib/json/write.h"

#define HALF 32 /* bytes of each of the two numbers of ES256 */

static void
put_base64url(struct cdp_buf *b, struct cdp_str s)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n; i += 3) {
		size_t n = s.n - i < 3 ? s.n - i : 3;
		uint32_t v = (uint32_t)p[i] << 16 |
		    (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
		    (n > 2 ? (uint32_t)p[i + 2] : 0);

		for (size_t k = 0; k <= n; k++)
			cdp_buf_putc(b, digit[v >> (18 - 6 * k) & 63]);
	}
}

/* A key with a password is none: nobody is there to say it. */
static int
no_password(char *buf, int size, int rw, void *arg)
{
	(void)buf;
	(void)size;
	(void)rw;
	(void)arg;
	return -1;
}

static EVP_PKEY *
read_key(enum cdp_jwt_alg alg, struct cdp_str pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = NULL;

	if (bio != NULL)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (key == NULL ||
	    (alg == CDP_JWT_RS256 && EVP_PKEY_base_id(key) == EVP_PKEY_RSA) ||
	    (alg == CDP_JWT_ES256 && EVP_PKEY_base_id(key) == EVP_PKEY_EC &&
		EVP_PKEY_bits(key) == 8 * HALF))
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static bool
sign(EVP_PKEY *key, struct cdp_str text, unsigned char **ret, size_t *n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const unsigned char *p = (const unsigned char *)text.p;
	bool ok = ctx != NULL &&
	    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(ctx, NULL, n, p, text.n) == 1 &&
	    (*ret = OPENSSL_malloc(*n)) != NULL &&
	    EVP_DigestSign(ctx, *ret, n, p, text.n) == 1;

	EVP_MD_CTX_free(ctx);
	return ok;
}

/* Of DER the two numbers, one behind the other (RFC 7518, 3.4). */
static bool
put_numbers(struct cdp_buf *b, const unsigned char *der, size_t n)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	unsigned char raw[2 * HALF];
	bool ok = sig != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, HALF) == HALF &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + HALF, HALF) == HALF;

	if (ok)
		put_base64url(
		    b, (struct cdp_str){ (const char *)raw, sizeof(raw) });
	ECDSA_SIG_free(sig);
	return ok;
}

static void
put_header(struct cdp_buf *b, enum cdp_jwt_alg alg, struct cdp_str kid)
{
	struct cdp_buf h = { 0 };

	cdp_buf_printf(
	    &h, "{\"alg\":\"%s\"", alg == CDP_JWT_RS256 ? "RS256" : "ES256");
	if (kid.n != 0)
		cdp_json_kstr(&h, "kid", kid);
	cdp_buf_puts(&h, ",\"typ\":\"JWT\"}");
	put_base64url(b, cdp_buf_str(&h));
	cdp_buf_free(&h);
}

int
cdp_jwt_make(enum cdp_jwt_alg alg, struct cdp_str pem, struct cdp_str kid,
    struct cdp_str claims, struct cdp_buf *ret, struct cdp_err *err)
{
	EVP_PKEY *key = read_key(alg, pem);
	size_t start = ret->n, n = 0;
	unsigned char *sig = NULL;
	bool ok;

	put_header(ret, alg, kid);
	cdp_buf_putc(ret, '.');
	put_base64url(ret, claims);
	ok = key != NULL &&
	    sign(key, (struct cdp_str){ ret->p + start, ret->n - start }, &sig,
		&n);
	cdp_buf_putc(ret, '.');
	if (ok && alg == CDP_JWT_ES256)
		ok = put_numbers(ret, sig, n);
	else if (ok)
		put_base64url(ret, (struct cdp_str){ (const char *)sig, n });
	OPENSSL_free(sig);
	EVP_PKEY_free(key);
	return ok ? 0
		  : cdp_fail(err, CDP_EDATA, "is no private key for %s, as PEM",
			alg == CDP_JWT_RS256 ? "RS256 (RSA)"
					     : "ES256 (the curve P-256)");
}
