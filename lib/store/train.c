#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/logint.h"
#include "lib/store/text.h"

#define SAMPLE_BYTES ((size_t)1 << 20)
#define SAMPLE_MIN ((size_t)128 << 10) /* else no dictionary is worth it */

/* Whole lines of text, every step-th, as samples. */
struct samples {
	struct cdp_buf text;
	size_t *len;
	size_t n, cap, step, seen;
};

static void
sample(struct samples *s, struct cdp_str line)
{
	if (s->seen++ % s->step != 0)
		return;
	if (s->n == s->cap) {
		s->cap = s->cap != 0 ? s->cap * 2 : 256;
		s->len = cdp_xreallocarray(s->len, s->cap, sizeof(*s->len));
	}
	s->len[s->n++] = line.n;
	cdp_buf_put(&s->text, line);
}

void
cdp_gather_train(const struct cdp_gather *g, struct cdp_buf *dict)
{
	struct samples s = {
		.step = (g->nput_bytes + g->outs.n) / SAMPLE_BYTES + 1
	};
	struct cdp_str text = cdp_buf_str(&g->outs), line;
	struct cdp_buf b = { 0 };
	size_t i;

	for (i = 0; i < g->nput; i++) {
		cdp_buf_reset(&b);
		cdp_put_line(
		    &b, g->put[i]->key, g->put[i]->val, g->put[i]->due_ms);
		sample(&s, cdp_buf_str(&b));
	}
	while (cdp_text_line(&text, &line))
		sample(&s, line);
	if (s.text.n >= SAMPLE_MIN)
		cdp_dict_train(cdp_buf_str(&s.text), s.len, s.n, dict);
	cdp_buf_free(&s.text);
	free(s.len);
	cdp_buf_free(&b);
}
