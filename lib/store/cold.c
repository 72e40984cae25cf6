#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/cold.h"
#include "lib/store/frame.h"

#define SAMPLE_BYTES ((size_t)256 << 10)

struct cdp_cold {
	struct cdp_zip *zip;
	struct cdp_dict *dict; /* what was learned, or NULL */
	struct cdp_buf sample; /* those to learn from, until it is full */
	size_t *len;
	size_t n, cap;
};

struct cdp_cold *
cdp_cold_new(void)
{
	struct cdp_cold *c = cdp_xcalloc(1, sizeof(*c));

	c->zip = cdp_zip_new();
	return c;
}

static void
free_sample(struct cdp_cold *c)
{
	cdp_buf_free(&c->sample);
	free(c->len);
	c->len = NULL;
	c->n = c->cap = 0;
}

void
cdp_cold_free(struct cdp_cold *c)
{
	if (c == NULL)
		return;
	cdp_zip_free(c->zip);
	cdp_dict_free(c->dict);
	free_sample(c);
	free(c);
}

/* If they are too different to learn from, the next ones may be less so. */
static void
learn(struct cdp_cold *c, struct cdp_str text)
{
	struct cdp_buf dict = { 0 };

	if (c->n == c->cap) {
		c->cap = c->cap != 0 ? c->cap * 2 : 256;
		c->len = cdp_xreallocarray(c->len, c->cap, sizeof(*c->len));
	}
	c->len[c->n++] = text.n;
	cdp_buf_put(&c->sample, text);
	if (c->sample.n < SAMPLE_BYTES)
		return;
	if (cdp_dict_train(cdp_buf_str(&c->sample), c->len, c->n, &dict))
		c->dict = cdp_dict_new(cdp_buf_str(&dict));
	cdp_buf_free(&dict);
	free_sample(c);
}

bool
cdp_cold_pack(struct cdp_cold *c, struct cdp_str text, struct cdp_buf *ret)
{
	bool learned = c->dict != NULL;

	cdp_buf_reset(ret);
	if (!cdp_zip_pack(c->zip, text, c->dict, ret))
		cdp_mem_short(text.n);
	if (!learned)
		learn(c, text);
	return learned;
}

void
cdp_cold_open(struct cdp_cold *c, struct cdp_str packed, bool learned,
    struct cdp_buf *ret)
{
	cdp_buf_reset(ret);
	if (!cdp_zip_unpack(c->zip, packed, learned ? c->dict : NULL, ret))
		cdp_mem_short(packed.n);
}
