#include "lib/emit/leave.h"

#include "lib/emit/gate.h"
#include "lib/emit/senderint.h"

#define FRESH_MS 1000
#define SHARE 20       /* of the time, at most one part goes into opening */
#define CHAIN_MAX 1000 /* merges of merges */

void
cdp_leave_free(struct cdp_leave *lv)
{
	cdp_log_close(lv->log);
	cdp_store_close(lv->st);
	cdp_buf_free(&lv->val);
	cdp_tape_free(&lv->tape);
}

/* 0; CDP_END: cdp-merge keeps nothing here. */
static int
look(struct cdp_leave *lv, struct cdp_log *own, int64_t now_ms,
    struct cdp_err *err)
{
	const struct cdp_log_opt opt = { .stage = "merge", .readonly = true };
	int rc;

	if (lv->opened_ms != 0 && now_ms - lv->opened_ms < lv->fresh_ms)
		return lv->log != NULL ? 0 : CDP_END;
	if (lv->st == NULL &&
	    (rc = cdp_store_open(&cdp_io_real, cdp_log_path(own),
		 CDP_STORE_READ, &lv->st, err)) != 0)
		return rc;
	cdp_log_close(lv->log);
	lv->log = NULL;
	lv->opened_ms = now_ms;
	rc = cdp_log_open(lv->st, &opt, &lv->log, err);
	lv->fresh_ms = SHARE * (cdp_sender_now() - now_ms);
	if (lv->fresh_ms < FRESH_MS)
		lv->fresh_ms = FRESH_MS;
	return rc;
}

static int
get(struct cdp_leave *lv, struct cdp_str key, struct cdp_err *err)
{
	int rc;

	cdp_buf_reset(&lv->val);
	rc = cdp_log_get(lv->log, key, &lv->val, err);
	return rc != 0 ? rc
		       : cdp_tape_parse(&lv->tape, cdp_buf_str(&lv->val), err);
}

/* What it has become, in tape. */
static int
find(struct cdp_leave *lv, struct cdp_str profile, struct cdp_arena *mem,
    struct cdp_err *err)
{
	const struct cdp_tape *t = &lv->tape;
	int rc = get(lv, profile, err);
	uint32_t into;

	for (int i = 0; rc == 0 && i < CHAIN_MAX; i++) {
		into = cdp_tape_get(t, 0, CDP_STR("into"));
		if (into == CDP_NOTOK)
			return 0;
		rc = get(
		    lv, cdp_arena_dup(mem, cdp_tape_str(t, into, mem)), err);
	}
	return rc;
}

/* One of its identifiers, [type, value, ms, suppressed], is. */
static bool
suppressed(const struct cdp_leave *lv, struct cdp_arena *mem)
{
	const struct cdp_tape *t = &lv->tape;
	uint32_t ids = cdp_tape_get(t, 0, CDP_STR("ids"));
	uint32_t it = 0, sub, key, id, v;

	while (cdp_tape_next(t, ids, &it, &key, &id)) {
		sub = 0;
		for (int i = 0; cdp_tape_next(t, id, &sub, &key, &v); i++)
			if ((i == 3 && cdp_tape_isa(t, v, CDP_TRUE)) ||
			    (i == 1 &&
				cdp_gate_listed(
				    lv->pr, cdp_tape_str(t, v, mem))))
				return true;
	}
	return false;
}

/* "consent" is [ms, messageId, {category: 0 no, 1 yes, 2 conflict}]. */
static const char *
consent(const struct cdp_leave *lv, struct cdp_str destination)
{
	const struct cdp_consent *con = &lv->pr->consent;
	const struct cdp_tape *t = &lv->tape;
	uint32_t list = cdp_tape_get(t, 0, CDP_STR("consent"));
	uint32_t it = 0, key, v, said = CDP_NOTOK;
	int64_t yes;

	while (cdp_tape_next(t, list, &it, &key, &v))
		said = v;
	for (size_t i = 0; i < con->ncat; i++) {
		if (!cdp_gate_names(&con->cat[i], destination))
			continue;
		v = cdp_tape_get(t, said, con->cat[i].name);
		if (v == CDP_NOTOK ? !con->unknown_allow
				   : !cdp_tape_i64(t, v, &yes) || yes != 1)
			return "no consent when it was to leave";
	}
	return NULL;
}

int
cdp_leave_ask(struct cdp_leave *lv, struct cdp_log *own,
    struct cdp_str destination, struct cdp_str profile, int64_t now_ms,
    const char **why, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	int rc;

	*why = NULL;
	if ((rc = look(lv, own, now_ms, err)) != 0)
		return rc == CDP_END ? 0 : rc;
	rc = find(lv, profile, &mem, err);
	if (rc == 0)
		*why = suppressed(lv, &mem) ? "suppressed when it was to leave"
					    : consent(lv, destination);
	if (rc == CDP_END) {
		rc = get(lv,
		    cdp_arena_printf(&mem, "x:%.*s", (int)profile.n, profile.p),
		    err);
		if (rc == 0)
			*why = "its person was deleted";
	}
	cdp_arena_free(&mem);
	return rc == CDP_END ? 0 : rc;
}
