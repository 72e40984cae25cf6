#include "lib/emit/gate.h"

#include <stdlib.h>

bool
cdp_gate_names(const struct cdp_category *cat, struct cdp_str destination)
{
	for (size_t i = 0; i < cat->ndest; i++)
		if (cdp_str_eq(cat->dest[i], destination))
			return true;
	return false;
}

enum cdp_gate_why
cdp_gate_consent(const struct cdp_consent *con, struct cdp_str destination,
    const struct cdp_tape *t, uint32_t profile, struct cdp_str *category)
{
	uint32_t said = cdp_tape_get(t, profile, CDP_STR("consent")), v;

	for (size_t i = 0; i < con->ncat; i++) {
		if (!cdp_gate_names(&con->cat[i], destination))
			continue;
		*category = con->cat[i].name;
		v = cdp_tape_get(t, said, con->cat[i].name);
		if (v == CDP_NOTOK) {
			if (!con->unknown_allow)
				return CDP_GATE_UNKNOWN;
			continue;
		}
		if (cdp_tape_kind(t, v) == CDP_FALSE)
			return CDP_GATE_REFUSED;
		if (cdp_tape_kind(t, v) != CDP_TRUE)
			return CDP_GATE_CONFLICT;
	}
	return CDP_GATE_OPEN;
}

bool
cdp_gate_integrations(
    const struct cdp_tape *t, uint32_t event, struct cdp_str destination)
{
	uint32_t list = cdp_tape_get(t, event, CDP_STR("integrations"));
	uint32_t v = cdp_tape_get(t, list, destination);

	if (v == CDP_NOTOK)
		v = cdp_tape_get(t, list, CDP_STR("All"));
	return v == CDP_NOTOK || !cdp_tape_isa(t, v, CDP_FALSE);
}

static int
by_bytes(const void *a, const void *b)
{
	return cdp_str_cmp(
	    *(const struct cdp_str *)a, *(const struct cdp_str *)b);
}

bool
cdp_gate_listed(const struct cdp_project *pr, struct cdp_str value)
{
	const struct cdp_outreach * or = &pr->outreach;

	return or
		   ->nlisted != 0 &&
	    bsearch(&value, or->listed, or->nlisted, sizeof(value), by_bytes) !=
		NULL;
}

/* Identifiers are written as cdp-merge has made them alike. */
bool
cdp_gate_suppressed(const struct cdp_project *pr, const struct cdp_tape *t,
    uint32_t profile, struct cdp_arena *mem)
{
	uint32_t ids = cdp_tape_get(t, profile, CDP_STR("identifiers"));
	uint32_t it = 0, sub, key, list, v;

	if (cdp_tape_isa(
		t, cdp_tape_get(t, profile, CDP_STR("suppressed")), CDP_TRUE))
		return true;
	while (pr->outreach.nlisted != 0 &&
	    cdp_tape_next(t, ids, &it, &key, &list))
		for (sub = 0; cdp_tape_next(t, list, &sub, &key, &v);)
			if (cdp_gate_listed(pr, cdp_tape_str(t, v, mem)))
				return true;
	return false;
}

static const struct cdp_step *
find_step(
    const struct cdp_project *pr, struct cdp_str journey, struct cdp_str step)
{
	for (size_t i = 0; i < pr->njourney; i++) {
		const struct cdp_journey *jr = &pr->journey[i];

		for (size_t k = 0; k < jr->nstep; k++)
			if (cdp_str_eq(jr->key, journey) &&
			    cdp_str_eq(jr->step[k].id, step))
				return &jr->step[k];
	}
	return NULL;
}

/* What a step adds may be taken back under older or newer rules than it was
 * added by; "remove" is what nearly all of them say. */
enum cdp_gate_way
cdp_gate_way(const struct cdp_project *pr, struct cdp_str journey,
    struct cdp_str step, struct cdp_str action)
{
	const struct cdp_step *st = find_step(pr, journey, step);

	if (st != NULL && cdp_str_eq(st->action, action))
		return st->undo.n != 0 ? CDP_GATE_UNDOABLE : CDP_GATE_PLAIN;
	if (cdp_str_is(action, "remove") ||
	    (st != NULL && st->undo.n != 0 && cdp_str_eq(st->undo, action)))
		return CDP_GATE_UNDO;
	return CDP_GATE_PLAIN;
}

enum cdp_gate_way
cdp_gate_way_of(const struct cdp_project *pr, const struct cdp_tape *t,
    struct cdp_str journey, struct cdp_str step, struct cdp_str action)
{
	uint32_t at = cdp_tape_get(t, 0, CDP_STR("undo"));

	switch (cdp_tape_kind(t, at)) {
	case CDP_TRUE:
		return CDP_GATE_UNDO;
	case CDP_STRING:
		return CDP_GATE_UNDOABLE;
	case CDP_FALSE:
		return CDP_GATE_PLAIN;
	default:
		return cdp_gate_way(pr, journey, step, action);
	}
}
