#include <xxhash.h>
#if defined(__x86_64__)
/* The library's own choice among what processors have, made when it runs. */
#include <xxh_x86dispatch.h>
#endif

#include "lib/base/hash.h"

struct cdp_hash128
cdp_hash_keyed(const uint8_t secret[CDP_SECRET_SIZE], struct cdp_str s)
{
	XXH128_hash_t h =
	    XXH3_128bits_withSecret(s.p, s.n, secret, CDP_SECRET_SIZE);

	return (struct cdp_hash128){ h.low64, h.high64 };
}
