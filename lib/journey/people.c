#include "lib/journey/engine.h"

#define TEXTS 512 /* reasons and small names of an instance, about */

static struct cdp_traveller *
traveller(struct cdp_state *k)
{
	return (struct cdp_traveller *)k; /* its first member */
}

static void
clear(void *self, struct cdp_state *k)
{
	(void)self;
	traveller(k)->now_ms = CDP_TIME_NONE;
	traveller(k)->look_ms = INT64_MAX;
}

/* By other rules than those it was written by it may be due at other times. */
static void
read(void *self, struct cdp_state *k, const struct cdp_tape *t)
{
	struct cdp_journeys *js = self;

	cdp_traveller_read(traveller(k), &js->scheme, t, 0);
	cdp_states_due(&js->people, k, cdp_traveller_due(traveller(k)));
	cdp_parked_note(js, traveller(k));
}

static void
write(void *self, const struct cdp_state *k, struct cdp_buf *b)
{
	const struct cdp_journeys *js = self;

	cdp_traveller_write(b, (const struct cdp_traveller *)k, &js->scheme);
}

static bool
empty(void *self, const struct cdp_state *k)
{
	(void)self;
	return cdp_traveller_empty((const struct cdp_traveller *)k);
}

static size_t
bytes(void *self, const struct cdp_state *k)
{
	const struct cdp_traveller *p = (const struct cdp_traveller *)k;
	size_t n = p->profile.cap + p->parked.cap + p->parked_past.cap +
	    p->npast * sizeof(*p->past) + cdp_hist_bytes(&p->hist) +
	    cdp_shares_bytes(&p->shares);

	(void)self;
	for (size_t i = 0; i < p->nins; i++)
		n += sizeof(*p->ins[i]) + p->ins[i]->kept.cap +
		    p->ins[i]->event.cap + TEXTS;
	return n;
}

static void
drop(void *self, struct cdp_state *k)
{
	(void)self;
	cdp_traveller_free(traveller(k));
}

void
cdp_people_init(struct cdp_journeys *js)
{
	static const struct cdp_states_ops ops = {
		.size = sizeof(struct cdp_traveller),
		.fleeting = true,
		.clear = clear,
		.read = read,
		.write = write,
		.empty = empty,
		.bytes = bytes,
		.drop = drop,
	};

	cdp_states_init(&js->people, &ops, js);
}

int
cdp_people_get(struct cdp_journeys *js, struct cdp_str id,
    struct cdp_traveller **ret, struct cdp_err *err)
{
	struct cdp_state *k;
	int rc = cdp_states_get(&js->people, id, &k, err);

	*ret = traveller(k);
	if (rc == 0)
		cdp_move(js, *ret);
	return rc;
}

void
cdp_people_changed(struct cdp_journeys *js, struct cdp_traveller *p)
{
	if (p->nins == 0 && p->look_ms == INT64_MAX && p->parked.n == 0)
		cdp_buf_reset(&p->profile); /* only timers need it */
	cdp_states_due(&js->people, &p->k, cdp_traveller_due(p));
	cdp_states_changed(&js->people, &p->k);
}
