#include "lib/emit/veil.h"

#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"

static void
add(struct cdp_veil *m, struct cdp_str s)
{
	if (s.n < CDP_VEIL_MIN)
		return;
	m->v = cdp_xreallocarray(m->v, m->n + 1, sizeof(*m->v));
	m->v[m->n++] = (struct cdp_str){ cdp_xstrndup(s), s.n };
}

void
cdp_veil_add(struct cdp_veil *m, struct cdp_str s)
{
	const char *blank = s.n != 0 ? memchr(s.p, ' ', s.n) : NULL;
	struct cdp_str rest = s;

	add(m, s);
	if (blank == NULL)
		return;
	rest.p = blank + 1;
	rest.n -= (size_t)(rest.p - s.p);
	add(m, rest);
}

void
cdp_veil_free(struct cdp_veil *m)
{
	for (size_t i = 0; i < m->n; i++) {
		cdp_str_wipe(m->v[i]);
		free((char *)m->v[i].p);
	}
	free(m->v);
	*m = (struct cdp_veil){ 0 };
}

static struct cdp_str
hide(struct cdp_str secret, struct cdp_str s, struct cdp_arena *mem)
{
	const char *p = s.p, *end = s.p + s.n, *at;
	struct cdp_buf b = { 0 };
	struct cdp_str ret;

	if (memmem(p, s.n, secret.p, secret.n) == NULL)
		return s;
	while (
	    (at = memmem(p, (size_t)(end - p), secret.p, secret.n)) != NULL) {
		cdp_buf_put(&b, (struct cdp_str){ p, (size_t)(at - p) });
		cdp_buf_puts(&b, "***");
		p = at + secret.n;
	}
	cdp_buf_put(&b, (struct cdp_str){ p, (size_t)(end - p) });
	ret = cdp_arena_dup(mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return ret;
}

struct cdp_str
cdp_veil_hide(const struct cdp_veil *m, struct cdp_str s, struct cdp_arena *mem)
{
	for (size_t i = 0; i < m->n && s.n >= CDP_VEIL_MIN; i++)
		s = hide(m->v[i], s, mem);
	return s;
}
