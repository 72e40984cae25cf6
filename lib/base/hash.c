#include <nettle/hmac.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lib/base/hash.h"

uint64_t
cdp_hash_seeded(struct cdp_str s)
{
	static uint64_t seed;

	/* Any seed will do: it only keeps outsiders from aiming at buckets. */
	if (seed == 0 &&
	    (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed) ||
		seed == 0))
		seed = (uint64_t)getpid() << 32 | 1;
	return XXH3_64bits_withSeed(s.p, s.n, seed);
}

uint64_t
cdp_hash64(struct cdp_str s)
{
	return XXH3_64bits(s.p, s.n);
}

void
cdp_hash_secret(const uint8_t key[32], uint8_t ret[CDP_SECRET_SIZE])
{
	struct sha256_ctx c;
	uint8_t i;

	for (i = 0; i < CDP_SECRET_SIZE / SHA256_DIGEST_SIZE; i++) {
		sha256_init(&c);
		sha256_update(&c, 32, key);
		sha256_update(&c, 1, &i);
		sha256_digest(
		    &c, SHA256_DIGEST_SIZE, ret + i * SHA256_DIGEST_SIZE);
	}
}

static void
digest(const struct cdp_str *s, size_t n, uint8_t ret[SHA256_DIGEST_SIZE])
{
	struct sha256_ctx c;
	uint8_t len[8];
	size_t i, k;

	sha256_init(&c);
	for (i = 0; i < n; i++) {
		for (k = 0; k < 8; k++)
			len[k] = (uint8_t)((uint64_t)s[i].n >> (8 * k));
		sha256_update(&c, sizeof(len), len);
		sha256_update(&c, s[i].n, (const uint8_t *)s[i].p);
	}
	sha256_digest(&c, SHA256_DIGEST_SIZE, ret);
}

static void
hex(const uint8_t *d, char *ret, size_t ndigits)
{
	size_t i;

	for (i = 0; i < ndigits; i++)
		ret[i] = "0123456789abcdef"[d[i / 2] >> (i % 2 ? 0 : 4) & 15];
	ret[ndigits] = '\0';
}

void
cdp_hash_sha256(const struct cdp_str *s, size_t n, char *ret, size_t ndigits)
{
	uint8_t d[SHA256_DIGEST_SIZE];

	digest(s, n, d);
	hex(d, ret, ndigits);
}

unsigned
cdp_hash_bucket(const struct cdp_str *s, size_t n)
{
	uint8_t d[SHA256_DIGEST_SIZE];
	uint64_t v = 0;
	size_t i;

	digest(s, n, d);
	for (i = 0; i < 8; i++)
		v = v << 8 | d[i];
	return (unsigned)(v % 10000);
}

void
cdp_hash_sha256_plain(struct cdp_str s, char ret[65])
{
	uint8_t d[SHA256_DIGEST_SIZE];
	struct sha256_ctx c;

	sha256_init(&c);
	sha256_update(&c, s.n, (const uint8_t *)s.p);
	sha256_digest(&c, sizeof(d), d);
	hex(d, ret, 64);
}

void
cdp_hash_hmac(
    const uint8_t secret[CDP_SECRET_SIZE], struct cdp_str s, char ret[65])
{
	uint8_t d[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx c;

	hmac_sha256_set_key(&c, CDP_SECRET_SIZE, secret);
	hmac_sha256_update(&c, s.n, (const uint8_t *)s.p);
	hmac_sha256_digest(&c, sizeof(d), d);
	hex(d, ret, 64);
}

void
cdp_hash_sign(struct cdp_str key, bool sha1, struct cdp_str s, char ret[65])
{
	uint8_t d[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx c256;
	struct hmac_sha1_ctx c1;

	if (sha1) {
		hmac_sha1_set_key(&c1, key.n, (const uint8_t *)key.p);
		hmac_sha1_update(&c1, s.n, (const uint8_t *)s.p);
		hmac_sha1_digest(&c1, SHA1_DIGEST_SIZE, d);
	} else {
		hmac_sha256_set_key(&c256, key.n, (const uint8_t *)key.p);
		hmac_sha256_update(&c256, s.n, (const uint8_t *)s.p);
		hmac_sha256_digest(&c256, sizeof(d), d);
	}
	hex(d, ret, sha1 ? 40 : 64);
	explicit_bzero(&c1, sizeof(c1));
	explicit_bzero(&c256, sizeof(c256));
}

void
cdp_hash_uuid(const struct cdp_str *s, size_t n, char ret[37])
{
	char digit[33];

	cdp_hash_sha256(s, n, digit, 32);
	digit[12] = '8';
	digit[16] = "89ab"[digit[16] & 3];
	for (size_t i = 0; i < 32; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			*ret++ = '-';
		*ret++ = digit[i];
	}
	*ret = '\0';
}
