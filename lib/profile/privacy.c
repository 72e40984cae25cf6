#include "lib/profile/privacy.h"

#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/json/write.h"
#include "lib/profile/circles.h"
#include "lib/profile/groups.h"
#include "lib/profile/identifiers.h"
#include "lib/profile/links.h"
#include "lib/profile/state.h"
#include "lib/profile/timers.h"
#include "lib/profile/view.h"

/* Whom a command names. */
struct named {
	struct cdp_ident_value v[CDP_IDENTS_MAX];
	size_t nv;
	struct cdp_ident *ident[CDP_IDENTS_MAX]; /* those of v that are known */
	struct cdp_profile *p[CDP_IDENTS_MAX];   /* theirs, each once */
	size_t nident, np;
};

bool
cdp_privacy_suppressed(struct cdp_merge *m, const struct cdp_ident *id)
{
	struct cdp_suppressed now;
	struct cdp_err err = { 0 };
	int rc;

	rc = cdp_suppress_get(
	    &m->suppress, m->type[id->type], cdp_ident_value(id), &now, &err);
	/* If it cannot be asked, nothing is sent. */
	return rc < 0 || now.since_ms != CDP_TIME_NONE;
}

int
cdp_privacy_drops(struct cdp_merge *m, const struct cdp_line *ln, int64_t at_ms,
    struct cdp_outs *outs, struct cdp_err *err)
{
	enum cdp_suppress_why why;
	struct cdp_str type;
	int rc;

	rc = cdp_suppress_judge(
	    &m->suppress, &m->pr->identity, ln, at_ms, &why, &type, err);
	if (rc != 0)
		return rc;
	if (why != CDP_SUPPRESS_UNTIL && why != CDP_SUPPRESS_ERASED)
		return 0;
	cdp_outs_drop(outs, "suppressed", CDP_STR(""),
	    cdp_arena_printf(
		ln->mem, "its %.*s was deleted later", (int)type.n, type.p));
	return CDP_END;
}

static int
find(struct cdp_merge *m, const struct cdp_line *ln, struct named *who,
    struct cdp_err *err)
{
	struct cdp_ident *id;
	struct cdp_profile *p;
	struct cdp_str key;
	uint32_t type;
	size_t i, j;
	int rc;

	who->nident = who->np = 0;
	rc = cdp_ident_values(&m->pr->identity, ln, who->v, &who->nv, err);
	for (i = 0; rc == 0 && i < who->nv; i++) {
		const struct cdp_ident_value *v = &who->v[i];

		type = cdp_identifiers_type(m, v->name);
		key = cdp_identifiers_key(m, type, v->value, ln->mem);
		rc = cdp_identifiers_find(m, key, type, &id, err);
		if (rc != 0 || id == NULL || id->owner == NULL)
			continue;
		p = id->owner;
		rc = cdp_state_load(m, &p, err);
		who->ident[who->nident++] = id;
		for (j = 0; j < who->np && who->p[j] != p; j++)
			;
		if (j == who->np)
			who->p[who->np++] = p;
	}
	return rc;
}

/* ---- suppress, unsuppress ---- */

static int
suppress(struct cdp_merge *m, const struct cdp_line *ln,
    const struct named *who, int64_t at_ms, struct cdp_outs *outs)
{
	bool on = ln->type == CDP_SUPPRESS;
	size_t i;

	cdp_outs_pass(outs);
	for (i = 0; i < who->nident; i++)
		who->ident[i]->suppressed = on;
	for (i = 0; i < who->np; i++) {
		struct cdp_profile *p = who->p[i];

		p->fresh_view = false;
		cdp_profile_touch(m, &p->u);
		if (cdp_view_profile(m, p))
			cdp_view_line(m, p, at_ms);
	}
	return 0;
}

/* ---- delete ---- */

/* {"id":..,"merged":[..]}: enough for later stages to forget it, too. */
static void
put_profile(struct cdp_buf *b, const struct cdp_profile *p)
{
	size_t i;

	cdp_json_key(b, "profile");
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "id", cdp_str_of(p->id));
	for (i = 0; i < p->nmerged; i++) {
		cdp_buf_puts(b, i == 0 ? ",\"merged\":[" : ",");
		cdp_json_str(b, cdp_str_of(p->merged[i]));
	}
	cdp_buf_puts(b, i != 0 ? "]}" : "}");
}

/* The line passes with the first; each other has a line of its own. */
static void
tell(struct cdp_merge *m, const struct cdp_line *ln,
    const struct cdp_profile *p, bool first, int64_t at_ms,
    struct cdp_outs *outs)
{
	struct cdp_str of[2] = { cdp_str_of(p->id), ln->message_id };
	struct cdp_buf *b = &m->out;
	char id[29] = "del_";

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	if (!first) {
		cdp_hash_sha256(of, 2, id + 4, 24);
		cdp_json_kstr(b, "type", CDP_STR("delete"));
		cdp_json_ktime(b, "timestamp", at_ms);
		cdp_json_kstr(b, "messageId", cdp_str_of(id));
	}
	put_profile(b, p);
	cdp_buf_putc(b, '}');
	if (first)
		cdp_outs_pass_edit(outs, cdp_buf_str(b));
	else
		cdp_outs_line(outs, cdp_buf_str(b));
}

static void
forget(struct cdp_merge *m, struct cdp_profile *p)
{
	p->gone = true;
	p->into = NULL;
	p->loaded = true;
	p->fresh_view = false;
	cdp_due_set(&m->due, &p->u.due, INT64_MAX);
	cdp_profile_touch(m, &p->u);
}

/* Its epochs still know it: cdp-store erase asks for this list. */
static void
note(struct cdp_merge *m, const char *id, int64_t at_ms)
{
	struct cdp_buf *b = &m->json;
	char key[26];

	if (m->log == NULL)
		return;
	snprintf(key, sizeof(key), "x:%s", id);
	cdp_buf_reset(b);
	cdp_buf_i64(b, at_ms);
	cdp_log_put(m->log, cdp_str_of(key), cdp_buf_str(b), INT64_MAX);
}

/* The hash of each of its identifiers stays, and goes for events until at. */
static int
shut_out(struct cdp_merge *m, const struct cdp_profile *p, int64_t at_ms,
    struct cdp_err *err)
{
	struct cdp_suppressed now;
	struct cdp_str type, value;
	size_t i;
	int rc;

	for (i = 0; i < p->nident; i++) {
		type = m->type[p->ident[i]->type];
		value = cdp_ident_value(p->ident[i]);
		rc = cdp_suppress_get(&m->suppress, type, value, &now, err);
		if (rc < 0)
			return rc;
		if (now.until_ms < at_ms)
			now.until_ms = at_ms;
		rc = cdp_suppress_set(&m->suppress, type, value, &now, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* What the others in its circles see is up to date. */
static int
prepare(struct cdp_merge *m, struct cdp_profile *p, int64_t at_ms,
    struct cdp_err *err)
{
	size_t i;
	int rc = shut_out(m, p, at_ms, err);

	for (i = 0; rc == 0 && i < p->nmember; i++)
		rc = cdp_timers_prepare(m, p->member[i].circle, at_ms, err);
	return rc;
}

static void
wipe(struct cdp_merge *m, struct cdp_profile *p, int64_t at_ms)
{
	size_t i;

	for (i = 0; i < p->nmerged; i++) {
		forget(m, cdp_state_profile(m, cdp_str_of(p->merged[i])));
		note(m, p->merged[i], at_ms);
	}
	cdp_links_free(m, p);
	for (i = p->nident; i != 0; i--)
		cdp_identifiers_forget(m, p->ident[i - 1]);
	note(m, p->id, at_ms);
	cdp_profile_free(p);
	forget(m, p);
	m->ndeleted++;
}

/*
 * All of them leave before anybody is told: nothing may name one of them
 * behind its own line.
 */
static int delete (struct cdp_merge *m, const struct cdp_line *ln,
    const struct named *who, int64_t at_ms, struct cdp_outs *outs,
    struct cdp_err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < who->np; i++)
		if ((rc = prepare(m, who->p[i], at_ms, err)) != 0)
			return rc;
	if (who->np == 0)
		cdp_outs_pass(outs);
	for (i = 0; i < who->np; i++)
		tell(m, ln, who->p[i], i == 0, at_ms, outs);
	for (i = 0; i < who->np; i++)
		cdp_groups_leave(m, who->p[i]);
	for (i = 0; i < who->np; i++)
		if (cdp_circles_refresh(m, who->p[i]))
			cdp_circles_tell(m, who->p[i], at_ms);
	for (i = 0; i < who->np; i++)
		wipe(m, who->p[i], at_ms);
	return 0;
}

int
cdp_privacy_command(struct cdp_merge *m, const struct cdp_line *ln,
    struct cdp_outs *outs, struct cdp_err *err)
{
	int64_t at_ms = cdp_merge_time(m, ln);
	struct named who;
	int rc;

	if ((rc = find(m, ln, &who, err)) != 0 ||
	    (rc = cdp_suppress_apply(
		 &m->suppress, ln->type, who.v, who.nv, at_ms, err)) != 0)
		return rc;
	if (ln->type == CDP_DELETE)
		return delete (m, ln, &who, at_ms, outs, err);
	return suppress(m, ln, &who, at_ms, outs);
}
