#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/rule/load.h"

/* [vip, new], or {vip: "2385", new: "2386"}: what they are called there. */
static void
load_audiences(
    struct cdp_loader *ld, const struct cdp_node *v, struct cdp_destination *d)
{
	const struct cdp_str *name;
	size_t n = 0;

	if (v->kind != CDP_NODE_MAP) {
		if (!cdp_load_strs(ld, v, "audiences", &name, &n))
			return;
		d->feed = cdp_arena_calloc(ld->mem, n + 1, sizeof(*d->feed));
		for (; d->nfeed < n; d->nfeed++)
			d->feed[d->nfeed] =
			    (struct cdp_feed){ .audience = name[d->nfeed],
				    .at = v->kind == CDP_NODE_SEQ
					? v->item[d->nfeed]
					: v };
		return;
	}
	d->feed = cdp_arena_calloc(ld->mem, v->n + 1, sizeof(*d->feed));
	for (size_t i = 0; i < v->n; i++) {
		struct cdp_feed *f = &d->feed[d->nfeed];

		f->audience = v->key[i]->text;
		f->at = v->key[i];
		if (cdp_load_str(ld, v->item[i], "a list's name", &f->list))
			d->nfeed++;
	}
}

/*
 * Where who is in the audience stands: a destination that keeps one list has
 * it there, whichever audience it is, unless that has a list of its own; to
 * others each audience has a name.
 */
static void
name_units(struct cdp_destination *d)
{
	for (size_t i = 0; i < d->nfeed; i++) {
		struct cdp_feed *f = &d->feed[i];

		f->unit = f->list.n != 0 ? f->list
		    : d->one_list        ? (struct cdp_str){ 0 }
					 : f->audience;
	}
}

void
cdp_load_feeds(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	const struct cdp_node *v;

	if ((v = cdp_node_get(map, "events")) != NULL)
		cdp_load_strs(ld, v, "events", &d->event, &d->nevent);
	if ((v = cdp_node_get(map, "traits")) != NULL)
		cdp_load_strs(ld, v, "traits", &d->trait, &d->ntrait);
	if ((v = cdp_node_get(map, "one_list")) != NULL)
		cdp_load_bool(ld, v, "one_list", &d->one_list);
	if ((v = cdp_node_get(map, "audiences")) != NULL)
		load_audiences(ld, v, d);
	name_units(d);
	if (d->via == CDP_VIA_SMTP && d->nevent + d->ntrait + d->nfeed != 0)
		cdp_diag_error(ld->diags, map, "bad-value",
		    "a mail is what a journey sends: events, traits and "
		    "audiences are for a request, a program or files");
}

void
cdp_check_feeds(struct cdp_loader *ld)
{
	const struct cdp_project *pr = ld->pr;
	struct cdp_str *names = cdp_xcalloc(pr->naudience + 1, sizeof(*names));

	for (size_t i = 0; i < pr->naudience; i++)
		names[i] = pr->audience[i].key;
	for (size_t i = 0; i < pr->ndestination; i++) {
		const struct cdp_destination *d = &pr->destination[i];

		for (size_t k = 0; k < d->nfeed; k++) {
			size_t j = 0;

			while (j < pr->naudience &&
			    !cdp_str_eq(names[j], d->feed[k].audience))
				j++;
			if (j == pr->naudience)
				cdp_diag_name(ld->diags, d->feed[k].at,
				    "unknown-audience", "no audience",
				    d->feed[k].audience, names, pr->naudience);
		}
	}
	free(names);
}
