#include "lib/profile/traits.h"

/* Its place by name, or the place it would have. */
static size_t
find(const struct cdp_profile *p, struct cdp_str name, bool *found)
{
	size_t lo = 0, hi = p->ncustom;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = cdp_str_cmp(p->custom[mid].name, name);

		if (c == 0) {
			*found = true;
			return mid;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*found = false;
	return lo;
}

bool
cdp_traits_set(struct cdp_profile *p, struct cdp_str name, struct cdp_str val,
    struct cdp_stamp at)
{
	struct cdp_custom *c;
	bool found;
	size_t i = find(p, name, &found);

	if (!found) {
		p->custom = cdp_profile_insert(p->custom, &p->ncustom,
		    &p->customcap, sizeof(*p->custom), i);
		p->custom[i] = (struct cdp_custom){ cdp_mem_own(name),
			cdp_mem_own(val), cdp_stamp_own(at) };
		return val.n != 0;
	}
	c = &p->custom[i];
	if (cdp_stamp_cmp(at, c->at) < 0)
		return false;
	cdp_stamp_free(&c->at);
	c->at = cdp_stamp_own(at);
	if (cdp_str_eq(c->val, val))
		return false;
	cdp_mem_disown(&c->val);
	c->val = cdp_mem_own(val);
	return true;
}

bool
cdp_traits_identify(
    struct cdp_profile *p, const struct cdp_line *ln, struct cdp_stamp at)
{
	const struct cdp_tape *t = ln->tape;
	uint32_t traits = cdp_tape_get(t, 0, CDP_STR("traits"));
	uint32_t it = 0, key, val;
	bool changed = false;

	if (!cdp_tape_isa(t, traits, CDP_OBJECT))
		return false;
	while (cdp_tape_next(t, traits, &it, &key, &val)) {
		struct cdp_str v = cdp_tape_raw(t, val);

		if (cdp_tape_kind(t, val) == CDP_NULL)
			v.n = 0;
		if (cdp_traits_set(p, cdp_tape_str(t, key, ln->mem), v, at))
			changed = true;
	}
	return changed;
}

void
cdp_traits_join(struct cdp_profile *p, const struct cdp_profile *from)
{
	size_t i;

	for (i = 0; i < from->ncustom; i++)
		cdp_traits_set(p, from->custom[i].name, from->custom[i].val,
		    from->custom[i].at);
}

void
cdp_traits_free(struct cdp_profile *p)
{
	size_t i;

	for (i = 0; i < p->ncustom; i++) {
		cdp_mem_disown(&p->custom[i].name);
		cdp_mem_disown(&p->custom[i].val);
		cdp_stamp_free(&p->custom[i].at);
	}
	free(p->custom);
	p->custom = NULL;
	p->ncustom = p->customcap = 0;
}
