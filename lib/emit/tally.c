#include "lib/emit/emitint.h"

void
cdp_emit_tell(struct cdp_emit *em, size_t i)
{
	struct cdp_str name = em->outlet[i].def->name;
	struct cdp_sender_count n;
	struct cdp_buf b = { 0 };

	em->opt.sending->count(em->sender, i, &n);
	if (n.dead + n.all_held + n.waiting == 0)
		return;
	cdp_buf_printf(&b, "destination '%.*s': %llu sent", (int)name.n, name.p,
	    (unsigned long long)n.sent);
	if (n.waiting != 0)
		cdp_buf_printf(
		    &b, ", %llu waiting", (unsigned long long)n.waiting);
	if (n.dead != 0)
		cdp_buf_printf(&b, ", %llu dead", (unsigned long long)n.dead);
	if (n.all_held != 0)
		cdp_buf_printf(&b, ", %llu held that may have arrived",
		    (unsigned long long)n.all_held);
	if (n.said.n != 0)
		cdp_buf_printf(&b, "; last: %.*s", (int)n.said.n, n.said.p);
	if (n.waiting != 0)
		cdp_buf_puts(&b, "; run it again to go on");
	if (n.dead != 0)
		cdp_buf_puts(&b, "; --redrive sends what is dead again");
	if (n.all_held != 0)
		cdp_buf_puts(&b, "; --resolve settles what is held");
	em->opt.note(em->opt.note_arg, cdp_buf_cstr(&b));
	cdp_buf_free(&b);
}

void
cdp_emit_stats(void *self, struct cdp_buf *json)
{
	const struct cdp_emit *em = self;

	if (em->opt.only != NULL)
		cdp_json_ki64(json, "elsewhere", (int64_t)em->elsewhere);
	cdp_json_key(json, "deliveries");
	cdp_buf_putc(json, '{');
	for (size_t i = 0; i < em->pr->ndestination; i++) {
		const struct outlet *o = &em->outlet[i];

		cdp_json_comma(json);
		cdp_json_str(json, o->def->name);
		cdp_buf_puts(json, ":{");
		for (size_t k = 0; k < CDP_NSTATUS; k++)
			if (o->count[k] != 0)
				cdp_json_ki64(json, cdp_status_names[k],
				    (int64_t)o->count[k]);
		for (int k = 0; k < CDP_NMOOT; k++)
			if (o->moot[k] != 0)
				cdp_json_ki64(json, cdp_moot_names[k],
				    (int64_t)o->moot[k]);
		cdp_buf_putc(json, '}');
	}
	cdp_buf_putc(json, '}');
}
