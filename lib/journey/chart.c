#include "lib/journey/chart.h"

#include "lib/base/arena.h"
#include "lib/json/write.h"

#define SAY(s) (int)(s).n, (s).n != 0 ? (s).p : ""
#define WIDTH 300
#define PITCH 76
#define LABEL 44 /* characters of what stands beside an arrow */

struct chart {
	struct cdp_buf *b;
	const struct cdp_journey *jr;
	const struct cdp_tally *tally;
	enum cdp_chart_form form;
	struct cdp_arena mem;
	size_t narrow; /* arrows so far that do not go to the next step */
};

/* ---- words ---- */

static struct cdp_str
when_text(struct chart *c, const struct cdp_when *w)
{
	struct cdp_str s = CDP_STR("");
	size_t i;

	if (w->has_event) {
		for (i = 0; i < w->event.nevent; i++)
			s = cdp_arena_printf(&c->mem, "%.*s%s%.*s", SAY(s),
			    i != 0 ? " or " : "", SAY(w->event.event[i]));
		return s;
	}
	if (w->audience.n != 0)
		return cdp_arena_printf(&c->mem, "audience %.*s %s",
		    SAY(w->audience), w->exited ? "exited" : "entered");
	return w->cond != NULL ? cdp_cond_text(w->cond) : s;
}

/* What a step does, as it is written. */
static struct cdp_str
step_text(struct chart *c, const struct cdp_step *st)
{
	static const char *const names[] = { "hold", "delay", "until", "split",
		"send", "set", "if", "end" };
	const char *name = names[st->kind];
	const struct cdp_node *node = cdp_node_get(st->node, name);
	char ms[24];

	if (st->kind == CDP_STEP_HOLD || st->kind == CDP_STEP_DELAY) {
		cdp_time_duration_format(st->ms, ms);
		return cdp_arena_printf(&c->mem, "%s %s%s", name,
		    st->nevent != 0 ? "up to " : "", ms);
	}
	if (st->kind == CDP_STEP_SEND)
		return cdp_arena_printf(&c->mem, "%.*s %.*s%s%.*s",
		    SAY(st->action), SAY(st->send),
		    st->template.n != 0 ? ": " : "", SAY(st->template));
	if (st->kind == CDP_STEP_IF)
		return st->cond != NULL ? cdp_arena_printf(&c->mem, "if %.*s",
					      SAY(cdp_cond_text(st->cond)))
					: CDP_STR("goto");
	if (node != NULL && node->kind == CDP_NODE_SCALAR)
		return cdp_arena_printf(
		    &c->mem, "%s %.*s", name, SAY(node->text));
	return cdp_str_of(name);
}

static int64_t
reached(const struct chart *c, size_t i)
{
	const struct cdp_counts *n = &c->tally->step;
	size_t k;

	for (k = 0; k < n->n; k++)
		if (cdp_str_is(c->jr->step[i].id, n->v[k].name))
			return n->v[k].n;
	return 0;
}

/* Text for a quoted label: what the form would take for itself is replaced. */
static void
put_text(struct chart *c, struct cdp_str s, size_t max)
{
	size_t i, n = s.n > max ? max : s.n;

	while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--; /* no half characters */
	for (i = 0; i < n; i++) {
		if (c->form == CDP_CHART_DOT &&
		    (s.p[i] == '"' || s.p[i] == '\\'))
			cdp_buf_putc(c->b, '\\');
		if (c->form != CDP_CHART_DOT && s.p[i] == '"')
			cdp_buf_puts(c->b,
			    c->form == CDP_CHART_SVG ? "&quot;" : "#quot;");
		else if (c->form != CDP_CHART_DOT && s.p[i] == '<')
			cdp_buf_puts(
			    c->b, c->form == CDP_CHART_SVG ? "&lt;" : "#lt;");
		else if (c->form == CDP_CHART_SVG && s.p[i] == '&')
			cdp_buf_puts(c->b, "&amp;");
		else
			cdp_buf_putc(c->b, s.p[i] == '\n' ? ' ' : s.p[i]);
	}
	if (n < s.n)
		cdp_buf_puts(c->b, "...");
}

/* ---- boxes ---- */

/* at: 0 is the entry, 1 the first step; a box of kind "((" has no corners. */
static void
box(struct chart *c, size_t at, struct cdp_str head, struct cdp_str text,
    int64_t n)
{
	struct cdp_buf *b = c->b;
	size_t y = 20 + at * PITCH;
	char count[32] = "";

	if (n >= 0)
		snprintf(count, sizeof(count), " (%lld)", (long long)n);
	if (c->form == CDP_CHART_SVG) {
		cdp_buf_printf(b,
		    "<rect x=\"20\" y=\"%zu\" width=\"%d\" height=\"44\" "
		    "rx=\"6\"/><text x=\"30\" y=\"%zu\">",
		    y, WIDTH, y + 18);
		put_text(c, head, LABEL - 10);
		cdp_buf_printf(
		    b, "%s</text><text x=\"30\" y=\"%zu\">", count, y + 36);
		put_text(c, text, LABEL);
		cdp_buf_puts(b, "</text>\n");
		return;
	}
	cdp_buf_printf(
	    b, c->form == CDP_CHART_DOT ? "  n%zu [label=\"" : "  n%zu[\"", at);
	put_text(c, head, SIZE_MAX);
	cdp_buf_puts(b, count);
	cdp_buf_puts(b, c->form == CDP_CHART_DOT ? "\\n" : "<br/>");
	put_text(c, text, SIZE_MAX);
	cdp_buf_puts(b, "\"]\n");
}

/* ---- arrows ---- */

static void
draw_arrow(struct chart *c, size_t from, size_t to, struct cdp_str label)
{
	size_t y = 64 + from * PITCH, x;
	struct cdp_buf *b = c->b;

	if (to == from + 1) {
		cdp_buf_printf(b,
		    "<path d=\"M170 %zu V%zu\"/><text x=\"178\" y=\"%zu\">", y,
		    20 + to * PITCH, y + 20);
		put_text(c, label, LABEL);
		cdp_buf_puts(b, "</text>\n");
		return;
	}
	x = WIDTH + 60 + 16 * c->narrow++;
	y = 30 + from * PITCH + 8 * (c->narrow % 4);
	cdp_buf_printf(b,
	    "<path d=\"M%d %zu H%zu V%zu H%d\"/><text x=\"%d\" y=\"%zu\">",
	    WIDTH + 20, y, x, 42 + to * PITCH, WIDTH + 20, WIDTH + 26, y - 3);
	put_text(c, label, LABEL);
	cdp_buf_puts(b, "</text>\n");
}

/* to: a step, or CDP_STEP_NEXT; one behind the last is the end. */
static void
arrow(struct chart *c, size_t i, size_t to, struct cdp_str label)
{
	size_t from = i + 1;

	to = to == CDP_STEP_NEXT ? i + 2 : to + 1;
	if (c->form == CDP_CHART_SVG) {
		draw_arrow(c, from, to, label);
		return;
	}
	if (c->form == CDP_CHART_DOT) {
		cdp_buf_printf(c->b, "  n%zu -> n%zu", from, to);
		if (label.n != 0) {
			cdp_buf_puts(c->b, " [label=\"");
			put_text(c, label, SIZE_MAX);
			cdp_buf_puts(c->b, "\"]");
		}
		cdp_buf_putc(c->b, '\n');
		return;
	}
	cdp_buf_printf(c->b, "  n%zu -->", from);
	if (label.n != 0) {
		cdp_buf_puts(c->b, "|\"");
		put_text(c, label, SIZE_MAX);
		cdp_buf_puts(c->b, "\"|");
	}
	cdp_buf_printf(c->b, " n%zu\n", to);
}

static void
split_arrows(struct chart *c, size_t i, const struct cdp_step *st)
{
	const struct cdp_branch *br;
	struct cdp_str s;
	size_t k;
	int sum = 0;
	bool all = false;

	for (k = 0; k < st->nbranch; k++) {
		br = &st->branch[k];
		s = br->cond != NULL ? cdp_cond_text(br->cond) : CDP_STR("");
		if (br->percent_bp >= 0)
			s = cdp_arena_printf(&c->mem, "%.*s%s%g %%", SAY(s),
			    s.n != 0 ? ", " : "", br->percent_bp / 100.0);
		if (br->cond == NULL)
			sum += br->percent_bp < 0 ? 10000 : br->percent_bp;
		all = all || sum >= 10000;
		arrow(c, i, br->go, s.n != 0 ? s : CDP_STR("otherwise"));
	}
	if (!all)
		arrow(c, i, st->go, CDP_STR("otherwise"));
}

static void
arrows(struct chart *c, size_t i)
{
	const struct cdp_step *st = &c->jr->step[i];
	size_t k;

	switch (st->kind) {
	case CDP_STEP_END:
		return;
	case CDP_STEP_SPLIT:
		split_arrows(c, i, st);
		return;
	case CDP_STEP_IF:
		arrow(c, i, st->go,
		    st->cond != NULL ? CDP_STR("yes") : CDP_STR(""));
		if (st->cond != NULL)
			arrow(c, i, CDP_STEP_NEXT, CDP_STR("no"));
		return;
	default:
		break;
	}
	for (k = 0; k < st->nevent; k++)
		arrow(c, i, st->event[k].go, when_text(c, &st->event[k].when));
	if (st->has_restart)
		arrow(c, i, i,
		    cdp_arena_printf(&c->mem, "restart: %.*s",
			SAY(when_text(c, &st->restart))));
	arrow(c, i,
	    st->kind == CDP_STEP_SEND || st->kind == CDP_STEP_SET
		? st->go
		: st->timeout_go,
	    st->nevent != 0 ? CDP_STR("timeout") : CDP_STR(""));
}

/* ---- the whole ---- */

/* Exits have no place: they end it at any step. */
static void
exits(struct chart *c)
{
	const struct cdp_exit_def *x;
	struct cdp_str s;
	size_t i;

	for (i = 0; i < c->jr->nexit; i++) {
		x = &c->jr->exit[i];
		s = cdp_arena_printf(&c->mem, "%.*s: %.*s%s%.*s%s%.*s",
		    SAY(x->outcome), SAY(when_text(c, &x->when)),
		    x->send.n != 0 ? "; " : "", SAY(x->action),
		    x->send.n != 0 ? " " : "", SAY(x->send));
		box(c, c->jr->nstep + 2 + i, CDP_STR("exit, at any step"), s,
		    -1);
	}
}

/* Whether some way leads behind the last step. */
static bool
falls_off(const struct cdp_journey *jr)
{
	return jr->nstep == 0 || jr->step[jr->nstep - 1].kind != CDP_STEP_END;
}

static void
begin(struct chart *c)
{
	size_t h = (c->jr->nstep + 2 + c->jr->nexit) * PITCH + 20;

	if (c->form == CDP_CHART_DOT)
		cdp_buf_printf(c->b,
		    "digraph \"%.*s\" {\n  node [shape=box,style=rounded]\n",
		    SAY(c->jr->key));
	else if (c->form == CDP_CHART_MERMAID)
		cdp_buf_puts(c->b, "flowchart TD\n");
	else
		cdp_buf_printf(c->b,
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"960\" "
		    "height=\"%zu\" font-family=\"sans-serif\" "
		    "font-size=\"12\">\n<style>rect{fill:#fff;stroke:#555}"
		    "path{fill:none;stroke:#888;marker-end:url(#a)}</style>\n"
		    "<defs><marker id=\"a\" refX=\"8\" refY=\"4\" "
		    "markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"
		    "<path d=\"M0 0 L8 4 L0 8\" style=\"marker-end:none\"/>"
		    "</marker></defs>\n",
		    h);
}

void
cdp_chart_draw(struct cdp_buf *b, const struct cdp_journey *jr,
    const struct cdp_tally *tally, bool version, enum cdp_chart_form form)
{
	struct chart c = { .b = b, .jr = jr, .tally = tally, .form = form };
	struct cdp_str enter = when_text(&c, &jr->enter);
	size_t i;

	begin(&c);
	box(&c, 0,
	    cdp_arena_printf(&c.mem, "%.*s%s%s", SAY(jr->key),
		version ? "@" : "", version ? jr->version : ""),
	    cdp_arena_printf(&c.mem, "enter: %.*s", SAY(enter)),
	    tally != NULL ? tally->entered[0] + tally->entered[1] : -1);
	for (i = 0; i < jr->nstep; i++)
		box(&c, i + 1, jr->step[i].id, step_text(&c, &jr->step[i]),
		    tally != NULL ? reached(&c, i) : -1);
	if (falls_off(jr))
		box(&c, jr->nstep + 1, CDP_STR("end"), CDP_STR("completed"),
		    -1);
	arrow(&c, (size_t)-1, 0, CDP_STR(""));
	for (i = 0; i < jr->nstep; i++)
		arrows(&c, i);
	exits(&c);
	if (form == CDP_CHART_DOT)
		cdp_buf_puts(b, "}\n");
	else if (form == CDP_CHART_SVG)
		cdp_buf_puts(b, "</svg>\n");
	cdp_arena_free(&c.mem);
}
