#include "lib/emit/senderint.h"

#define LONG_MS 60000
#define POLL_MS 50

/* When w has something to do that no answer begins; INT64_MAX: never. */
static int64_t
next_of(const struct cdp_way *w, int64_t now_ms)
{
	const struct cdp_due_own *o = cdp_due_min(&w->lane.later);
	int64_t at_ms = o != NULL ? o->due_ms : INT64_MAX;

	if (w->lane.first != NULL)
		at_ms =
		    w->since_ms != 0 ? w->since_ms + w->def->batch_ms : now_ms;
	if (at_ms < w->post.auth.due_ms &&
	    !cdp_auth_ready(&w->post.auth, now_ms))
		at_ms = w->post.auth.due_ms;
	if (at_ms == INT64_MAX || at_ms > cdp_pace_next(&w->pace, now_ms))
		return at_ms;
	return cdp_pace_next(&w->pace, now_ms);
}

static bool
is_full(const struct cdp_way *w)
{
	size_t max = w->pace.faults >= CDP_PACE_FAULTS ? 1 : w->def->parallel;

	return w->flying >= max || w->post.auth.asking;
}

static int64_t
next_ms(const struct cdp_sender *sd, int64_t now_ms)
{
	int64_t at_ms = INT64_MAX, ms;

	for (size_t i = 0; i < sd->pr->ndestination; i++) {
		if (!sd->way[i].runs || is_full(&sd->way[i]))
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
	int64_t now_ms = cdp_sender_now(), at_ms = next_ms(sd, now_ms);

	/* A program's answers in time, and room in its pipe, ring no bell. */
	for (size_t i = 0; i < sd->pr->ndestination; i++)
		if (sd->way[i].told != NULL && at_ms > now_ms + POLL_MS)
			at_ms = now_ms + POLL_MS;
	if (at_ms <= now_ms)
		return 0;
	return at_ms - now_ms < LONG_MS ? at_ms - now_ms : LONG_MS;
}

int
cdp_sender_step(struct cdp_sender *sd, struct cdp_err *err)
{
	bool readable;

	return cdp_sender_turn(sd, -1, 0, &readable, err);
}

int
cdp_sender_wait(struct cdp_sender *sd, int fd, struct cdp_err *err)
{
	bool readable = false;
	int rc = 0;

	while (rc == 0 && !readable)
		rc = cdp_sender_turn(sd, fd, pause_ms(sd), &readable, err);
	return rc;
}

bool
cdp_sender_busy(const struct cdp_sender *sd)
{
	for (size_t i = 0; i < sd->pr->ndestination; i++)
		if (sd->way[i].flying != 0)
			return true;
	return false;
}

/* Whether one may leave by then; a rate is no reason to give up. */
static bool
goes_on(const struct cdp_sender *sd, int64_t end_ms)
{
	int64_t now_ms = cdp_sender_now();

	for (size_t i = 0; i < sd->pr->ndestination; i++) {
		const struct cdp_way *w = &sd->way[i];

		if (w->runs && w->lane.first != NULL &&
		    w->pace.shut_ms <= now_ms &&
		    (cdp_auth_ready(&w->post.auth, now_ms) ||
			w->post.auth.due_ms <= end_ms))
			return true;
		if (w->runs && next_of(w, now_ms) <= end_ms)
			return true;
	}
	return false;
}

int
cdp_sender_drain(struct cdp_sender *sd, struct cdp_err *err)
{
	int64_t end_ms = cdp_sender_now() + sd->wait_ms;
	bool readable;
	int rc;

	sd->ending = true;
	rc = cdp_sender_step(sd, err);
	while (rc == 0 && (cdp_sender_busy(sd) || goes_on(sd, end_ms)))
		rc = cdp_sender_turn(sd, -1, pause_ms(sd), &readable, err);
	return rc;
}

void
cdp_sender_count(
    const struct cdp_sender *sd, size_t i, struct cdp_sender_count *ret)
{
	const struct cdp_way *w = &sd->way[i];
	int64_t now_ms = cdp_sender_now(), at_ms = next_of(w, now_ms);

	*ret = w->count;
	ret->waiting = w->lane.n + (w->lane.tail - w->lane.loaded);
	ret->all_dead = w->lane.dead;
	ret->all_held = w->lane.held;
	ret->said = cdp_str_of(w->said);
	ret->next_ms = at_ms == INT64_MAX ? -1
	    : at_ms > now_ms              ? at_ms - now_ms
					  : 0;
}

const struct cdp_sender_ops cdp_sender_ops = {
	.new = cdp_sender_new,
	.free = cdp_sender_free,
	.open = cdp_sender_open,
	.revive = cdp_sender_revive,
	.add = cdp_sender_add,
	.save = cdp_sender_save,
	.step = cdp_sender_step,
	.busy = cdp_sender_busy,
	.wait = cdp_sender_wait,
	.drain = cdp_sender_drain,
	.count = cdp_sender_count,
};
