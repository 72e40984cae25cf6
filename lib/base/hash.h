#ifndef CDP_BASE_HASH_H
#define CDP_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/str.h"

/*
 * hash: four hashes for four uses.
 *
 * Tables use XXH3 with a seed of this process.  Names that reach output
 * (profile ids, message ids, splits) use SHA-256, the same on every machine.
 * Keys that outsiders choose (message ids in the index) use XXH3-128 with a
 * secret that only the store knows; identifiers of people who are not to be
 * known use HMAC-SHA256 with it.
 */
#define CDP_SECRET_SIZE 192

struct cdp_hash128 {
	uint64_t lo;
	uint64_t hi;
};

/* For tables: differs from process to process. */
uint64_t cdp_hash_seeded(struct cdp_str s);

/* The same everywhere: XXH3 with seed 0. */
uint64_t cdp_hash64(struct cdp_str s);

/* Stretch the store's 32 secret bytes (SHA-256 in counter mode). */
void cdp_hash_secret(const uint8_t key[32], uint8_t ret[CDP_SECRET_SIZE]);
struct cdp_hash128 cdp_hash_keyed(
    const uint8_t secret[CDP_SECRET_SIZE], struct cdp_str s);

/*
 * HMAC-SHA256 with the stretched secret as its key, as 64 hex digits and a
 * terminator: for what must stay unknown to whoever reads the hash.
 */
void cdp_hash_hmac(
    const uint8_t secret[CDP_SECRET_SIZE], struct cdp_str s, char ret[65]);

/* HMAC-SHA256 (or -SHA1) of s by a key of any length: 64 (or 40) hex digits. */
void cdp_hash_sign(
    struct cdp_str key, bool sha1, struct cdp_str s, char ret[65]);

/*
 * SHA-256 of n strings, each preceded by its length as 8 little-endian bytes
 * (so that no two lists of strings collide), as lower-case hex digits.
 *
 * ret     receives ndigits digits and a terminator
 * ndigits 1 to 64
 */
void cdp_hash_sha256(
    const struct cdp_str *s, size_t n, char *ret, size_t ndigits);

/* 128 bits of the same digest as a UUID of version 8 (RFC 9562) and a
 * terminator: a name that is made of what it stands for. */
void cdp_hash_uuid(const struct cdp_str *s, size_t n, char ret[37]);

/* A number below 10,000 from the same digest: for splits and holdouts. */
unsigned cdp_hash_bucket(const struct cdp_str *s, size_t n);

/* SHA-256 of one run of bytes, plain, as 64 hex digits and a terminator. */
void cdp_hash_sha256_plain(struct cdp_str s, char ret[65]);

uint32_t cdp_crc32c(uint32_t crc, const void *p, size_t n);

#endif
