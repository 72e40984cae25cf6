#ifndef TESTS_JSON_GEN_H
#define TESTS_JSON_GEN_H

#include <stdlib.h>

#include "lib/base/buf.h"

/*
 * json_gen: random JSON, the same for the same seed.
 *
 * Two generators run side by side: what decides the value, how it is spelled
 * (white space, escapes, zeros, the order of members).  So one value can be
 * had in many spellings.
 */
struct gen {
	uint64_t what;
	uint64_t how;
	bool plain; /* as jq -c would write it */
};

static inline unsigned
gen_pick(uint64_t *state, unsigned n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (unsigned)((*state >> 11) % n);
}

static inline void
gen_blank(struct gen *g, struct cdp_buf *b)
{
	while (!g->plain && gen_pick(&g->how, 4) == 0)
		cdp_buf_putc(b, " \t\n\r"[gen_pick(&g->how, 4)]);
}

static inline void
gen_char(struct gen *g, struct cdp_buf *b)
{
	static const struct {
		const char *plain, *escaped;
	} odd[] = { { "\\n", "\\u000a" }, { "\\\"", "\\u0022" }, { "/", "\\/" },
		{ "\\\\", "\\u005C" }, { "\\u0000", "\\u0000" },
		{ "\xc3\xa7", "\\u00E7" }, { "\xe2\x82\xac", "\\u20ac" },
		{ "\xf0\x9d\x84\x9e", "\\uD834\\uDd1E" }, { "\x7f", "\\u007F" },
		{ "\\b", "\\u0008" }, { "\\u001f", "\\u001F" },
		{ "\xef\xbf\xbf", "\\uffff" } };
	unsigned i = gen_pick(&g->what, 100), c;

	if (i < sizeof(odd) / sizeof(odd[0])) {
		cdp_buf_puts(b,
		    !g->plain && gen_pick(&g->how, 2) ? odd[i].escaped
						      : odd[i].plain);
		return;
	}
	c = 'a' + i % 26;
	if (!g->plain && gen_pick(&g->how, 50) == 0)
		cdp_buf_printf(b, "\\u%04x", c);
	else
		cdp_buf_putc(b, (char)c);
}

static inline void
gen_string(struct gen *g, struct cdp_buf *b, int unique)
{
	unsigned n = gen_pick(&g->what, 8);

	if (n == 0)
		n = gen_pick(&g->what, 90);
	cdp_buf_putc(b, '"');
	if (unique >= 0)
		cdp_buf_printf(b, "%d", unique);
	while (n-- > 0)
		gen_char(g, b);
	cdp_buf_putc(b, '"');
}

static inline void
gen_number(struct gen *g, struct cdp_buf *b)
{
	static const char *const same[][4] = {
		{ "0", "-0", "0.0", "0e9" },
		{ "1", "1.0", "10e-1", "0.1E+1" },
		{ "-12.5", "-12.50", "-125e-1", "-0.125e2" },
		{ "9007199254740993", "9007199254740993.0",
		    "9.007199254740993e15", "90071992547409930e-1" },
		{ "1e400", "10e399", "1E+400", "0.1e401" },
		{ "1e-7", "0.0000001", "10.0e-8", "1E-07" },
		{ "300", "3e2", "300.00", "0.3e3" },
	};
	unsigned i = gen_pick(&g->what, 14);

	if (i < 7)
		cdp_buf_puts(b, same[i][g->plain ? 0 : gen_pick(&g->how, 4)]);
	else
		cdp_buf_i64(b, (int64_t)gen_pick(&g->what, 100000) - 50000);
}

static inline void gen_value(struct gen *g, struct cdp_buf *b, int depth);

static inline void
gen_members(struct gen *g, struct cdp_buf *b, int depth, bool object)
{
	struct cdp_buf part[8] = { 0 };
	unsigned n = gen_pick(&g->what, 7), i, at;

	for (i = 0; i < n; i++) {
		gen_blank(g, &part[i]);
		if (object) {
			gen_string(g, &part[i], (int)i);
			gen_blank(g, &part[i]);
			cdp_buf_putc(&part[i], ':');
		}
		gen_value(g, &part[i], depth - 1);
	}
	at = object && !g->plain ? gen_pick(&g->how, 7) : 0;
	for (i = 0; i < n; i++) {
		if (i != 0)
			cdp_buf_putc(b, ',');
		cdp_buf_put(b, cdp_buf_str(&part[(i + at) % n]));
	}
	for (i = 0; i < n; i++)
		cdp_buf_free(&part[i]);
	gen_blank(g, b);
}

static inline void
gen_object(struct gen *g, struct cdp_buf *b, int depth)
{
	cdp_buf_putc(b, '{');
	gen_members(g, b, depth, true);
	cdp_buf_putc(b, '}');
}

static inline void
gen_value(struct gen *g, struct cdp_buf *b, int depth)
{
	unsigned kind = gen_pick(&g->what, depth > 0 ? 10 : 6);

	gen_blank(g, b);
	if (kind == 0)
		cdp_buf_puts(b, "null");
	else if (kind == 1)
		cdp_buf_puts(b, gen_pick(&g->what, 2) ? "true" : "false");
	else if (kind < 4)
		gen_number(g, b);
	else if (kind < 6)
		gen_string(g, b, -1);
	else if (kind < 8) {
		cdp_buf_putc(b, '[');
		gen_members(g, b, depth, false);
		cdp_buf_putc(b, ']');
	} else
		gen_object(g, b, depth);
	gen_blank(g, b);
}

#endif
