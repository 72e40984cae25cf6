#include "lib/emit/preview.h"

#include "lib/emit/render.h"
#include "lib/emit/sms.h"

static const char head[] =
    "<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
static const char style[] =
    "</title>\n<style>\n"
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;"
    "max-width:44rem;padding:0 1rem;color:#222;background:#f4f4f4}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}\n"
    "dt{color:#767676}dd{margin:0;overflow-wrap:anywhere}\n"
    "h2{font-size:1rem;color:#767676;margin:2rem 0 .5rem}\n"
    "iframe{width:100%;height:32rem;border:1px solid #ccc;background:#fff}\n"
    "pre{white-space:pre-wrap;background:#fff;border:1px solid #ccc;"
    "padding:1rem;font:inherit}\n"
    ".sms{white-space:pre-wrap;background:#dcf8d0;border-radius:1rem;"
    "padding:.7rem 1rem;max-width:22rem;margin:.5rem 0}\n"
    ".warn{color:#a33}\n</style>\n</head>\n<body>\n";

static void
row(struct cdp_buf *b, const char *name, struct cdp_str value)
{
	if (value.n == 0)
		return;
	cdp_buf_printf(b, "<dt>%s</dt><dd>", name);
	cdp_render_escape(b, value);
	cdp_buf_puts(b, "</dd>\n");
}

static void
sms(struct cdp_buf *b, struct cdp_str text)
{
	struct cdp_sms s;
	size_t n, i = 0;

	cdp_sms_count(text, &s);
	cdp_buf_printf(b, "<h2>SMS: %zu %s of %s, %zu segment%s", s.length,
	    s.ucs2 ? "units" : "characters", s.ucs2 ? "UCS-2" : "GSM-7",
	    s.segments, s.segments == 1 ? "" : "s");
	if (s.ucs2) {
		cdp_buf_puts(b, ", because of \xe2\x80\x9c");
		cdp_render_escape(b, s.odd);
		cdp_buf_puts(b, "\xe2\x80\x9d");
	}
	cdp_buf_puts(b, "</h2>\n");
	do {
		n = cdp_sms_cut(&s, text);
		cdp_buf_printf(b, "<div class=\"sms\" title=\"%zu of %zu\">",
		    ++i, s.segments);
		cdp_render_escape(b, (struct cdp_str){ text.p, n });
		cdp_buf_puts(b, "</div>\n");
		text = (struct cdp_str){ text.p + n, text.n - n };
	} while (text.n != 0);
}

static void
rows(struct cdp_buf *b, const struct cdp_delivery *a, struct cdp_str subject,
    bool real)
{
	cdp_buf_puts(b, "<dl>\n");
	row(b, "to", a->address);
	row(b, "from", a->from);
	row(b, "subject", subject);
	row(b, "template", a->template);
	row(b, "destination", a->destination);
	row(b, "journey", a->journey);
	row(b, "step", a->step);
	row(b, "profile", a->ln->profile_id);
	row(b, "data",
	    real ? CDP_STR("of the newest activation with this template")
		 : CDP_STR("the profile as it stands; nothing is kept, and "
			   "there is no event"));
	cdp_buf_puts(b, "</dl>\n");
	if (a->warning.n != 0) {
		cdp_buf_puts(b, "<p class=\"warn\">");
		cdp_render_escape(b, a->warning);
		cdp_buf_puts(b, "</p>\n");
	}
}

void
cdp_preview_page(struct cdp_buf *b, const struct cdp_delivery *a, bool real)
{
	struct cdp_str subject = { 0 }, html = { 0 }, text = { 0 };
	struct cdp_tape t = { 0 };

	if (cdp_tape_parse(&t, a->message, NULL) == 0) {
		subject = cdp_tape_str(
		    &t, cdp_tape_get(&t, 0, CDP_STR("subject")), a->mem);
		html = cdp_tape_str(
		    &t, cdp_tape_get(&t, 0, CDP_STR("html")), a->mem);
		text = cdp_tape_str(
		    &t, cdp_tape_get(&t, 0, CDP_STR("text")), a->mem);
	}
	cdp_buf_puts(b, head);
	cdp_render_escape(b, subject.n != 0 ? subject : a->template);
	cdp_buf_puts(b, style);
	rows(b, a, subject, real);
	if (html.n != 0) {
		cdp_buf_puts(b,
		    "<h2>HTML</h2>\n<iframe sandbox title=\"HTML\" srcdoc=\"");
		cdp_render_escape(b, html);
		cdp_buf_puts(b, "\"></iframe>\n");
	}
	if (text.n != 0 && a->to != NULL && cdp_str_is(a->to->channel, "sms")) {
		sms(b, text);
	} else if (text.n != 0) {
		cdp_buf_puts(b, "<h2>Text</h2>\n<pre>");
		cdp_render_escape(b, text);
		cdp_buf_puts(b, "</pre>\n");
	}
	cdp_buf_puts(b, "</body>\n</html>\n");
	cdp_tape_free(&t);
}
