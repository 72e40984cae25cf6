#include "lib/profile/merge.h"

#include "lib/base/hash.h"
#include "lib/json/write.h"
#include "lib/profile/changes.h"
#include "lib/profile/circles.h"
#include "lib/profile/consent.h"
#include "lib/profile/graph.h"
#include "lib/profile/groups.h"
#include "lib/profile/links.h"
#include "lib/profile/parts.h"
#include "lib/profile/privacy.h"
#include "lib/profile/save.h"
#include "lib/profile/state.h"
#include "lib/profile/timers.h"
#include "lib/profile/traits.h"
#include "lib/profile/unmerge.h"
#include "lib/profile/view.h"
#include "lib/profile/violation.h"

/* ---- the parts of a step ---- */

static struct cdp_stamp
stamp_of(const struct cdp_line *ln, int64_t at_ms)
{
	return (struct cdp_stamp){ at_ms, ln->message_id };
}

static void
merge_line(struct cdp_merge *m, const struct cdp_line *ln, int64_t at_ms,
    const struct cdp_profile *from, const struct cdp_profile *into)
{
	struct cdp_str of[3] = { cdp_str_of(from->id), cdp_str_of(into->id),
		ln->message_id };
	struct cdp_buf *b = &m->out;
	char id[29] = "mrg_";

	if (m->changes >= CDP_CHANGES_IDENTIFY || m->people)
		return; /* nothing but Segment's own events, or people */
	cdp_hash_sha256(of, 3, id + 4, 24);
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "type", CDP_STR("merge"));
	cdp_json_ktime(b, "timestamp", at_ms);
	cdp_json_kstr(b, "messageId", cdp_str_of(id));
	cdp_json_kstr(b, "from", of[0]);
	cdp_json_kstr(b, "into", of[1]);
	cdp_json_kstr(b, "by", of[2]);
	cdp_buf_putc(b, '}');
	cdp_outs_line(m->outs, cdp_buf_str(b));
}

/* Both lists of ids are sorted, and from's own goes in between. */
static void
join_merged(struct cdp_profile *into, const struct cdp_profile *from)
{
	size_t i = into->nmerged, j = from->nmerged, k = i + j + 1;
	bool own = true;

	into->merged =
	    cdp_xreallocarray(into->merged, k, sizeof(*into->merged));
	into->nmerged = k;
	while (k-- != 0) {
		const char *last = own ? from->id : "";

		if (j != 0 && strcmp(from->merged[j - 1], last) > 0)
			last = from->merged[j - 1];
		if (i != 0 && strcmp(into->merged[i - 1], last) > 0)
			last = into->merged[i - 1];
		if (last == from->id)
			own = false;
		else if (j != 0 && last == from->merged[j - 1])
			j--;
		else
			i--;
		if (last != into->merged[k])
			memmove(into->merged[k], last, sizeof(from->id));
	}
}

/* Everything that from is and has becomes into's. */
static void
join(struct cdp_merge *m, struct cdp_profile *into, struct cdp_profile *from)
{
	cdp_parts_begin(m, into);
	cdp_parts_begin(m, from);
	cdp_graph_join(m, into, from);
	cdp_links_join(into, from);
	cdp_violation_join(into, from);
	cdp_traits_join(into, from);
	cdp_consent_join(into, from);
	cdp_computed_join(&into->u, &from->u, &m->tmp);
	cdp_groups_merge(m, into, from);
	join_merged(into, from);
	cdp_due_set(&m->due, &from->u.due, INT64_MAX);
	cdp_profile_free(from);
	from->into = into;
	into->fresh_view = false;
	cdp_profile_touch(m, &from->u);
	m->nmerge++;
}

/*
 * The one profile of the event: found, founded or merged, with all that was
 * due until now done.
 */
static int
resolve(struct cdp_merge *m, const struct cdp_line *ln, struct cdp_id *ids,
    size_t nids, int64_t at_ms, int64_t *now_ms, struct cdp_profile **ret,
    struct cdp_link **link, struct cdp_err *err)
{
	struct cdp_found f;
	struct cdp_profile *p;
	bool fresh;
	size_t i, j;
	int rc;

	*ret = NULL;
	cdp_graph_resolve(m, ids, nids, at_ms, &f);
	if (f.nids == 0)
		return 0;
	for (i = 0; i < f.n; i++)
		if (f.p[i]->u.now_ms > *now_ms)
			*now_ms = f.p[i]->u.now_ms;
	if ((rc = cdp_timers_advance(m, f.p, f.n, *now_ms, err)) != 0)
		return rc;
	p = f.n != 0 ? f.p[0]
		     : cdp_graph_found(m, &ids[0], stamp_of(ln, at_ms));
	for (i = 0; f.n > 1 && i < f.n; i++)
		for (j = 0; j < f.p[i]->nmember; j++)
			if ((rc = cdp_timers_prepare(m,
				 f.p[i]->member[j].circle, *now_ms, err)) != 0)
				return rc;
	for (i = 1; i < f.n; i++) {
		merge_line(m, ln, at_ms, f.p[i], p);
		join(m, p, f.p[i]);
	}
	if (f.n > 1) {
		(void)cdp_computed_expire(&p->u, *now_ms, &m->tmp);
		cdp_timers_set(m, &p->u); /* also what the others waited for */
	}
	for (i = 0; f.n == 1 && i < f.nids; i++)
		if (ids[i].known == NULL)
			cdp_parts_begin(m, p);
	fresh = cdp_graph_attach(m, p, ids, f.nids, at_ms) || f.n != 1;
	*link = cdp_links_event(m, p, ids, f.nids, fresh, stamp_of(ln, at_ms));
	if (fresh) {
		p->fresh_view = false;
		cdp_profile_touch(m, &p->u);
	}
	*ret = p;
	return 0;
}

/* The group call's circles: join them. */
static int
join_circles(struct cdp_merge *m, struct cdp_profile *p,
    const struct cdp_line *ln, int64_t at_ms, int64_t now_ms,
    struct cdp_err *err)
{
	struct cdp_circle *c;
	size_t i;
	int rc;

	for (i = 0; i < m->pr->ngroup; i++) {
		if ((c = cdp_groups_named(m, i, ln)) == NULL)
			continue;
		if ((rc = cdp_timers_prepare(m, c, now_ms, err)) != 0)
			return rc;
		if (cdp_groups_join(m, p, c, stamp_of(ln, at_ms)))
			p->fresh_view = false;
		cdp_profile_touch(m, &p->u);
	}
	return 0;
}

/* Out of the circles that the event is about leaving. */
static int
leave_circles(struct cdp_merge *m, struct cdp_profile *p,
    const struct cdp_line *ln, int64_t now_ms, struct cdp_err *err)
{
	struct cdp_circle *c;
	size_t i = 0;
	int rc;

	while (i < p->nmember) {
		c = p->member[i].circle;
		if (!cdp_groups_leaves(m, c, ln)) {
			i++;
			continue;
		}
		if ((rc = cdp_timers_prepare(m, c, now_ms, err)) != 0)
			return rc;
		cdp_groups_quit(m, p, c);
		cdp_groups_note_left(m, c);
		p->fresh_view = false;
		cdp_profile_touch(m, &p->u);
	}
	return 0;
}

/* Count the event for one unit. */
static bool
count(struct cdp_merge *m, struct cdp_unit *u, const struct cdp_line *ln,
    int64_t now_ms)
{
	struct cdp_count c = { ln, now_ms, m->pr->jq, &m->tmp,
		cdp_profile_fault, m };
	bool touched = false, changed;

	if (u->now_ms < now_ms) {
		u->now_ms = now_ms;
		touched = u->defs->windowed;
	}
	c.now_ms = u->now_ms;
	changed = cdp_computed_event(u, &c, &touched);
	if (!touched)
		return false;
	cdp_profile_touch(m, u);
	cdp_timers_set(m, u);
	return changed;
}

static int
count_circles(struct cdp_merge *m, struct cdp_profile *p,
    const struct cdp_line *ln, int64_t now_ms, struct cdp_err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < p->nmember; i++) {
		struct cdp_circle *c = p->member[i].circle;

		if (!cdp_computed_cares(c->u.defs, ln) ||
		    !cdp_groups_counts(c, ln))
			continue;
		if ((rc = cdp_timers_prepare(m, c, now_ms, err)) != 0)
			return rc;
		if (count(m, &c->u, ln, now_ms)) {
			c->changed = true;
			c->shown = false;
		}
	}
	return 0;
}

/* What the event says about its person. */
static int
learn(struct cdp_merge *m, struct cdp_profile *p, const struct cdp_line *ln,
    int64_t at_ms, int64_t now_ms, struct cdp_err *err)
{
	bool touched = false;
	int rc;

	if (ln->type == CDP_IDENTIFY) {
		if (cdp_traits_identify(p, ln, stamp_of(ln, at_ms)))
			p->fresh_view = false;
		touched = true;
	}
	if (cdp_consent_event(m, p, ln, stamp_of(ln, at_ms), &touched))
		p->fresh_view = false;
	if (ln->type == CDP_GROUP &&
	    (rc = join_circles(m, p, ln, at_ms, now_ms, err)) != 0)
		return rc;
	m->nleft = 0;
	if ((rc = leave_circles(m, p, ln, now_ms, err)) != 0)
		return rc;
	if (count(m, &p->u, ln, now_ms))
		p->fresh_view = false;
	if (touched)
		cdp_profile_touch(m, &p->u);
	return count_circles(m, p, ln, now_ms, err);
}

/* ---- the step ---- */

/* On to the next filter, unless something else is printed. */
static void
pass(struct cdp_merge *m)
{
	if (m->changes == CDP_CHANGES_NONE && !m->people)
		cdp_outs_pass(m->outs);
}

static int
step_event(struct cdp_merge *m, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err)
{
	int64_t at_ms = cdp_merge_time(m, ln);
	int64_t now_ms = at_ms > m->clock_ms ? at_ms : m->clock_ms;
	struct cdp_id ids[CDP_IDS_MAX];
	struct cdp_profile *p = NULL;
	struct cdp_link *link = NULL;
	bool others;
	size_t nids;
	int rc;

	if ((rc = cdp_privacy_drops(m, ln, at_ms, outs, err)) != 0)
		return rc == CDP_END ? 0 : rc;
	if ((rc = cdp_identifiers_extract(m, ln, ids, &nids, err)) != 0 ||
	    (rc = resolve(m, ln, ids, nids, at_ms, &now_ms, &p, &link, err)) !=
		0)
		return rc;
	if (p == NULL) {
		cdp_outs_reject(outs, "no_identifiers", CDP_STR(""),
		    CDP_STR("no matching identifiers on event"));
		pass(m);
		return 0;
	}
	if ((rc = learn(m, p, ln, at_ms, now_ms, err)) != 0)
		return rc;
	if (!m->pr->identity.irreversible)
		cdp_parts_event(m, p, link, ln, at_ms);
	others = p->nmember + m->nleft != 0 && cdp_circles_refresh(m, p);
	cdp_view_profile(m, p);
	if (m->changes != CDP_CHANGES_NONE)
		cdp_changes_tell(m, p, at_ms);
	else if (!m->people)
		cdp_outs_pass_one(outs,
		    &(struct cdp_edit){ .edit = cdp_buf_str(&p->edit),
			.spot = &p->spot });
	if (others)
		cdp_circles_tell(m, p, at_ms);
	if (m->nnoted != 0)
		cdp_violation_tell(m, p, stamp_of(ln, at_ms));
	return 0;
}

static int
step_line(struct cdp_merge *m, const struct cdp_line *ln, struct cdp_outs *outs,
    struct cdp_err *err)
{
	int rc;

	if (cdp_type_is_event(ln->type))
		return step_event(m, ln, outs, err);
	if (ln->type == CDP_UNMERGE)
		return cdp_unmerge_command(m, ln, outs, err);
	if (cdp_type_is_command(ln->type))
		return cdp_privacy_command(m, ln, outs, err);
	if (ln->type == CDP_CLOCK && ln->ts_ms > m->clock_ms) {
		if ((rc = cdp_timers_all(m, ln->ts_ms, err)) != 0)
			return rc;
		m->clock_ms = ln->ts_ms;
		m->clock_dirty = true;
	}
	if (ln->type == CDP_OBJECT_ROW &&
	    (rc = cdp_catalog_line(&m->catalog, ln, err)) != 0)
		return rc;
	pass(m);
	return 0;
}

static int
step(void *self, const struct cdp_line *ln, struct cdp_outs *outs,
    struct cdp_err *err)
{
	struct cdp_merge *m = self;
	int rc;

	m->outs = outs;
	m->mem = ln->mem;
	m->told_by = ln->message_id;
	m->nnoted = 0;
	rc = step_line(m, ln, outs, err);
	m->outs = NULL;
	if (rc == 0 && m->broken.code != 0) {
		*err = m->broken;
		rc = m->broken.code;
	}
	return rc;
}

static int
open_log(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_merge *m = self;
	int rc;

	m->log = log;
	cdp_catalog_open(&m->catalog, m->pr, log);
	if (log == NULL)
		return 0;
	m->all = cdp_log_is_new(log);
	rc = cdp_suppress_open(&m->suppress, log, err);
	return rc != 0 ? rc : cdp_state_open(m, err);
}

static int
save(void *self, struct cdp_log *log, struct cdp_err *err)
{
	(void)log;
	cdp_save_all(self);
	return cdp_state_trim(self, err);
}

const struct cdp_stage_ops cdp_merge_ops = {
	.name = "merge",
	.open = open_log,
	.step = step,
	.save = save,
	.sets = "profile",
};
