#include "lib/emit/senderint.h"

#include <stdlib.h>
#include <time.h>

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/emit/retry.h"
#include "lib/json/write.h"

int64_t
cdp_sender_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- made and opened ---- */

int
cdp_sender_new(const struct cdp_sender_opt *opt, struct cdp_sender **ret,
    struct cdp_err *err)
{
	struct cdp_sender *sd = cdp_xcalloc(1, sizeof(*sd));
	int rc = 0;

	sd->pr = opt->pr;
	sd->leave.pr = opt->pr;
	sd->leave.others = opt->others;
	sd->render.jq = opt->pr->jq;
	sd->wait_ms = opt->wait_ms;
	sd->way = cdp_xcalloc(opt->pr->ndestination + 1, sizeof(*sd->way));
	for (size_t i = 0; i < opt->pr->ndestination && rc == 0; i++) {
		struct cdp_way *w = &sd->way[i];

		w->def = &opt->pr->destination[i];
		w->open = w->def->via != CDP_VIA_FILE;
		w->runs = w->open && opt->wanted(opt->wanted_arg, i);
		w->pace = (struct cdp_pace){ .id = w->def->name,
			.rate_n = w->def->rate_n,
			.rate_ms = w->def->rate_ms };
		if (w->runs)
			rc = cdp_post_init(
			    &w->post, opt->pr, w->def, opt->secrets, err);
	}
	if (rc == 0)
		sd->http = cdp_http_new(opt->pr->ndestination);
	for (size_t i = 0; i < opt->pr->ndestination && rc == 0; i++)
		if (sd->way[i].runs && sd->way[i].def->via == CDP_VIA_EXEC)
			rc = cdp_program_start(sd, &sd->way[i], err);
	if (rc == 0) {
		*ret = sd;
	} else {
		cdp_sender_free(sd);
	}
	return rc;
}

void
cdp_sender_free(struct cdp_sender *sd)
{
	struct cdp_flight *f;

	if (sd == NULL)
		return;
	for (size_t i = 0; i < sd->pr->ndestination; i++) {
		for (; (f = sd->way[i].told) != NULL; free(f))
			sd->way[i].told = f->next;
		cdp_exec_stop(&sd->way[i].exec);
		cdp_post_free(&sd->way[i].post);
		cdp_lane_free(&sd->way[i].lane);
	}
	cdp_http_free(sd->http);
	while ((f = sd->spare) != NULL) {
		sd->spare = f->next;
		free(f);
	}
	free(sd->way);
	cdp_leave_free(&sd->leave);
	cdp_render_free(&sd->render);
	cdp_tape_free(&sd->tape);
	cdp_buf_free(&sd->text);
	cdp_arena_free(&sd->mem);
	free(sd);
}

int
cdp_sender_open(struct cdp_sender *sd, struct cdp_log *log, struct cdp_err *err)
{
	int rc = 0;

	sd->log = log;
	for (size_t i = 0; i < sd->pr->ndestination && rc == 0; i++) {
		struct cdp_way *w = &sd->way[i];

		if (!w->open)
			continue;
		rc = cdp_lane_open(
		    &w->lane, log, w->def->name, w->def->batch_max != 0, err);
		if (rc == 0)
			cdp_pace_hush(&w->pace, w->lane.rest_ms);
	}
	return rc;
}

int
cdp_sender_revive(
    struct cdp_sender *sd, enum cdp_revive how, struct cdp_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < sd->pr->ndestination && rc == 0; i++)
		if (sd->way[i].runs)
			rc = cdp_lane_revive(&sd->way[i].lane,
			    how == CDP_REDRIVE ? CDP_LANE_DEAD : CDP_LANE_HELD,
			    how == CDP_RESOLVE_SENT, err);
	if (rc != 0)
		return rc;
	cdp_sender_save(sd);
	return cdp_log_commit(sd->log, err);
}

int
cdp_sender_add(struct cdp_sender *sd, size_t i, const struct cdp_order *o,
    struct cdp_err *err)
{
	struct cdp_lane *ln = &sd->way[i].lane;
	int rc = cdp_lane_known(ln, o->key, err);

	if (rc != CDP_END)
		return rc != 0 ? rc : CDP_END;
	cdp_buf_reset(&sd->text);
	cdp_buf_putc(&sd->text, '{');
	cdp_json_kstr(&sd->text, "key", o->key);
	cdp_json_kstr(&sd->text, "profile", o->profile);
	cdp_json_comma(&sd->text);
	cdp_buf_put(&sd->text, (struct cdp_str){ o->req.p + 1, o->req.n - 2 });
	if (o->undo)
		cdp_json_kraw(&sd->text, "undo", CDP_STR("true"));
	if (o->undoes.n != 0)
		cdp_json_kstr(&sd->text, "undoes", o->undoes);
	if (o->stands.n != 0)
		cdp_json_kstr(&sd->text, "stands", o->stands);
	if (o->item.n != 0)
		cdp_json_kraw(&sd->text, "input", o->item);
	cdp_buf_putc(&sd->text, '}');
	cdp_lane_add(ln, o->key, o->profile, cdp_buf_str(&sd->text));
	return 0;
}

void
cdp_sender_save(struct cdp_sender *sd)
{
	for (size_t i = 0; i < sd->pr->ndestination; i++)
		if (sd->way[i].open)
			cdp_lane_save(&sd->way[i].lane);
}

/* ---- answers ---- */

static struct cdp_flight *
take_flight(struct cdp_sender *sd, struct cdp_way *w, struct cdp_item *it)
{
	struct cdp_flight *f = sd->spare;

	if (f != NULL)
		sd->spare = f->next;
	else
		f = cdp_xcalloc(1, sizeof(*f));
	*f = (struct cdp_flight){ .way = w, .item = it };
	return f;
}

static void
end_flight(struct cdp_sender *sd, struct cdp_flight *f)
{
	f->way->flying--;
	f->next = sd->spare;
	sd->spare = f;
}

void
cdp_sender_settle(struct cdp_way *w, struct cdp_item *it,
    enum cdp_lane_state state, struct cdp_str said, int64_t due_ms)
{
	w->count.sent += state == CDP_LANE_SENT;
	w->count.retried += state == CDP_LANE_RETRY;
	w->count.dead += state == CDP_LANE_DEAD;
	w->count.held += state == CDP_LANE_HELD;
	cdp_lane_settle(&w->lane, it, state, said, due_ms);
}

/* When to try again; 0: that is beyond what the project allows. */
static int64_t
due(const struct cdp_way *w, const struct cdp_item *it, int64_t now_ms,
    int64_t after_ms)
{
	int64_t ms = cdp_retry_delay(cdp_str_of(it->key), it->tries);

	if (ms < after_ms)
		ms = after_ms;
	return now_ms + ms - it->first_ms <= w->def->retry_ms ? now_ms + ms : 0;
}

void
cdp_sender_judge(struct cdp_way *w, struct cdp_item *it,
    enum cdp_verdict verdict, struct cdp_str said, int64_t now_ms,
    int64_t after_ms)
{
	int64_t due_ms = due(w, it, now_ms, after_ms);

	if (verdict == CDP_TAKEN)
		cdp_sender_settle(w, it, CDP_LANE_SENT, said, 0);
	else if (verdict == CDP_AGAIN && due_ms != 0)
		cdp_sender_settle(w, it, CDP_LANE_RETRY, said, due_ms);
	else if (verdict == CDP_DOUBT || (verdict == CDP_AGAIN && it->doubt))
		cdp_sender_settle(w, it, CDP_LANE_HELD, said, 0);
	else
		cdp_sender_settle(w, it, CDP_LANE_DEAD, said, 0);
}

/* Mail has two classes of fault: for now, and for ever. */
static enum cdp_verdict
class_of(const struct cdp_way *w, const struct cdp_http_answer *an)
{
	if (w->def->via != CDP_VIA_SMTP)
		return cdp_retry_class(an->status);
	return an->status < 300 ? CDP_TAKEN
	    : an->status < 500  ? CDP_AGAIN
				: CDP_DEAD;
}

/* For a person: "HTTP 400: " and how the answer begins. */
static struct cdp_str
words(
    struct cdp_sender *sd, struct cdp_way *w, const struct cdp_http_answer *an)
{
	struct cdp_str body = an->body;
	const char *proto = w->def->via == CDP_VIA_EXEC ? "program" : "HTTP";

	if (an->status == 0) {
		snprintf(w->said, sizeof(w->said), "%.*s", (int)an->why.n,
		    an->why.p);
		return an->why;
	}
	if (w->def->via == CDP_VIA_SMTP)
		proto = "SMTP";
	if (class_of(w, an) != CDP_TAKEN)
		snprintf(w->said, sizeof(w->said), "%s %ld", proto, an->status);
	if (body.n > 200)
		body.n = 200;
	body = cdp_utf8_printable(body, &sd->mem);
	return cdp_arena_printf(&sd->mem, "%s %ld%s%.*s", proto, an->status,
	    body.n != 0 ? ": " : "", (int)body.n, body.p);
}

static enum cdp_verdict
judge(const struct cdp_way *w, struct cdp_item *it,
    const struct cdp_http_answer *an)
{
	if (an->status != 0)
		return class_of(w, an);
	if (an->refused)
		return CDP_DEAD;
	if (!an->left)
		return CDP_AGAIN;
	if (w->def->remembers_ms == CDP_REMEMBERS_NEVER)
		return CDP_DOUBT;
	it->doubt = true;
	return CDP_AGAIN;
}

int
cdp_sender_answered(struct cdp_sender *sd, struct cdp_http_answer *an,
    int64_t now_ms, struct cdp_err *err)
{
	struct cdp_flight *f = an->tag;
	struct cdp_way *w = f->way;
	struct cdp_item *it = f->item;
	enum cdp_verdict verdict;
	struct cdp_str said;

	if (it == NULL) {
		end_flight(sd, f);
		if (cdp_auth_answer(&w->post.auth, an, now_ms, w->said))
			cdp_veil_add(
			    &w->post.veil, cdp_auth_value(&w->post.auth));
		return 0;
	}
	verdict = cdp_auth_refused(&w->post.auth, an, it->last_ms)
	    ? CDP_AGAIN
	    : judge(w, it, an);
	an->body = cdp_veil_hide(&w->post.veil, an->body, &sd->mem);
	said = words(sd, w, an);
	end_flight(sd, f);
	if ((an->status == 0 && !an->refused) ||
	    (an->status >= 500 && class_of(w, an) == CDP_AGAIN))
		cdp_pace_ill(&w->pace, now_ms);
	else
		cdp_pace_well(&w->pace);
	if (an->retry_after_ms != 0) {
		cdp_pace_hush(&w->pace, now_ms + an->retry_after_ms);
		cdp_lane_rest(&w->lane, now_ms + an->retry_after_ms);
	}
	/* A batch that is tried again stays one: the same bytes. */
	if (it->parcel &&
	    (verdict != CDP_AGAIN ||
		due(w, it, now_ms, an->retry_after_ms) == 0))
		return cdp_parcel_settle(
		    sd, w, it, an, verdict, said, now_ms, err);
	cdp_sender_judge(w, it, verdict, said, now_ms, an->retry_after_ms);
	return 0;
}

/* ---- attempts ---- */

/*
 * What may have been taken already leaves again only while its receiver knows
 * the key; the first attempt is the one that it may have taken.
 */
static bool
may_repeat(const struct cdp_way *w, const struct cdp_item *it, int64_t now_ms)
{
	return !it->doubt || w->def->remembers_ms == CDP_REMEMBERS_ALWAYS ||
	    now_ms - it->first_ms < w->def->remembers_ms;
}

/* Of a batch: whether to wait for more. */
static bool
is_early(struct cdp_sender *sd, struct cdp_way *w, int64_t now_ms)
{
	if (w->def->batch_max == 0 || sd->ending ||
	    w->lane.nready >= w->def->batch_max || w->lane.first->parcel ||
	    w->lane.first->most != 0)
		return false;
	if (w->since_ms == 0)
		w->since_ms = now_ms;
	return now_ms - w->since_ms < w->def->batch_ms;
}

/* By itself; of a batch, each was asked about when it was made. */
static int
forbids_one(struct cdp_sender *sd, struct cdp_way *w, struct cdp_item *it,
    bool *no, struct cdp_err *err)
{
	struct cdp_str json;
	int rc;

	*no = false;
	if (w->def->batch_max != 0 || it->parcel)
		return 0;
	rc = cdp_lane_read(&w->lane, it, &json, err);
	return rc != 0 ? (rc == CDP_END ? 0 : rc)
		       : cdp_sender_forbids(sd, w, it, json, no, err);
}

static int
choose_one(struct cdp_sender *sd, struct cdp_way *w, int64_t now_ms,
    struct cdp_err *err)
{
	static const struct cdp_str why = { "an attempt has no outcome, and "
					    "the receiver may not know its "
					    "key any more",
		74 };
	struct cdp_item *it = NULL;
	bool no;
	int rc = 0;

	if (w->def->batch_max == 0)
		it = cdp_lane_take(&w->lane);
	else
		rc = cdp_parcel_take(sd, w, &it, err);
	w->since_ms = 0;
	if (rc != 0 || it == NULL)
		return rc;
	if ((rc = forbids_one(sd, w, it, &no, err)) != 0 || no)
		return rc;
	if (!may_repeat(w, it, now_ms)) {
		if (it->parcel)
			return cdp_parcel_give_up(
			    sd, w, it, CDP_LANE_HELD, why, err);
		cdp_sender_settle(w, it, CDP_LANE_HELD, why, 0);
		return 0;
	}
	cdp_lane_attempt(&w->lane, it, now_ms);
	cdp_pace_left(&w->pace);
	w->flying++;
	sd->chosen[sd->nchosen++] = take_flight(sd, w, it);
	return 0;
}

/* Whether requests of w may leave; if not, ask for the token, in time. */
static int
authorize(struct cdp_sender *sd, struct cdp_way *w, int64_t now_ms, bool *ready,
    struct cdp_err *err)
{
	struct cdp_flight *f;
	bool begun;
	int rc;

	*ready = cdp_auth_ready(&w->post.auth, now_ms);
	if (*ready || w->lane.first == NULL)
		return 0;
	f = take_flight(sd, w, NULL);
	w->flying++;
	rc = cdp_auth_ask(
	    &w->post.auth, sd->http, w->post.wire, f, now_ms, &begun, err);
	if (!begun)
		end_flight(sd, f);
	*ready = cdp_auth_ready(&w->post.auth, now_ms);
	if (rc == 0 && *ready)
		cdp_veil_add(&w->post.veil, cdp_auth_value(&w->post.auth));
	return rc;
}

static int
choose(struct cdp_sender *sd, struct cdp_way *w, int64_t now_ms,
    struct cdp_err *err)
{
	int rc = cdp_lane_fill(&w->lane, err);
	bool ready = false;

	cdp_lane_wake(&w->lane, now_ms);
	if (rc == 0)
		rc = authorize(sd, w, now_ms, &ready, err);
	while (rc == 0 && ready && sd->nchosen < CDP_TURN_MAX &&
	    w->lane.first != NULL &&
	    cdp_pace_may(&w->pace, now_ms, w->flying, w->def->parallel) &&
	    !is_early(sd, w, now_ms))
		rc = choose_one(sd, w, now_ms, err);
	return rc;
}

static int
begin(struct cdp_sender *sd, struct cdp_flight *f, struct cdp_err *err)
{
	struct cdp_way *w = f->way;
	struct cdp_str json;
	int rc = cdp_lane_read(&w->lane, f->item, &json, err);

	if (rc == 0 && w->def->via == CDP_VIA_EXEC)
		return cdp_program_tell(w, f, json, err);
	if (rc == 0)
		return cdp_post_start(
		    &w->post, sd->http, json, cdp_str_of(f->item->key), f, err);
	if (rc == CDP_END) { /* erased meanwhile */
		cdp_lane_drop(&w->lane, f->item);
		end_flight(sd, f);
		rc = 0;
	}
	return rc;
}

int
cdp_sender_turn(struct cdp_sender *sd, int fd, int64_t timeout_ms,
    bool *readable, struct cdp_err *err)
{
	struct cdp_http_answer an;
	int64_t now_ms;
	int rc = cdp_http_wait(sd->http, fd, timeout_ms, readable, err);

	if (rc != 0)
		return rc;
	now_ms = cdp_sender_now();
	while (rc == 0 && cdp_http_next(sd->http, &an)) {
		rc = cdp_sender_answered(sd, &an, now_ms, err);
		cdp_arena_reset(&sd->mem);
	}
	sd->nchosen = 0;
	for (size_t i = 0; i < sd->pr->ndestination && rc == 0; i++)
		if (sd->way[i].exec.pid != 0)
			rc = cdp_program_turn(sd, &sd->way[i], now_ms, err);
	for (size_t i = 0; i < sd->pr->ndestination && rc == 0; i++)
		if (sd->way[i].runs)
			rc = choose(sd, &sd->way[i], now_ms, err);
	if (rc != 0)
		return rc;
	cdp_sender_save(sd);
	rc = cdp_log_commit(sd->log, err);
	for (size_t i = 0; i < sd->nchosen && rc == 0; i++)
		rc = begin(sd, sd->chosen[i], err);
	return rc;
}
