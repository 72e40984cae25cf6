#include "lib/store/out.h"

#include "lib/store/patch.h"
#include "lib/store/text.h"

void
cdp_out_line(
    struct cdp_buf *b, uint64_t i, enum cdp_rec_kind kind, struct cdp_str json)
{
	cdp_buf_puts(b, "{\"i\":");
	cdp_buf_u64(b, i);
	if (kind == CDP_REC_GONE || (kind == CDP_REC_PASS && json.n == 0)) {
		cdp_buf_puts(b,
		    kind == CDP_REC_GONE ? ",\"gone\":true}\n"
					 : ",\"pass\":true}\n");
		return;
	}
	cdp_buf_puts(b, kind == CDP_REC_PASS ? ",\"set\":" : ",\"line\":");
	cdp_buf_put(b, json);
	cdp_buf_puts(b, "}\n");
}

void
cdp_out_again(struct cdp_buf *b, uint64_t i, uint64_t j, uint64_t no)
{
	cdp_buf_puts(b, "{\"i\":");
	cdp_buf_u64(b, i);
	if (j != i) {
		cdp_buf_puts(b, ",\"to\":");
		cdp_buf_u64(b, j);
	}
	cdp_buf_puts(b, ",\"set\":");
	cdp_buf_u64(b, no);
	cdp_buf_puts(b, "}\n");
}

void
cdp_out_whole(
    struct cdp_buf *b, uint64_t i, struct cdp_str json, struct cdp_str with)
{
	cdp_buf_puts(b, "{\"i\":");
	cdp_buf_u64(b, i);
	cdp_buf_puts(b, ",\"tail\":");
	cdp_buf_u64(b, with.n);
	cdp_buf_puts(b, ",\"line\":");
	cdp_buf_put(b, json);
	cdp_buf_putc(b, ',');
	cdp_buf_put(b, with);
	cdp_buf_puts(b, "}\n");
}

void
cdp_out_with(struct cdp_buf *b, uint64_t i, struct cdp_str json, uint64_t no)
{
	cdp_buf_puts(b, "{\"i\":");
	cdp_buf_u64(b, i);
	cdp_buf_puts(b, ",\"line\":");
	cdp_buf_put(b, json);
	cdp_buf_puts(b, "},\"with\":");
	cdp_buf_u64(b, no);
	cdp_buf_puts(b, "}\n");
}

void
cdp_out_set(struct cdp_buf *b, struct cdp_str set)
{
	cdp_buf_puts(b, "{\"set\":");
	cdp_buf_put(b, set);
	cdp_buf_puts(b, "}\n");
}

bool
cdp_out_but(
    struct cdp_buf *b, uint64_t no, struct cdp_str was, struct cdp_str now)
{
	size_t n = b->n;

	cdp_buf_puts(b, "{\"set\":");
	cdp_buf_u64(b, no);
	cdp_buf_puts(b, ",\"but\":");
	if (!cdp_patch_make(b, was, now)) {
		b->n = n;
		return false;
	}
	cdp_buf_puts(b, "}\n");
	return true;
}

void
cdp_out_tail(struct cdp_buf *b, uint64_t i, struct cdp_str json,
    struct cdp_str with, uint64_t no)
{
	cdp_buf_puts(b, "{\"i\":");
	cdp_buf_u64(b, i);
	cdp_buf_puts(b, ",\"tail\":");
	cdp_buf_u64(b, with.n + 2);
	cdp_buf_puts(b, ",\"set\":");
	cdp_buf_u64(b, no);
	cdp_buf_puts(b, ",\"line\":");
	cdp_buf_put(b, json);
	cdp_buf_putc(b, ',');
	cdp_buf_put(b, with);
	cdp_buf_puts(b, "}}}\n");
}

/* From "to" or "set" on, if what is set has a number. */
static bool
is_again(struct cdp_str line, struct cdp_again *ret)
{
	int64_t j = (int64_t)ret->j, no;

	if ((cdp_text_skip(&line, CDP_STR(",\"to\":")) &&
		!cdp_text_number(&line, &j)) ||
	    !cdp_text_skip(&line, CDP_STR(",\"set\":")) ||
	    !cdp_text_number(&line, &no) || !cdp_str_is(line, "}") || j < 0 ||
	    no < 0)
		return false;
	*ret = (struct cdp_again){ (uint64_t)j, (uint64_t)no };
	return true;
}

/* A line of our own, the last n bytes of which others have, too. */
static int
read_whole(struct cdp_str line, int64_t n, struct cdp_rec *ret)
{
	if (n < 2 || n >= (int64_t)line.n - 2 ||
	    line.p[line.n - (size_t)n - 1] != ',')
		return CDP_EDATA;
	ret->with = (struct cdp_str){ line.p + line.n - (size_t)n, (size_t)n };
	ret->json = (struct cdp_str){ line.p, line.n - (size_t)n - 1 };
	return 0;
}

/* A line, "}" behind it; or, if a number is there, with such an end. */
static int
read_line(struct cdp_str s, struct cdp_rec *ret, struct cdp_again *again)
{
	static const char with[] = "},\"with\":";
	size_t n = s.n - 1, k = sizeof(with) - 1;
	struct cdp_str digits;
	int64_t no;

	while (n != 0 && s.p[n - 1] >= '0' && s.p[n - 1] <= '9')
		n--;
	ret->json = (struct cdp_str){ s.p, s.n - 1 };
	if (n == s.n - 1)
		return 0;
	digits = (struct cdp_str){ s.p + n, s.n - 1 - n };
	if (n <= k || memcmp(s.p + n - k, with, k) != 0 ||
	    !cdp_text_number(&digits, &no) || digits.n != 0)
		return CDP_EDATA;
	ret->json.n = n - k;
	again->no = (uint64_t)no;
	return CDP_OUT_WITH;
}

/* Behind {"set": */
static int
read_set(struct cdp_str s, struct cdp_rec *ret, struct cdp_again *again)
{
	int64_t no;

	if (s.n < 3 || s.p[s.n - 1] != '}')
		return CDP_EDATA;
	ret->json = (struct cdp_str){ s.p, s.n - 1 };
	if (s.p[0] == '{')
		return CDP_OUT_SET;
	if (!cdp_text_number(&ret->json, &no) || no < 0 ||
	    !cdp_text_skip(&ret->json, CDP_STR(",\"but\":")))
		return CDP_EDATA;
	again->no = (uint64_t)no;
	return CDP_OUT_BUT;
}

/* Behind "tail": */
static int
read_tail(struct cdp_str s, struct cdp_rec *ret, struct cdp_again *again)
{
	int64_t n, no = 0;
	bool set;

	if (!cdp_text_number(&s, &n))
		return CDP_EDATA;
	set = cdp_text_skip(&s, CDP_STR(",\"set\":"));
	if ((set && (!cdp_text_number(&s, &no) || no < 0)) ||
	    !cdp_text_skip(&s, CDP_STR(",\"line\":")) || s.n < 3 ||
	    s.p[s.n - 1] != '}' ||
	    read_whole((struct cdp_str){ s.p, s.n - 1 }, n, ret) != 0)
		return CDP_EDATA;
	ret->kind = CDP_REC_LINE;
	again->no = (uint64_t)no;
	return set ? CDP_OUT_TAIL : CDP_OUT_WHOLE;
}

int
cdp_out_read(struct cdp_str line, uint64_t *i, struct cdp_rec *ret,
    struct cdp_again *again)
{
	int64_t v;

	*ret = (struct cdp_rec){ 0 };
	if (cdp_text_skip(&line, CDP_STR("{\"set\":")))
		return read_set(line, ret, again);
	if (!cdp_text_skip(&line, CDP_STR("{\"i\":")) ||
	    !cdp_text_number(&line, &v) || v < 0)
		return CDP_EDATA;
	*i = again->j = (uint64_t)v;
	if (is_again(line, again))
		return CDP_OUT_AGAIN;
	if (cdp_str_is(line, ",\"pass\":true}"))
		return CDP_OUT_WHOLE;
	if (cdp_str_is(line, ",\"gone\":true}")) {
		ret->kind = CDP_REC_GONE;
		return CDP_OUT_WHOLE;
	}
	if (cdp_text_skip(&line, CDP_STR(",\"tail\":")))
		return read_tail(line, ret, again);
	if (cdp_text_skip(&line, CDP_STR(",\"line\":")))
		ret->kind = CDP_REC_LINE;
	else if (!cdp_text_skip(&line, CDP_STR(",\"set\":")))
		return CDP_EDATA;
	if (line.n < 3 || line.p[line.n - 1] != '}')
		return CDP_EDATA;
	if (ret->kind == CDP_REC_LINE)
		return read_line(line, ret, again);
	ret->json = (struct cdp_str){ line.p, line.n - 1 };
	return CDP_OUT_WHOLE;
}
