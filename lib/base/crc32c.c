#include <stdint.h>
#include <string.h>

#include "lib/base/hash.h"

/*
 * CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, RFC 3720 B.4): the
 * processor's instruction where there is one, else a table.
 */
static uint32_t
plain(uint32_t crc, const uint8_t *p, size_t n)
{
	static uint32_t table[256];
	uint32_t i, c;
	int k;

	if (table[1] == 0)
		for (i = 0; i < 256; i++) {
			for (c = i, k = 0; k < 8; k++)
				c = c >> 1 ^ (c & 1 ? 0x82F63B78U : 0);
			table[i] = c;
		}
	while (n-- != 0)
		crc = table[(crc ^ *p++) & 255] ^ crc >> 8;
	return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
fast(uint32_t crc, const uint8_t *p, size_t n)
{
	uint64_t c = crc, v;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&v, p, 8);
		c = __builtin_ia32_crc32di(c, v);
	}
	for (crc = (uint32_t)c; n != 0; n--)
		crc = __builtin_ia32_crc32qi(crc, *p++);
	return crc;
}
#endif

uint32_t
cdp_crc32c(uint32_t crc, const void *p, size_t n)
{
	crc = ~crc;
#if defined(__x86_64__)
	if (__builtin_cpu_supports("sse4.2"))
		return ~fast(crc, p, n);
#endif
	return ~plain(crc, p, n);
}
