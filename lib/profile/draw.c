#include "lib/profile/draw.h"

#include <stdlib.h>

#include "lib/base/time.h"
#include "lib/base/utf8.h"
#include "lib/json/write.h"

/* ---- dot ---- */

/* In dot's quotes, where a backslash and a quote need another one. */
static void
quoted(struct cdp_buf *b, struct cdp_str s)
{
	size_t i;

	cdp_buf_putc(b, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			cdp_buf_putc(b, '\\');
		cdp_buf_putc(b, s.p[i]);
	}
	cdp_buf_putc(b, '"');
}

static void
dot(struct cdp_buf *b, const struct cdp_net *net, struct cdp_arena *mem)
{
	char ts[CDP_TIME_SIZE];
	size_t i, j;

	cdp_buf_puts(b, "graph ");
	quoted(b, net->profile);
	cdp_buf_puts(
	    b, " {\n\trankdir=LR;\n\tnode [fontname=\"sans-serif\"];\n");
	for (i = 0; i < net->nid; i++) {
		cdp_buf_printf(b, "\ti%zu [label=", i);
		quoted(b, cdp_utf8_printable(net->id[i].name, mem));
		cdp_buf_puts(b, "];\n");
	}
	for (i = 0; i < net->nlink; i++) {
		cdp_time_format(net->link[i].ms, ts);
		cdp_buf_printf(b, "\te%zu [shape=box,label=", i);
		quoted(b,
		    cdp_utf8_printable(
			cdp_arena_printf(mem, "%.*s, %s",
			    (int)net->link[i].by.n, net->link[i].by.p, ts),
			mem));
		cdp_buf_puts(b, "];\n");
		for (j = 0; j < net->link[i].n; j++)
			cdp_buf_printf(
			    b, "\ti%zu -- e%zu;\n", net->link[i].id[j], i);
	}
	cdp_buf_puts(b, "}\n");
}

/* ---- svg ---- */

#define COLUMN 230
#define ROW 34
#define BOX_W 190
#define BOX_H 24
#define LETTERS 28 /* that fit */

/* Where each node stands: identifiers, then links. */
struct layout {
	size_t *column, *row;
	size_t ncolumn, nrow;
};

static bool
touches(const struct cdp_net_link *l, size_t id)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->id[i] == id)
			return true;
	return false;
}

/* Each node a column behind the one it was first reached from. */
static void
arrange(const struct cdp_net *net, size_t from, struct cdp_arena *mem,
    struct layout *ret)
{
	size_t total = net->nid + net->nlink, head = 0, tail = 0, i;
	size_t *queue = cdp_arena_alloc(mem, (total + 1) * sizeof(*queue));
	size_t *used = cdp_arena_calloc(mem, total + 2, sizeof(*used));

	ret->column = cdp_arena_alloc(mem, (total + 1) * sizeof(size_t));
	ret->row = cdp_arena_calloc(mem, total + 1, sizeof(size_t));
	for (i = 0; i < total; i++)
		ret->column[i] = SIZE_MAX;
	if (net->nid != 0)
		ret->column[queue[tail++] = from] = 0;
	while (head < tail) {
		size_t at = queue[head++];

		ret->row[at] = used[ret->column[at]]++;
		for (i = 0; i < total; i++) {
			if (ret->column[i] != SIZE_MAX ||
			    (at < net->nid) == (i < net->nid) ||
			    !touches(
				&net->link[(at < net->nid ? i : at) - net->nid],
				at < net->nid ? at : i))
				continue;
			ret->column[i] = ret->column[at] + 1;
			queue[tail++] = i;
		}
	}
	/* What no event holds stands below the first. */
	for (i = 0; i < net->nid; i++)
		if (ret->column[i] == SIZE_MAX) {
			ret->column[i] = 0;
			ret->row[i] = used[0]++;
		}
	ret->ncolumn = ret->nrow = 0;
	for (i = 0; i <= total && used[i] != 0; i++) {
		ret->ncolumn = i + 1;
		if (used[i] > ret->nrow)
			ret->nrow = used[i];
	}
}

static void
escaped(struct cdp_buf *b, struct cdp_str s, size_t letters)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++) {
		n += (s.p[i] & 0xC0) != 0x80;
		if (n > letters) {
			cdp_buf_puts(b, "\xE2\x80\xA6");
			return;
		}
		if (s.p[i] == '<')
			cdp_buf_puts(b, "&lt;");
		else if (s.p[i] == '&')
			cdp_buf_puts(b, "&amp;");
		else
			cdp_buf_putc(b, s.p[i]);
	}
}

static void
box(struct cdp_buf *b, const struct layout *lay, size_t node, bool link,
    struct cdp_str label, struct cdp_str title, struct cdp_arena *mem)
{
	size_t x = 10 + lay->column[node] * COLUMN;
	size_t y = 10 + lay->row[node] * ROW;

	cdp_buf_printf(b, "<g><title>");
	escaped(b, cdp_utf8_printable(title, mem), SIZE_MAX);
	cdp_buf_printf(b,
	    "</title><rect x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" "
	    "rx=\"%d\" fill=\"%s\" stroke=\"#555\"/>"
	    "<text x=\"%zu\" y=\"%zu\">",
	    x, y, BOX_W, BOX_H, link ? 2 : 12, link ? "#f2f2f2" : "#dbe9f6",
	    x + 8, y + 16);
	escaped(b, cdp_utf8_printable(label, mem), LETTERS);
	cdp_buf_puts(b, "</text></g>\n");
}

static void
lines(struct cdp_buf *b, const struct cdp_net *net, const struct layout *lay)
{
	size_t i, j;

	for (i = 0; i < net->nlink; i++)
		for (j = 0; j < net->link[i].n; j++) {
			size_t l = net->nid + i, id = net->link[i].id[j];

			if (lay->column[l] == SIZE_MAX)
				continue;
			cdp_buf_printf(b,
			    "<line x1=\"%zu\" y1=\"%zu\" x2=\"%zu\" "
			    "y2=\"%zu\" stroke=\"#999\"/>\n",
			    10 + lay->column[id] * COLUMN + BOX_W / 2,
			    10 + lay->row[id] * ROW + BOX_H / 2,
			    10 + lay->column[l] * COLUMN + BOX_W / 2,
			    10 + lay->row[l] * ROW + BOX_H / 2);
		}
}

static void
svg(struct cdp_buf *b, const struct cdp_net *net, size_t from,
    struct cdp_arena *mem)
{
	char ts[CDP_TIME_SIZE];
	struct layout lay;
	size_t i;

	arrange(net, from, mem, &lay);
	cdp_buf_printf(b,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" "
	    "height=\"%zu\" font-family=\"sans-serif\" font-size=\"12\">\n"
	    "<title>%.*s</title>\n",
	    20 + lay.ncolumn * COLUMN - (COLUMN - BOX_W), 10 + lay.nrow * ROW,
	    (int)net->profile.n, net->profile.p);
	lines(b, net, &lay);
	for (i = 0; i < net->nid; i++) {
		cdp_time_format(net->id[i].first_ms, ts);
		box(b, &lay, i, false, net->id[i].name,
		    cdp_arena_printf(mem, "%.*s, first seen %s",
			(int)net->id[i].name.n, net->id[i].name.p, ts),
		    mem);
	}
	for (i = 0; i < net->nlink; i++) {
		if (lay.column[net->nid + i] == SIZE_MAX)
			continue;
		cdp_time_format(net->link[i].ms, ts);
		box(b, &lay, net->nid + i, true, net->link[i].by,
		    cdp_arena_printf(mem, "%.*s, %s", (int)net->link[i].by.n,
			net->link[i].by.p, ts),
		    mem);
	}
	cdp_buf_puts(b, "</svg>\n");
}

void
cdp_draw_net(struct cdp_buf *b, const struct cdp_net *net, size_t from,
    enum cdp_draw_form form)
{
	struct cdp_arena mem = { 0 };

	if (form == CDP_DRAW_DOT)
		dot(b, net, &mem);
	else
		svg(b, net, from == CDP_NET_NONE ? 0 : from, &mem);
	cdp_arena_free(&mem);
}

/* ---- edges ---- */

struct edges {
	int (*fn)(void *arg, struct cdp_str line);
	void *arg;
	struct cdp_arena mem;
	struct cdp_buf line;
};

static int
edges_of(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct edges *e = arg;
	struct cdp_net net;
	size_t i, j;
	int rc = 0;

	(void)due_ms;
	if (!cdp_str_starts(key, CDP_STR("p_")) ||
	    !cdp_net_read(val, key, &e->mem, &net))
		return 0;
	for (i = 0; i < net.nlink; i++)
		for (j = 1; rc == 0 && j < net.link[i].n; j++) {
			const struct cdp_net_link *l = &net.link[i];

			cdp_buf_reset(&e->line);
			cdp_buf_putc(&e->line, '{');
			cdp_json_kstr(
			    &e->line, "source", net.id[l->id[0]].name);
			cdp_json_kstr(
			    &e->line, "target", net.id[l->id[j]].name);
			cdp_json_kstr(&e->line, "event", l->by);
			cdp_json_ktime(&e->line, "timestamp", l->ms);
			cdp_json_kstr(&e->line, "profile", key);
			cdp_buf_putc(&e->line, '}');
			rc = e->fn(e->arg, cdp_buf_str(&e->line));
		}
	cdp_arena_reset(&e->mem);
	return rc;
}

int
cdp_draw_edges(struct cdp_log *log, int (*fn)(void *arg, struct cdp_str line),
    void *arg, struct cdp_err *err)
{
	struct edges e = { .fn = fn, .arg = arg };
	int rc = cdp_log_each(log, edges_of, &e, err);

	cdp_arena_free(&e.mem);
	cdp_buf_free(&e.line);
	return rc;
}
