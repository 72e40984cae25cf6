#include "lib/profile/profile.h"

#include "lib/profile/consent.h"
#include "lib/profile/traits.h"
#include "lib/profile/violation.h"

void *
cdp_profile_insert(void *v, size_t *n, size_t *cap, size_t size, size_t at)
{
	char *p = v;

	if (*n == *cap) {
		*cap = *cap != 0 ? *cap * 2 : 2;
		p = cdp_xreallocarray(p, *cap, size);
	}
	memmove(p + (at + 1) * size, p + at * size, (*n - at) * size);
	++*n;
	return p;
}

void
cdp_profile_touch(struct cdp_merge *m, struct cdp_unit *u)
{
	if (u->dirty)
		return;
	u->dirty = true;
	if (m->ndirty == m->dirtycap) {
		m->dirtycap = m->dirtycap != 0 ? m->dirtycap * 2 : 64;
		m->dirty =
		    cdp_xreallocarray(m->dirty, m->dirtycap, sizeof(*m->dirty));
	}
	m->dirty[m->ndirty++] = u;
}

void
cdp_profile_fault(
    void *arg, const struct cdp_trait *def, const struct cdp_err *err)
{
	struct cdp_merge *m = arg;

	if (err->code == CDP_ECONF) {
		m->broken = *err;
		return;
	}
	m->nfault++;
	if (m->outs != NULL)
		cdp_outs_reject(
		    m->outs, "trait_error", def->name, cdp_str_of(err->msg));
}

void
cdp_profile_free(struct cdp_profile *p)
{
	size_t i;

	cdp_unit_free(&p->u);
	p->u.win = NULL;
	for (i = 0; i < p->nmember; i++)
		cdp_stamp_free(&p->member[i].joined);
	free(p->member);
	free(p->ident);
	free(p->merged);
	p->member = NULL;
	p->ident = NULL;
	p->merged = NULL;
	p->nmember = p->nident = p->nmerged = 0;
	cdp_violation_free(p);
	cdp_traits_free(p);
	cdp_consent_free(p);
	cdp_stamp_free(&p->born);
	cdp_buf_free(&p->edit);
	cdp_buf_free(&p->told);
}

void
cdp_circle_free(struct cdp_circle *c)
{
	cdp_unit_free(&c->u);
	free(c->member);
	cdp_buf_free(&c->view);
	cdp_mem_disown(&c->u.due.id);
	free(c);
}
