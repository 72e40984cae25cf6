#include "lib/rule/yaml.h"

#include "lib/json/write.h"

struct cdp_node *
cdp_node_get(const struct cdp_node *node, const char *key)
{
	struct cdp_str k = cdp_str_of(key);
	size_t i;

	if (node == NULL || node->kind != CDP_NODE_MAP)
		return NULL;
	for (i = 0; i < node->n; i++)
		if (cdp_str_eq(node->key[i]->text, k))
			return node->item[i];
	return NULL;
}

static bool
is_plain(const struct cdp_node *node)
{
	return node != NULL && node->kind == CDP_NODE_SCALAR && node->plain;
}

static bool
one_of(struct cdp_str s, const char *const *names)
{
	for (; *names != NULL; names++)
		if (cdp_str_is(s, *names))
			return true;
	return false;
}

bool
cdp_node_is_bool(const struct cdp_node *node, bool *ret)
{
	static const char *const yes[] = { "true", "True", "TRUE", NULL };
	static const char *const no[] = { "false", "False", "FALSE", NULL };

	if (!is_plain(node))
		return false;
	if (one_of(node->text, yes)) {
		*ret = true;
		return true;
	}
	if (one_of(node->text, no)) {
		*ret = false;
		return true;
	}
	return false;
}

bool
cdp_node_is_null(const struct cdp_node *node)
{
	static const char *const null[] = { "", "~", "null", "Null", "NULL",
		NULL };

	return is_plain(node) && one_of(node->text, null);
}

static const char *
digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* JSON's numbers only: 007 and 0x1f are more often codes than numbers. */
static bool
json_number(struct cdp_str s)
{
	const char *p = s.p, *end = s.p + s.n, *q;

	if (p < end && *p == '-')
		p++;
	q = digits(p, end);
	if (q == p || (*p == '0' && q - p > 1))
		return false;
	p = q;
	if (p < end && *p == '.') {
		q = digits(++p, end);
		if (q == p)
			return false;
		p = q;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		q = digits(p, end);
		if (q == p)
			return false;
		p = q;
	}
	return p == end;
}

bool
cdp_node_is_number(const struct cdp_node *node)
{
	return is_plain(node) && node->text.n != 0 && json_number(node->text);
}

static void
scalar_json(struct cdp_buf *b, const struct cdp_node *node)
{
	bool yes;

	if (cdp_node_is_null(node))
		cdp_buf_puts(b, "null");
	else if (cdp_node_is_bool(node, &yes))
		cdp_buf_puts(b, yes ? "true" : "false");
	else if (cdp_node_is_number(node))
		cdp_buf_put(b, node->text);
	else
		cdp_json_str(b, node->text);
}

void
cdp_node_json(struct cdp_buf *b, const struct cdp_node *node)
{
	bool map = node->kind == CDP_NODE_MAP;
	size_t i;

	if (node->kind == CDP_NODE_SCALAR) {
		scalar_json(b, node);
		return;
	}
	cdp_buf_putc(b, map ? '{' : '[');
	for (i = 0; i < node->n; i++) {
		if (i != 0)
			cdp_buf_putc(b, ',');
		if (map) {
			cdp_json_str(b, node->key[i]->text);
			cdp_buf_putc(b, ':');
		}
		cdp_node_json(b, node->item[i]);
	}
	cdp_buf_putc(b, map ? '}' : ']');
}
