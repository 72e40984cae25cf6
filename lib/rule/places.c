#include "lib/rule/places.h"

#include <stdlib.h>

#include "lib/base/mem.h"

void
cdp_places_init(struct cdp_places *p, const char *file, struct cdp_str text)
{
	bool ascii = true;
	size_t i;

	*p = (struct cdp_places){ .file = file, .text = text, .nline = 1 };
	p->line = cdp_xcalloc(text.n + 1, sizeof(*p->line));
	for (i = 0; i < text.n; i++) {
		if (text.p[i] == '\n')
			p->line[p->nline++] = (uint32_t)i + 1;
		ascii = ascii && (unsigned char)text.p[i] < 0x80;
	}
	if (ascii)
		return;
	p->at = cdp_xcalloc(text.n + 1, sizeof(*p->at));
	for (i = 0; i < text.n; i++)
		if (((unsigned char)text.p[i] & 0xc0) != 0x80)
			p->at[p->nat++] = (uint32_t)i;
}

void
cdp_places_free(struct cdp_places *p)
{
	free(p->at);
	free(p->line);
	*p = (struct cdp_places){ 0 };
}

size_t
cdp_places_byte(const struct cdp_places *p, size_t index)
{
	if (p->at == NULL)
		return index < p->text.n ? index : p->text.n;
	return index < p->nat ? p->at[index] : p->text.n;
}

struct cdp_mark
cdp_places_mark(const struct cdp_places *p, size_t from, size_t to)
{
	struct cdp_mark m = { .file = p->file };
	size_t lo = 0, hi = p->nline, mid, end;

	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (p->line[mid] <= from)
			lo = mid;
		else
			hi = mid;
	}
	end = lo + 1 < p->nline ? p->line[lo + 1] - 1 : p->text.n;
	if (to > end)
		to = end;
	m.line = (unsigned)lo + 1;
	m.col = (unsigned)(from - p->line[lo]) + 1;
	m.width = to > from ? (unsigned)(to - from) : 1;
	return m;
}
