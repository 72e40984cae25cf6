#include <string.h>

#include "lib/base/locale.h"
#include "lib/base/zone.h"
#include "lib/json/write.h"
#include "lib/rule/file.h"
#include "lib/rule/load.h"

/* ---- project ---- */

static void
load_timezone(struct cdp_loader *ld, const struct cdp_node *node)
{
	struct cdp_zone *z;
	struct cdp_str zone;

	if (!cdp_load_str(ld, node, "timezone", &zone))
		return;
	z = cdp_zone_open(zone);
	if (z != NULL)
		ld->pr->timezone = zone;
	else
		cdp_diag_error(ld->diags, node, "unknown-timezone",
		    "no time zone '%.*s': write a name of the tz database, "
		    "such as America/Sao_Paulo",
		    (int)zone.n, zone.p);
	cdp_zone_close(z);
}

static void
load_locale(struct cdp_loader *ld, const struct cdp_node *node)
{
	struct cdp_str names[16];
	size_t n = 0;

	if (!cdp_load_str(ld, node, "locale", &ld->pr->locale) ||
	    cdp_locale_find(ld->pr->locale) != NULL)
		return;
	for (; cdp_locale_names[n] != NULL; n++)
		names[n] = cdp_str_of(cdp_locale_names[n]);
	cdp_diag_name(ld->diags, node, "unknown-locale",
	    "numbers and dates cannot be written as in", ld->pr->locale, names,
	    n);
}

static void
load_currency(struct cdp_loader *ld, const struct cdp_node *node)
{
	struct cdp_buf b = { 0 };

	if (cdp_load_str(ld, node, "currency", &ld->pr->currency) &&
	    cdp_locale_money(&b, cdp_locale_find(CDP_STR("en-US")),
		(struct cdp_dec){ 0 }, ld->pr->currency, NULL) != 0)
		cdp_diag_error(ld->diags, node, "bad-value",
		    "a currency is three capital letters, such as BRL");
	cdp_buf_free(&b);
}

void
cdp_load_settings(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const known[] = { "name", "timezone", "locale",
		"currency", "store", NULL };
	struct cdp_project *pr = ld->pr;
	struct cdp_node *v;

	cdp_diag_keys(ld->diags, node, "project", known);
	if ((v = cdp_node_get(node, "name")) != NULL)
		cdp_load_str(ld, v, "the project's name", &pr->name);
	if ((v = cdp_node_get(node, "timezone")) != NULL)
		load_timezone(ld, v);
	if ((v = cdp_node_get(node, "locale")) != NULL)
		load_locale(ld, v);
	if ((v = cdp_node_get(node, "currency")) != NULL)
		load_currency(ld, v);
	if ((v = cdp_node_get(node, "store")) != NULL)
		cdp_load_str(ld, v, "store", &pr->store);
}

/* ---- clock ---- */

void
cdp_load_clock(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const known[] = { "ahead", "lateness", "tick",
		NULL };
	struct cdp_node *v;
	int64_t ms;

	cdp_diag_keys(ld->diags, node, "clock", known);
	if ((v = cdp_node_get(node, "lateness")) != NULL)
		cdp_load_duration(ld, v, "lateness", &ld->pr->lateness_ms);
	if ((v = cdp_node_get(node, "ahead")) != NULL)
		cdp_load_duration(ld, v, "ahead", &ld->pr->ahead_ms);
	v = cdp_node_get(node, "tick");
	if (v == NULL || !cdp_load_duration(ld, v, "tick", &ms))
		return;
	if (ms > 0)
		ld->pr->tick_ms = ms;
	else
		cdp_diag_error(ld->diags, v, "bad-value",
		    "a tick must be longer than nothing");
}

/* ---- vars ---- */

static const struct cdp_define *
defined(const struct cdp_define *def, size_t ndef, struct cdp_str name)
{
	while (ndef-- > 0)
		if (cdp_str_eq(def[ndef].name, name))
			return &def[ndef];
	return NULL;
}

/* What -D says takes the kind of what it replaces. */
static void
put_defined(struct cdp_buf *b, const struct cdp_node *old, struct cdp_str text)
{
	struct cdp_node node = { .text = text, .plain = true };
	bool yes;

	node.plain = (cdp_node_is_number(old) && cdp_node_is_number(&node)) ||
	    (cdp_node_is_bool(old, &yes) && cdp_node_is_bool(&node, &yes));
	cdp_node_json(b, &node);
}

void
cdp_load_vars(struct cdp_loader *ld, const struct cdp_define *def, size_t ndef)
{
	const struct cdp_define *d;
	const struct cdp_file *f;
	struct cdp_str *names = NULL;
	struct cdp_buf b = { 0 };
	struct cdp_node *map;
	size_t i, j, n = 0;

	cdp_buf_putc(&b, '{');
	for (f = ld->pr->file; f != NULL; f = f->next) {
		map = cdp_node_get(f->root, "vars");
		if (map == NULL || map->kind != CDP_NODE_MAP)
			continue;
		names = cdp_load_grow(ld, names, n, map->n, sizeof(*names));
		for (i = 0; i < map->n; i++) {
			names[n++] = map->key[i]->text;
			cdp_json_comma(&b);
			cdp_json_str(&b, map->key[i]->text);
			cdp_buf_putc(&b, ':');
			d = defined(def, ndef, map->key[i]->text);
			if (d != NULL)
				put_defined(&b, map->item[i], d->value);
			else
				cdp_node_json(&b, map->item[i]);
		}
	}
	cdp_buf_putc(&b, '}');
	cdp_jq_vars(ld->jq, cdp_buf_str(&b));
	cdp_buf_free(&b);
	for (i = 0; i < ndef; i++) {
		for (j = 0; j < n && !cdp_str_eq(def[i].name, names[j]); j++)
			;
		if (j == n)
			cdp_diag_name(ld->diags, NULL, "unknown-var",
			    "-D: vars has no", def[i].name, names, n);
	}
}
