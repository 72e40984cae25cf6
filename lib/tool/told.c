#include "lib/tool/told.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/audience/roll.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/emit/preview.h"
#include "lib/emit/told.h"
#include "lib/json/write.h"
#include "lib/profile/merge.h"
#include "lib/profile/net.h"
#include "lib/profile/people.h"
#include "lib/store/history.h"
#include "lib/tool/say.h"
#include "lib/tool/whom.h"

struct asking {
	const struct cdp_told_ask *q;
	struct cdp_store *st;
	struct cdp_log *merge, *audience;
	struct cdp_told told;
	struct cdp_arena mem;
};

/* A log of the store, or NULL if there is none. */
static int
open_log(struct asking *a, const char *stage, struct cdp_log **ret,
    struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = stage, .readonly = true };
	int rc = cdp_log_open(a->st, &opt, ret, err);

	return rc == CDP_END ? 0 : rc;
}

static int
open_all(struct asking *a, struct cdp_err *err)
{
	int rc = cdp_store_open(
	    &cdp_io_real, a->q->store, CDP_STORE_READ, &a->st, err);

	if (rc == CDP_END)
		return cdp_fail(
		    err, CDP_ECONF, "there is no store at '%s'", a->q->store);
	if (rc != 0 || (rc = open_log(a, "merge", &a->merge, err)) != 0 ||
	    (rc = open_log(a, "audience", &a->audience, err)) != 0 ||
	    (rc = open_log(a, "journey", &a->told.journey, err)) != 0 ||
	    (rc = open_log(a, "emit", &a->told.emit, err)) != 0 ||
	    (rc = open_log(a, "deliver", &a->told.deliver, err)) != 0)
		return rc;
	return open_log(a, "spool", &a->told.spool, err);
}

static void
close_all(struct asking *a)
{
	cdp_log_close(a->told.spool);
	cdp_log_close(a->told.deliver);
	cdp_log_close(a->told.emit);
	cdp_log_close(a->told.journey);
	cdp_log_close(a->audience);
	cdp_log_close(a->merge);
	cdp_store_close(a->st);
	cdp_arena_free(&a->mem);
}

/* The profile that cdp-merge knows by that name, or the name as it is. */
static int
whom(struct asking *a, const char *name, struct cdp_str *ret,
    struct cdp_err *err)
{
	struct cdp_net net;
	size_t at;
	int rc = CDP_END;

	*ret = cdp_str_of(name);
	if (a->merge != NULL &&
	    (cdp_str_starts(*ret, CDP_STR("p_")) || strchr(name, ':') != NULL))
		rc = cdp_net_find(
		    a->merge, a->q->pr, *ret, &a->mem, &net, &at, err);
	if (rc == 0)
		*ret = cdp_arena_dup(&a->mem, net.profile);
	return rc;
}

static int
note_time(void *arg, const struct cdp_epoch_info *info)
{
	int64_t *ms = arg;

	if (info->t_ms > *ms)
		*ms = info->t_ms;
	return 0;
}

/* How that person stands, whom one that was merged away has become, too. */
static int
person(void *arg, struct cdp_str id, struct cdp_buf *ret, struct cdp_err *err)
{
	struct asking *a = arg;
	struct cdp_net net;
	int64_t now;
	size_t at;
	int rc = cdp_net_find(a->merge, a->q->pr, id, &a->mem, &net, &at, err);

	if (rc == 0)
		rc = cdp_people_view(
		    a->q->pr, a->merge, net.profile, ret, &now, err);
	if (rc != 0 || a->audience == NULL)
		return rc;
	ret->n--;
	cdp_json_key(ret, "audiences");
	rc = cdp_roll_of(a->audience, a->q->pr, net.profile, ret, err);
	cdp_buf_putc(ret, '}');
	return rc;
}

/* Now is how far cdp-merge has come; without it nothing is known of people. */
static int
set_time(struct asking *a, struct cdp_err *err)
{
	int64_t ms = CDP_TIME_NONE;
	int rc = 0;

	a->told.person = person;
	a->told.arg = a;
	if (a->merge != NULL)
		rc = cdp_log_epochs(a->merge, note_time, &ms, err);
	a->told.past = a->q->past;
	a->told.at_ms = a->q->past && ms != CDP_TIME_NONE ? a->q->as_of_ms : ms;
	return rc;
}

static int
explain(struct asking *a, bool *no, struct cdp_err *err)
{
	struct cdp_str id;
	int rc = set_time(a, err);

	if (rc == 0)
		rc = whom(a, a->q->explain, &id, err);
	if (rc == 0 || rc == CDP_END)
		rc = cdp_told_explain(&a->told, id, cdp_say_line, NULL, err);
	if (rc != CDP_END)
		return rc;
	*no = true;
	if (cdp_whom_mistyped(a->q->tool, a->q->pr, cdp_str_of(a->q->explain)))
		return 0;
	cdp_say(a->q->tool,
	    "no delivery is known by '%s': give its id (dlv_...), its "
	    "activation's (act_...), or a person: a profile's id, or "
	    "TYPE:VALUE such as email:ana@example.com",
	    a->q->explain);
	return 0;
}

/* ---- the page ---- */

static const struct cdp_step *
sender(const struct cdp_project *pr, struct cdp_str template,
    const struct cdp_journey **jr)
{
	for (size_t i = 0; i < pr->njourney; i++)
		for (size_t k = 0; k < pr->journey[i].nstep; k++)
			if (cdp_str_eq(
				pr->journey[i].step[k].template, template)) {
				*jr = &pr->journey[i];
				return &pr->journey[i].step[k];
			}
	return NULL;
}

/* As a journey would write it that sends the template to that profile now. */
static int
make_up(struct asking *a, struct cdp_str id, struct cdp_str template,
    struct cdp_buf *b, struct cdp_err *err)
{
	const struct cdp_journey *jr = NULL;
	const struct cdp_step *st = sender(a->q->pr, template, &jr);
	struct cdp_buf who = { 0 };
	int64_t now_ms = 0;
	int rc = cdp_people_view(a->q->pr, a->merge, id, &who, &now_ms, err);

	cdp_buf_puts(b, "{\"type\":\"activation\"");
	cdp_json_kstr(b, "messageId", CDP_STR("act_preview"));
	cdp_json_ktime(b, "timestamp", now_ms);
	if (jr != NULL)
		cdp_json_kstr(b, "journey", jr->key);
	if (st != NULL)
		cdp_json_kstr(b, "step", st->id);
	cdp_json_kstr(b, "destination",
	    st != NULL ? st->send : CDP_STR("(no step sends it)"));
	cdp_json_kstr(b, "action", st != NULL ? st->action : CDP_STR("send"));
	cdp_json_kstr(b, "template", template);
	if (rc == 0)
		cdp_json_kraw(b, "profile", cdp_buf_str(&who));
	cdp_buf_puts(b, ",\"kept\":{}}");
	cdp_buf_free(&who);
	return rc;
}

static int
draw(struct asking *a, struct cdp_str json, bool real, struct cdp_err *err)
{
	struct cdp_project *pr = a->q->pr;
	struct cdp_desk desk = { .pr = pr,
		.render = { .jq = pr->jq },
		.kept = { .dry_run = true } };
	struct cdp_tape t = { 0 };
	struct cdp_buf page = { 0 };
	struct cdp_delivery d;
	struct cdp_line ln;
	int rc;

	cdp_contacts_init(&desk.contacts, pr);
	cdp_desk_want(pr);
	rc = cdp_line_parse(json, 0, &t, &a->mem, &ln, err);
	if (rc == 0)
		rc = cdp_delivery_render(&desk, &ln, &d, err);
	if (rc == 0) {
		cdp_preview_page(&page, &d, real);
		fwrite(page.p, 1, page.n, stdout);
	}
	cdp_buf_free(&page);
	cdp_tape_free(&t);
	cdp_desk_free(&desk);
	return rc;
}

static int
known(const struct cdp_told_ask *q, struct cdp_err *err)
{
	const struct cdp_project *pr = q->pr;
	struct cdp_str *name, want = cdp_str_of(q->template);
	int near;

	if (cdp_project_template(pr, want) != NULL)
		return 0;
	name = cdp_xcalloc(pr->ntemplate + 1, sizeof(*name));
	for (size_t i = 0; i < pr->ntemplate; i++)
		name[i] = pr->template[i].name;
	near = cdp_str_nearest(want, name, pr->ntemplate);
	if (near >= 0)
		cdp_fail(err, CDP_ECONF,
		    "the project has no template '%s'; did you mean '%.*s'?",
		    q->template, (int)name[near].n, name[near].p);
	else
		cdp_fail(err, CDP_ECONF, "the project has no template '%s'",
		    q->template);
	free(name);
	return CDP_ECONF;
}

/* What a template wants of a journey, nobody has kept for this. */
static int
lacks(const struct asking *a, int rc, struct cdp_err *err)
{
	struct cdp_err why = *err;

	return cdp_fail(err, rc,
	    "'%s' was not sent to that person yet, so that no journey has kept "
	    "anything for it: %s",
	    a->q->template, why.msg);
}

static int
preview(struct asking *a, bool *no, struct cdp_err *err)
{
	struct cdp_str id, template = cdp_str_of(a->q->template);
	struct cdp_buf line = { 0 };
	bool real = false;
	int rc = whom(a, a->q->preview, &id, err);

	if (rc == CDP_END) {
		*no = true;
		cdp_whom_unknown(
		    a->q->tool, a->q->pr, cdp_str_of(a->q->preview));
		return 0;
	}
	if (rc == 0 && a->told.journey != NULL) {
		rc = cdp_told_last(a->told.journey, id, template, &line, err);
		real = rc == 0;
	}
	if (rc == CDP_END || (rc == 0 && !real))
		rc = make_up(a, id, template, &line, err);
	if (rc == 0 && (rc = draw(a, cdp_buf_str(&line), real, err)) != 0 &&
	    !real)
		rc = lacks(a, rc, err);
	cdp_buf_free(&line);
	return rc;
}

int
cdp_told_ask(const struct cdp_told_ask *q, bool *no, struct cdp_err *err)
{
	struct asking a = { .q = q, .told = { .pr = q->pr } };
	int rc = q->preview != NULL ? known(q, err) : 0;

	if (rc == 0)
		rc = open_all(&a, err);
	if (rc == 0)
		rc = q->explain != NULL ? explain(&a, no, err)
					: preview(&a, no, err);
	if (rc == 0 && fflush(stdout) != 0)
		rc = cdp_fail(err, CDP_EIO, "cannot write standard output");
	close_all(&a);
	return rc;
}
