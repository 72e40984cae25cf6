#include "lib/emit/sender.h"

#include <stdlib.h>
#include <time.h>

#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/emit/lane.h"
#include "lib/emit/pace.h"
#include "lib/emit/post.h"
#include "lib/emit/retry.h"
#include "lib/json/write.h"

#define TURN_MAX 64 /* attempts that one sync covers */
#define LONG_MS 60000

struct way { /* to one destination */
	const struct cdp_destination *def;
	bool open; /* it is one of ours */
	struct cdp_lane lane;
	struct cdp_post post;
	struct cdp_pace pace;
	size_t flying;
	struct cdp_sender_count count;
	char said[128];
};

struct flight {
	struct way *way;
	struct cdp_item *item;
	struct flight *next; /* not in use */
};

struct cdp_sender {
	struct cdp_project *pr;
	struct cdp_log *log;
	struct cdp_http *http;
	int64_t wait_ms;
	struct way *way;
	struct flight *spare;
	struct flight *chosen[TURN_MAX];
	size_t nchosen;
	struct cdp_buf text;
	struct cdp_arena mem;
};

static int64_t
clock_ms(void)
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
	sd->wait_ms = opt->wait_ms;
	sd->way = cdp_xcalloc(opt->pr->ndestination + 1, sizeof(*sd->way));
	for (size_t i = 0; i < opt->pr->ndestination && rc == 0; i++) {
		struct way *w = &sd->way[i];

		w->def = &opt->pr->destination[i];
		w->open = w->def->via == CDP_VIA_HTTP &&
		    opt->wanted(opt->wanted_arg, i);
		w->pace = (struct cdp_pace){ .id = w->def->name,
			.rate_n = w->def->rate_n,
			.rate_ms = w->def->rate_ms };
		if (w->open)
			rc = cdp_post_init(
			    &w->post, opt->pr, w->def, opt->secrets, err);
	}
	if (rc == 0) {
		sd->http = cdp_http_new();
		*ret = sd;
	} else {
		cdp_sender_free(sd);
	}
	return rc;
}

void
cdp_sender_free(struct cdp_sender *sd)
{
	struct flight *f;

	if (sd == NULL)
		return;
	for (size_t i = 0; i < sd->pr->ndestination; i++) {
		cdp_post_free(&sd->way[i].post);
		cdp_lane_free(&sd->way[i].lane);
	}
	cdp_http_free(sd->http);
	while ((f = sd->spare) != NULL) {
		sd->spare = f->next;
		free(f);
	}
	free(sd->way);
	cdp_buf_free(&sd->text);
	cdp_arena_free(&sd->mem);
	free(sd);
}

int
cdp_sender_open(struct cdp_sender *sd, struct cdp_log *log, struct cdp_err *err)
{
	int rc = 0;

	sd->log = log;
	for (size_t i = 0; i < sd->pr->ndestination && rc == 0; i++)
		if (sd->way[i].open)
			rc = cdp_lane_open(
			    &sd->way[i].lane, log, sd->way[i].def->name, err);
	return rc;
}

int
cdp_sender_add(struct cdp_sender *sd, size_t i, struct cdp_str key,
    struct cdp_str profile, struct cdp_str req, struct cdp_err *err)
{
	struct cdp_lane *ln = &sd->way[i].lane;
	int rc = cdp_lane_known(ln, key, err);

	if (rc != CDP_END)
		return rc != 0 ? rc : CDP_END;
	cdp_buf_reset(&sd->text);
	cdp_buf_putc(&sd->text, '{');
	cdp_json_kstr(&sd->text, "key", key);
	cdp_json_kstr(&sd->text, "profile", profile);
	cdp_json_comma(&sd->text);
	cdp_buf_put(&sd->text, (struct cdp_str){ req.p + 1, req.n - 1 });
	cdp_lane_add(ln, key, profile, cdp_buf_str(&sd->text));
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

static struct flight *
take_flight(struct cdp_sender *sd, struct way *w, struct cdp_item *it)
{
	struct flight *f = sd->spare;

	if (f != NULL)
		sd->spare = f->next;
	else
		f = cdp_xcalloc(1, sizeof(*f));
	*f = (struct flight){ .way = w, .item = it };
	return f;
}

static void
end_flight(struct cdp_sender *sd, struct flight *f)
{
	f->way->flying--;
	f->next = sd->spare;
	sd->spare = f;
}

static void
settle(struct way *w, struct cdp_item *it, enum cdp_lane_state state,
    struct cdp_str said, int64_t due_ms)
{
	w->count.sent += state == CDP_LANE_SENT;
	w->count.retried += state == CDP_LANE_RETRY;
	w->count.dead += state == CDP_LANE_DEAD;
	w->count.held += state == CDP_LANE_HELD;
	cdp_lane_settle(&w->lane, it, state, said, due_ms);
}

/* Later, unless that is beyond what the project allows. */
static void
again(struct way *w, struct cdp_item *it, int64_t now_ms, int64_t after_ms,
    struct cdp_str said)
{
	int64_t due_ms =
	    now_ms + cdp_retry_delay(cdp_str_of(it->key), it->tries);

	if (due_ms < now_ms + after_ms)
		due_ms = now_ms + after_ms;
	if (due_ms - it->first_ms <= w->def->retry_ms)
		settle(w, it, CDP_LANE_RETRY, said, due_ms);
	else
		settle(
		    w, it, it->doubt ? CDP_LANE_HELD : CDP_LANE_DEAD, said, 0);
}

/* For a person: "HTTP 400: " and how the answer begins. */
static struct cdp_str
words(struct cdp_sender *sd, struct way *w, const struct cdp_http_answer *an)
{
	struct cdp_str body = an->body;

	if (an->status == 0) {
		snprintf(w->said, sizeof(w->said), "%.*s", (int)an->why.n,
		    an->why.p);
		return an->why;
	}
	if (cdp_retry_class(an->status) != CDP_TAKEN)
		snprintf(w->said, sizeof(w->said), "HTTP %ld", an->status);
	if (body.n > 200)
		body.n = 200;
	body = cdp_utf8_printable(body, &sd->mem);
	return cdp_arena_printf(&sd->mem, "HTTP %ld%s%.*s", an->status,
	    body.n != 0 ? ": " : "", (int)body.n, body.p);
}

static enum cdp_verdict
judge(
    const struct way *w, struct cdp_item *it, const struct cdp_http_answer *an)
{
	if (an->status != 0)
		return cdp_retry_class(an->status);
	if (an->refused)
		return CDP_DEAD;
	if (!an->left)
		return CDP_AGAIN;
	if (w->def->remembers_ms == CDP_REMEMBERS_NEVER)
		return CDP_DOUBT;
	it->doubt = true;
	return CDP_AGAIN;
}

static void
answered(
    struct cdp_sender *sd, const struct cdp_http_answer *an, int64_t now_ms)
{
	struct flight *f = an->tag;
	struct way *w = f->way;
	struct cdp_item *it = f->item;
	struct cdp_str said = words(sd, w, an);

	end_flight(sd, f);
	if ((an->status == 0 && !an->refused) ||
	    (an->status >= 500 && an->status != 501))
		cdp_pace_ill(&w->pace, now_ms);
	else
		cdp_pace_well(&w->pace);
	if (an->retry_after_ms != 0)
		cdp_pace_hush(&w->pace, now_ms + an->retry_after_ms);
	switch (judge(w, it, an)) {
	case CDP_TAKEN:
		settle(w, it, CDP_LANE_SENT, said, 0);
		break;
	case CDP_AGAIN:
		again(w, it, now_ms, an->retry_after_ms, said);
		break;
	case CDP_DEAD:
		settle(w, it, CDP_LANE_DEAD, said, 0);
		break;
	case CDP_DOUBT:
		settle(w, it, CDP_LANE_HELD, said, 0);
		break;
	}
}

/* ---- attempts ---- */

/*
 * What may have been taken already leaves again only while its receiver knows
 * the key; the first attempt is the one that it may have taken.
 */
static bool
may_repeat(const struct way *w, const struct cdp_item *it, int64_t now_ms)
{
	return !it->doubt || w->def->remembers_ms == CDP_REMEMBERS_ALWAYS ||
	    now_ms - it->first_ms < w->def->remembers_ms;
}

static int
choose(
    struct cdp_sender *sd, struct way *w, int64_t now_ms, struct cdp_err *err)
{
	struct cdp_item *it;
	int rc = cdp_lane_fill(&w->lane, err);

	if (rc != 0)
		return rc;
	cdp_lane_wake(&w->lane, now_ms);
	while (sd->nchosen < TURN_MAX && w->lane.first != NULL &&
	    cdp_pace_may(&w->pace, now_ms, w->flying, w->def->parallel)) {
		it = cdp_lane_take(&w->lane);
		if (!may_repeat(w, it, now_ms)) {
			settle(w, it, CDP_LANE_HELD,
			    CDP_STR("an attempt has no outcome, and the "
				    "receiver may not know its key any more"),
			    0);
			continue;
		}
		cdp_lane_attempt(&w->lane, it, now_ms);
		cdp_pace_left(&w->pace);
		w->flying++;
		sd->chosen[sd->nchosen++] = take_flight(sd, w, it);
	}
	return 0;
}

static int
begin(struct cdp_sender *sd, struct flight *f, struct cdp_err *err)
{
	struct way *w = f->way;
	struct cdp_str json;
	int rc = cdp_lane_read(&w->lane, f->item, &json, err);

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

/* Answers, attempts, a commit of both, and only then they leave. */
static int
turn(struct cdp_sender *sd, int fd, int64_t timeout_ms, bool *readable,
    struct cdp_err *err)
{
	struct cdp_http_answer an;
	int64_t now_ms;
	int rc = cdp_http_wait(sd->http, fd, timeout_ms, readable, err);

	if (rc != 0)
		return rc;
	now_ms = clock_ms();
	while (cdp_http_next(sd->http, &an)) {
		answered(sd, &an, now_ms);
		cdp_arena_reset(&sd->mem);
	}
	sd->nchosen = 0;
	for (size_t i = 0; i < sd->pr->ndestination && rc == 0; i++)
		if (sd->way[i].open)
			rc = choose(sd, &sd->way[i], now_ms, err);
	if (rc != 0)
		return rc;
	cdp_sender_save(sd);
	rc = cdp_log_commit(sd->log, err);
	for (size_t i = 0; i < sd->nchosen && rc == 0; i++)
		rc = begin(sd, sd->chosen[i], err);
	return rc;
}

/* ---- time ---- */

/* When w has something to do that no answer begins; INT64_MAX: never. */
static int64_t
next_of(const struct way *w, int64_t now_ms)
{
	const struct cdp_due_own *o = cdp_due_min(&w->lane.later);
	int64_t at_ms = o != NULL ? o->due_ms : INT64_MAX;

	if (w->lane.first != NULL)
		at_ms = now_ms;
	if (at_ms == INT64_MAX || at_ms > cdp_pace_next(&w->pace, now_ms))
		return at_ms;
	return cdp_pace_next(&w->pace, now_ms);
}

static bool
is_full(const struct way *w)
{
	size_t max = w->pace.faults >= CDP_PACE_FAULTS ? 1 : w->def->parallel;

	return w->flying >= max;
}

static int64_t
next_ms(const struct cdp_sender *sd, int64_t now_ms)
{
	int64_t at_ms = INT64_MAX, ms;

	for (size_t i = 0; i < sd->pr->ndestination; i++) {
		if (!sd->way[i].open || is_full(&sd->way[i]))
			continue;
		ms = next_of(&sd->way[i], now_ms);
		if (ms < at_ms)
			at_ms = ms;
	}
	return at_ms;
}

/* For so long there is nothing to do but to wait for answers. */
static int64_t
pause_ms(const struct cdp_sender *sd)
{
	int64_t now_ms = clock_ms(), at_ms = next_ms(sd, now_ms);

	if (at_ms <= now_ms)
		return 0;
	return at_ms - now_ms < LONG_MS ? at_ms - now_ms : LONG_MS;
}

int
cdp_sender_step(struct cdp_sender *sd, struct cdp_err *err)
{
	bool readable;

	return turn(sd, -1, 0, &readable, err);
}

int
cdp_sender_wait(struct cdp_sender *sd, int fd, struct cdp_err *err)
{
	bool readable = false;
	int rc = 0;

	while (rc == 0 && !readable)
		rc = turn(sd, fd, pause_ms(sd), &readable, err);
	return rc;
}

bool
cdp_sender_busy(const struct cdp_sender *sd)
{
	return cdp_http_busy(sd->http) != 0;
}

/* Whether one may leave by then; a rate is no reason to give up. */
static bool
goes_on(const struct cdp_sender *sd, int64_t end_ms)
{
	int64_t now_ms = clock_ms();

	for (size_t i = 0; i < sd->pr->ndestination; i++) {
		const struct way *w = &sd->way[i];

		if (w->open && w->lane.first != NULL &&
		    w->pace.shut_ms <= now_ms)
			return true;
		if (w->open && next_of(w, now_ms) <= end_ms)
			return true;
	}
	return false;
}

int
cdp_sender_drain(struct cdp_sender *sd, struct cdp_err *err)
{
	int64_t end_ms = clock_ms() + sd->wait_ms;
	bool readable;
	int rc = cdp_sender_step(sd, err);

	while (rc == 0 && (cdp_sender_busy(sd) || goes_on(sd, end_ms)))
		rc = turn(sd, -1, pause_ms(sd), &readable, err);
	return rc;
}

void
cdp_sender_count(
    const struct cdp_sender *sd, size_t i, struct cdp_sender_count *ret)
{
	const struct way *w = &sd->way[i];
	int64_t now_ms = clock_ms(), at_ms = next_of(w, now_ms);

	*ret = w->count;
	ret->waiting = w->lane.n + (w->lane.tail - w->lane.loaded);
	ret->all_dead = w->lane.dead;
	ret->all_held = w->lane.held;
	ret->said = cdp_str_of(w->said);
	ret->next_ms = at_ms == INT64_MAX ? -1
	    : at_ms > now_ms              ? at_ms - now_ms
					  : 0;
}
