#include "lib/emit/senderint.h"
#include "lib/json/write.h"

#define NEVER_MS (INT64_MAX / 2)

int
cdp_program_start(struct cdp_sender *sd, struct cdp_way *w, struct cdp_err *err)
{
	int rc = cdp_exec_start(
	    &w->exec, w->def->command, w->def->ncommand, sd->pr->dir, err);

	if (rc == 0)
		cdp_http_watch(sd->http, w->exec.out);
	return rc;
}

int
cdp_program_tell(struct cdp_way *w, struct cdp_flight *f, struct cdp_str json,
    struct cdp_err *err)
{
	struct cdp_tape t = { 0 };
	struct cdp_buf b = { 0 };
	int rc = cdp_tape_parse(&t, json, err);

	if (rc == 0) {
		uint32_t body = cdp_tape_get(&t, 0, CDP_STR("body"));

		if (body == CDP_NOTOK)
			body = cdp_tape_get(&t, 0, CDP_STR("text"));
		cdp_buf_putc(&b, '{');
		cdp_json_kstr(&b, "key", cdp_str_of(f->item->key));
		cdp_json_kraw(&b, "body", cdp_tape_raw(&t, body));
		cdp_buf_putc(&b, '}');
		cdp_exec_put(&w->exec, cdp_buf_str(&b));
		cdp_exec_step(&w->exec);
		f->next = w->told;
		w->told = f;
	}
	cdp_tape_free(&t);
	cdp_buf_free(&b);
	return rc;
}

/* Out of the list; NULL if it was not told, or has answered. */
static struct cdp_flight *
find(struct cdp_way *w, const struct cdp_tape *t)
{
	uint32_t key = cdp_tape_get(t, 0, CDP_STR("key"));
	struct cdp_flight **p, *f;

	for (p = &w->told; (f = *p) != NULL; p = &f->next)
		if (cdp_tape_streq(t, key, cdp_str_of(f->item->key))) {
			*p = f->next;
			return f;
		}
	return NULL;
}

/* A line that is no answer is the program's own affair. */
static int
heard(struct cdp_sender *sd, struct cdp_way *w, struct cdp_str line,
    int64_t now_ms, struct cdp_err *err)
{
	struct cdp_http_answer an = { .left = true };
	struct cdp_tape t = { 0 };
	int64_t status = 0;
	int rc = 0;

	if (cdp_tape_parse(&t, line, NULL) == 0 &&
	    cdp_tape_i64(&t, cdp_tape_get(&t, 0, CDP_STR("status")), &status) &&
	    status >= 200 && status < 600 && (an.tag = find(w, &t)) != NULL) {
		an.status = (long)status;
		an.body = cdp_tape_str(
		    &t, cdp_tape_get(&t, 0, CDP_STR("said")), &sd->mem);
		rc = cdp_sender_answered(sd, &an, now_ms, err);
	}
	cdp_tape_free(&t);
	cdp_arena_reset(&sd->mem);
	return rc;
}

/* Of those that are over: nobody knows what it made of them. */
static int
give_up(struct cdp_sender *sd, struct cdp_way *w, int64_t now_ms,
    struct cdp_err *err)
{
	struct cdp_flight **p = &w->told, *f;
	bool gone = w->exec.out == -1;
	int rc = 0;

	while (rc == 0 && (f = *p) != NULL) {
		struct cdp_http_answer an = { .tag = f,
			.left = true,
			.why = gone ? CDP_STR("the program has ended")
				    : CDP_STR("no answer in time") };

		if (!gone && now_ms - f->item->last_ms < w->def->timeout_ms) {
			p = &f->next;
			continue;
		}
		*p = f->next;
		rc = cdp_sender_answered(sd, &an, now_ms, err);
		cdp_arena_reset(&sd->mem);
	}
	/* It cannot be started again: we may start no program any more. */
	if (gone)
		cdp_pace_hush(&w->pace, NEVER_MS);
	return rc;
}

int
cdp_program_turn(struct cdp_sender *sd, struct cdp_way *w, int64_t now_ms,
    struct cdp_err *err)
{
	struct cdp_str line;
	int rc = 0;

	cdp_exec_step(&w->exec);
	while (rc == 0 && cdp_exec_next(&w->exec, &line))
		rc = heard(sd, w, line, now_ms, err);
	return rc != 0 ? rc : give_up(sd, w, now_ms, err);
}
