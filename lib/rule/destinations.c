#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/rule/file.h"
#include "lib/rule/presets.h"

static void
load_settings(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	static const char *const known[] = { "dir", NULL };
	const struct cdp_node *v = cdp_node_get(map, "settings");
	const struct cdp_node *dir;

	if (v != NULL && !cdp_load_is_map(ld, v, "settings"))
		return;
	if (v != NULL)
		cdp_diag_keys(ld->diags, v, "settings of preset 'file'", known);
	dir = cdp_node_get(v, "dir");
	if (dir == NULL)
		cdp_diag_error(ld->diags, v != NULL ? v : map, "missing-key",
		    "preset 'file' needs settings: {dir: DIRECTORY}");
	else if (cdp_load_str(ld, dir, "dir", &d->dir) && d->dir.n == 0)
		cdp_diag_error(
		    ld->diags, dir, "bad-value", "dir must name a directory");
	else if (d->dir.n != 0 && !cdp_file_inside(d->dir))
		cdp_diag_error(ld->diags, dir, "bad-value",
		    "dir '%.*s' must be below the project's directory",
		    (int)d->dir.n, d->dir.p);
}

/* A program beside us; it takes one after the other. */
static void
load_exec(struct cdp_loader *ld, const struct cdp_node *exec,
    const struct cdp_node *map, struct cdp_destination *d)
{
	static const char *const known[] = { "command", NULL };

	if (!cdp_load_is_map(ld, exec, "exec"))
		return;
	cdp_diag_keys(ld->diags, exec, "exec", known);
	if (cdp_node_get(exec, "command") != NULL)
		cdp_load_strs(ld, cdp_node_get(exec, "command"), "command",
		    &d->command, &d->ncommand);
	else
		cdp_diag_error(ld->diags, exec, "missing-key",
		    "exec needs command: [PROGRAM, ARGUMENT ...]");
	if (cdp_node_get(map, "batch") != NULL)
		cdp_diag_error(ld->diags, cdp_node_get(map, "batch"),
		    "bad-value", "a program gets its lines one by one");
}

static void
load_via(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	const struct cdp_node *request = cdp_node_get(map, "request");
	const struct cdp_node *mail = cdp_node_get(map, "mail");
	const struct cdp_node *exec = cdp_node_get(map, "exec");

	if (cdp_str_is(d->preset, "file")) {
		d->via = CDP_VIA_FILE;
		load_settings(ld, map, d);
	} else if (request != NULL) {
		d->via = CDP_VIA_HTTP;
		cdp_load_request(ld, request, d);
	} else if (mail != NULL) {
		d->via = CDP_VIA_SMTP;
		d->address = CDP_NORM_EMAIL;
		cdp_load_mail(ld, mail, d);
	} else if (exec != NULL) {
		d->via = CDP_VIA_EXEC;
		load_exec(ld, exec, map, d);
	} else {
		cdp_diag_error(ld->diags, map, "missing-key",
		    "destination '%.*s' needs a preset, such as "
		    "'preset: file', or a request or mail",
		    (int)d->name.n, d->name.p);
	}
}

static void
load_program(struct cdp_loader *ld, const struct cdp_node *map, const char *key,
    int *ret)
{
	const struct cdp_node *v = cdp_node_get(map, key);

	if (v != NULL)
		cdp_load_jq(ld, v, key, ret);
}

/* As the project's own file says it, or as its preset is written out. */
static bool
load_preset(struct cdp_loader *ld, const struct cdp_node **map,
    struct cdp_destination *d)
{
	const struct cdp_node *v = cdp_node_get(*map, "preset");
	const struct cdp_node *request = cdp_node_get(*map, "request");
	struct cdp_preset ps;

	if (v != NULL && request != NULL) {
		cdp_diag_error(ld->diags, request, "bad-value",
		    "a destination has a preset or a request, not both");
		return false;
	}
	if (v == NULL || !cdp_load_str(ld, v, "preset", &d->preset))
		return v == NULL;
	if (cdp_str_is(d->preset, "file"))
		return true;
	if (!cdp_preset_expand(ld, *map, v, &ps))
		return false;
	ld->settings = ps.settings;
	cdp_load_own_secrets(ld, *map, ps.secret, ps.nsecret, d);
	*map = ps.map;
	return true;
}

static void
load_destination(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	static const char *const known[] = { "preset", "secrets", "channel",
		"to", "from", "reply_to", "unsubscribe", "body", "settings",
		"request", "mail", "exec", "ca", "batch", "rate", "retry",
		"timeout", "parallel", "remembers", "allow_private", "events",
		"traits", "audiences", "one_list", "auth", "address", NULL };
	static const char *const kinds[] = { "any", "email", "phone", NULL };
	const struct cdp_node *v;
	int k;

	if (!cdp_load_is_map(ld, map, "a destination"))
		return;
	cdp_diag_keys(ld->diags, map, "a destination", known);
	if (!load_preset(ld, &map, d))
		return;
	if ((v = cdp_node_get(map, "channel")) != NULL)
		cdp_load_str(ld, v, "channel", &d->channel);
	if ((v = cdp_node_get(map, "address")) != NULL &&
	    cdp_load_choice(ld, v, "address", kinds, &k))
		d->address = (enum cdp_normalize)k;
	ld->strict = true;
	load_program(ld, map, "to", &d->to);
	load_program(ld, map, "from", &d->from);
	load_program(ld, map, "reply_to", &d->reply_to);
	load_program(ld, map, "unsubscribe", &d->unsubscribe);
	ld->strict = false;
	load_program(ld, map, "body", &d->body);
	load_via(ld, map, d);
	cdp_load_sending(ld, map, d);
	cdp_load_feeds(ld, map, d);
	cdp_load_auth(ld, map, d);
}

void
cdp_load_destinations(struct cdp_loader *ld, struct cdp_node *node)
{
	struct cdp_project *pr = ld->pr;
	struct cdp_destination *d;
	size_t i;

	pr->destination = cdp_load_grow(ld, pr->destination, pr->ndestination,
	    node->n, sizeof(*pr->destination));
	for (i = 0; i < node->n; i++) {
		d = &pr->destination[pr->ndestination++];
		d->name = d->channel = node->key[i]->text;
		d->to = d->from = d->body = d->url = d->form = -1;
		d->method_jq = -1;
		d->results = d->user = d->reply_to = d->unsubscribe = -1;
		d->node = node->item[i];
		ld->settings = (struct cdp_str){ 0 };
		load_destination(ld, node->item[i], d);
		ld->settings = (struct cdp_str){ 0 };
	}
}

/* The node of the k-th destination that a category names. */
static const struct cdp_node *
named_at(const struct cdp_category *cat, size_t k)
{
	const struct cdp_node *v = cdp_node_get(cat->node, "destinations");

	return v->kind == CDP_NODE_SEQ ? v->item[k] : v;
}

void
cdp_check_destinations(struct cdp_loader *ld)
{
	const struct cdp_project *pr = ld->pr;
	struct cdp_str *names;
	size_t i, k;

	names = cdp_xcalloc(pr->ndestination + 1, sizeof(*names));
	for (i = 0; i < pr->ndestination; i++)
		names[i] = pr->destination[i].name;
	for (i = 0; i < pr->consent.ncat; i++) {
		const struct cdp_category *cat = &pr->consent.cat[i];

		for (k = 0; k < cat->ndest; k++)
			if (cdp_project_destination(pr, cat->dest[k]) == NULL)
				cdp_diag_name(ld->diags, named_at(cat, k),
				    "unknown-destination", "no destination",
				    cat->dest[k], names, pr->ndestination);
	}
	free(names);
}
