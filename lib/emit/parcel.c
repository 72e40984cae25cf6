#include "lib/base/hash.h"
#include "lib/emit/request.h"
#include "lib/emit/senderint.h"
#include "lib/json/write.h"

/* ---- making one ---- */

struct gather {
	struct cdp_item *first, **last;
	size_t n;
	struct cdp_buf list;    /* what the program gets: an array */
	struct cdp_buf members; /* the same, with whose it is */
	struct cdp_str head;    /* "method", "url" and "headers" */
	struct cdp_tape tape;
};

static void
put_head(struct cdp_buf *b, const struct cdp_tape *t)
{
	static const char *const same[] = { "method", "url", "headers" };

	for (size_t i = 0; i < 3; i++)
		cdp_json_kraw(b, same[i],
		    cdp_tape_raw(t, cdp_tape_get(t, 0, cdp_str_of(same[i]))));
}

/* What is kept with each beside what it is. */
static void
put_marks(struct cdp_buf *b, const struct cdp_tape *t, uint32_t at)
{
	static const char *const mark[] = { "undo", "undoes", "stands" };

	for (size_t i = 0; i < 3; i++) {
		uint32_t v = cdp_tape_get(t, at, cdp_str_of(mark[i]));

		if (v != CDP_NOTOK)
			cdp_json_kraw(b, mark[i], cdp_tape_raw(t, v));
	}
}

/* 0; CDP_END: it does not fit. */
static int
add(struct cdp_sender *sd, struct cdp_way *w, struct cdp_item *it,
    struct gather *g, struct cdp_err *err)
{
	const struct cdp_tape *t = &g->tape;
	struct cdp_buf head = { 0 };
	struct cdp_str json, input;
	bool no;
	int rc = cdp_lane_read(&w->lane, it, &json, err);

	if (rc == CDP_END) { /* erased meanwhile */
		cdp_lane_drop(&w->lane, it);
		return 0;
	}
	if (rc != 0 ||
	    (rc = cdp_sender_forbids(sd, w, it, json, &no, err)) != 0 || no ||
	    (rc = cdp_tape_parse(&g->tape, json, err)) != 0)
		return rc;
	input = cdp_tape_raw(t, cdp_tape_get(t, 0, CDP_STR("input")));
	if (g->n != 0 && g->list.n + input.n > w->def->batch_bytes)
		return CDP_END;
	if (g->n == 0) {
		put_head(&head, t);
		g->head = cdp_arena_dup(&sd->mem, cdp_buf_str(&head));
		cdp_buf_free(&head);
	}
	cdp_json_comma(&g->list);
	cdp_buf_put(&g->list, input);
	cdp_json_comma(&g->members);
	cdp_buf_printf(
	    &g->members, "{\"seq\":%llu", (unsigned long long)it->seq);
	cdp_json_kstr(&g->members, "key", cdp_str_of(it->key));
	cdp_json_kraw(&g->members, "profile",
	    cdp_tape_raw(t, cdp_tape_get(t, 0, CDP_STR("profile"))));
	cdp_json_kraw(&g->members, "input", input);
	put_marks(&g->members, t, 0);
	cdp_buf_putc(&g->members, '}');
	it->next_member = NULL;
	*g->last = it;
	g->last = &it->next_member;
	g->n++;
	return 0;
}

static int
gather(struct cdp_sender *sd, struct cdp_way *w, struct cdp_item *it,
    size_t max, struct gather *g, struct cdp_err *err)
{
	uint64_t kind = it->kind;
	int rc = 0;

	if (it->most != 0 && (size_t)it->most < max)
		max = (size_t)it->most;
	g->last = &g->first;
	cdp_buf_puts(&g->list, "[");
	cdp_buf_puts(&g->members, "[");
	while (rc == 0 && it != NULL && g->n < max) {
		rc = add(sd, w, it, g, err);
		if (rc == CDP_END)
			cdp_lane_untake(&w->lane, it);
		else if (rc == 0 && g->n < max)
			it = cdp_lane_take_kind(&w->lane, kind);
	}
	cdp_buf_puts(&g->list, "]");
	cdp_buf_puts(&g->members, "]");
	return rc == CDP_END ? 0 : rc;
}

static void
name(const struct gather *g, struct cdp_arena *mem, char ret[37])
{
	struct cdp_str *part = cdp_arena_calloc(mem, g->n + 1, sizeof(*part));
	size_t n = 0;

	part[n++] = CDP_STR("cdp-emit/1 batch");
	for (struct cdp_item *it = g->first; it != NULL; it = it->next_member)
		part[n++] = cdp_str_of(it->key);
	cdp_hash_uuid(part, n, ret);
}

static void
limit(struct cdp_item *it, size_t most, const struct cdp_tape *head)
{
	it->most = (int64_t)most;
	it->kind = cdp_lane_kind(head, it->most);
}

/*
 * A program that fails on them together fails on one of them: halves find out
 * which.  One by itself is dead of it.
 */
static void
part(struct cdp_way *w, struct gather *g, const struct cdp_err *why)
{
	struct cdp_item *it = g->first, *back = NULL, *next;

	if (g->n == 1) {
		cdp_sender_settle(
		    w, it, CDP_LANE_DEAD, cdp_str_of(why->msg), 0);
		return;
	}
	for (; it != NULL; it = next) {
		next = it->next_member;
		it->next_member = back;
		back = it;
	}
	for (; back != NULL; back = next) {
		next = back->next_member;
		limit(back, (g->n + 1) / 2, &g->tape);
		cdp_lane_untake(&w->lane, back);
	}
}

static int
pack(struct cdp_sender *sd, struct cdp_way *w, struct gather *g,
    struct cdp_item **ret, struct cdp_err *err)
{
	struct cdp_str list = cdp_buf_str(&g->list);
	struct cdp_err why = { 0 };
	char key[37];
	int rc;

	cdp_buf_reset(&sd->text);
	cdp_buf_putc(&sd->text, '{');
	name(g, &sd->mem, key);
	cdp_json_kstr(&sd->text, "key", cdp_str_of(key));
	cdp_json_kraw(&sd->text, "members", cdp_buf_str(&g->members));
	cdp_json_comma(&sd->text);
	cdp_buf_put(&sd->text, (struct cdp_str){ g->head.p, g->head.n });
	rc = cdp_request_body(
	    &sd->render, w->def, list, list, &sd->mem, &sd->text, &why);
	cdp_buf_putc(&sd->text, '}');
	if (rc == 0)
		*ret = cdp_lane_pack(&w->lane, g->first, cdp_str_of(key),
		    cdp_buf_str(&sd->text));
	else if (rc == CDP_EDATA)
		part(w, g, &why);
	else
		*err = why;
	return rc == CDP_EDATA ? 0 : rc;
}

int
cdp_parcel_take(struct cdp_sender *sd, struct cdp_way *w, struct cdp_item **ret,
    struct cdp_err *err)
{
	struct cdp_item *it = cdp_lane_take(&w->lane);
	struct gather g = { 0 };
	int rc;

	*ret = NULL;
	if (it->parcel) {
		*ret = it;
		return 0;
	}
	rc = gather(sd, w, it, w->def->batch_max, &g, err);
	if (rc == 0 && g.n != 0)
		rc = pack(sd, w, &g, ret, err);
	cdp_buf_free(&g.list);
	cdp_buf_free(&g.members);
	cdp_tape_free(&g.tape);
	cdp_arena_reset(&sd->mem);
	return rc;
}

/* ---- what became of it ---- */

/* Write back what is to be sent of one member, for another time or a person. */
static void
put_back(struct cdp_sender *sd, struct cdp_way *w, const struct cdp_tape *t,
    uint32_t at, const struct cdp_item *it)
{
	static const char *const own[] = { "key", "profile", "input" };

	cdp_buf_reset(&sd->text);
	cdp_buf_putc(&sd->text, '{');
	for (size_t i = 0; i < 2; i++)
		cdp_json_kraw(&sd->text, own[i],
		    cdp_tape_raw(t, cdp_tape_get(t, at, cdp_str_of(own[i]))));
	put_head(&sd->text, t);
	put_marks(&sd->text, t, at);
	if (it->most != 0)
		cdp_json_ki64(&sd->text, "most", it->most);
	cdp_json_kraw(&sd->text, own[2],
	    cdp_tape_raw(t, cdp_tape_get(t, at, cdp_str_of(own[2]))));
	cdp_buf_putc(&sd->text, '}');
	cdp_lane_put(&w->lane, it, cdp_buf_str(&sd->text));
}

/* {"status","body","keys"} for the program; the answer as JSON, or a string. */
static struct cdp_str
answer_json(struct cdp_sender *sd, const struct cdp_http_answer *an,
    const struct cdp_item *parcel)
{
	struct cdp_tape t = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_str ret;

	cdp_buf_printf(&b, "{\"status\":%ld", an->status);
	if (cdp_tape_parse(&t, an->body, NULL) == 0)
		cdp_json_kraw(&b, "body", an->body);
	else
		cdp_json_kstr(&b, "body", an->body);
	cdp_json_key(&b, "keys");
	cdp_buf_putc(&b, '[');
	for (const struct cdp_item *it = parcel->member; it != NULL;
	     it = it->next_member) {
		cdp_json_comma(&b);
		cdp_json_str(&b, cdp_str_of(it->key));
	}
	cdp_buf_puts(&b, "]}");
	ret = cdp_arena_dup(&sd->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	cdp_tape_free(&t);
	return ret;
}

/*
 * The destination's results into t: an array, an element for each; empty if
 * there is no such program, or it says nothing of them.
 */
static void
read_results(struct cdp_sender *sd, struct cdp_way *w,
    const struct cdp_http_answer *an, const struct cdp_item *parcel,
    struct cdp_tape *t)
{
	struct cdp_str json;

	if (w->def->results < 0 || an == NULL || an->status == 0 ||
	    cdp_jq_run(sd->pr->jq, w->def->results, answer_json(sd, an, parcel),
		&sd->mem, &json, NULL) != 0 ||
	    cdp_tape_parse(t, json, NULL) != 0)
		*t = (struct cdp_tape){ 0 };
}

/* A status, or {"status","said"}; nothing said of it is a 500. */
static long
status_at(const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem,
    struct cdp_str *said)
{
	int64_t status = 500;

	if (cdp_tape_isa(t, at, CDP_OBJECT)) {
		cdp_tape_i64(
		    t, cdp_tape_get(t, at, CDP_STR("status")), &status);
		*said =
		    cdp_tape_str(t, cdp_tape_get(t, at, CDP_STR("said")), mem);
	} else {
		cdp_tape_i64(t, at, &status);
	}
	if (said->n == 0)
		*said = cdp_arena_printf(mem, "%lld", (long long)status);
	return (long)status;
}

struct outcome { /* of the members of a parcel */
	struct cdp_tape tape;
	uint32_t it;
	bool each; /* the destination's results say it of each */
	enum cdp_verdict verdict;
	struct cdp_str said;
	size_t most; /* they are to go again, so many at once; 0: no */
	size_t left; /* in their order: so many come after */
};

/*
 * What is wrong with one refuses all: halves go again, until the one that is
 * wrong is by itself.  Not what may have been taken once under this key.
 */
static void
halve(struct outcome *o, const struct cdp_item *parcel, long status)
{
	size_t n = 0;

	if (parcel->doubt || (status != 400 && status != 413 && status != 422))
		return;
	for (const struct cdp_item *m = parcel->member; m != NULL;
	     m = m->next_member)
		n++;
	if (n > 1) {
		o->most = (n + 1) / 2;
		o->left = n;
	}
}

static void
find_outcome(struct cdp_sender *sd, struct cdp_way *w,
    const struct cdp_http_answer *an, const struct cdp_item *parcel,
    struct outcome *o)
{
	long status = an != NULL ? an->status : 0;

	read_results(sd, w, an, parcel, &o->tape);
	o->each = o->tape.ntok != 0 && cdp_tape_isa(&o->tape, 0, CDP_ARRAY);
	if (o->each)
		return;
	if (o->tape.ntok != 0 && !cdp_tape_isa(&o->tape, 0, CDP_NULL)) {
		o->said = (struct cdp_str){ 0 };
		status = status_at(&o->tape, 0, &sd->mem, &o->said);
		o->verdict = cdp_retry_class(status);
	}
	if (o->verdict == CDP_DEAD)
		halve(o, parcel, status);
}

static int
open_parcel(struct cdp_way *w, struct cdp_item *parcel, struct cdp_tape *t,
    struct cdp_buf *json, struct cdp_err *err)
{
	struct cdp_str s;
	int rc = cdp_lane_read(&w->lane, parcel, &s, err);

	if (rc == 0) {
		cdp_buf_put(json, s); /* the lane writes over its own */
		rc = cdp_tape_parse(t, cdp_buf_str(json), err);
	}
	return rc;
}

/* One member, which t describes at at. */
static void
settle_member(struct cdp_sender *sd, struct cdp_way *w, struct outcome *o,
    const struct cdp_tape *t, uint32_t at, struct cdp_item *m, int64_t now_ms,
    int64_t after_ms)
{
	enum cdp_verdict verdict = o->verdict;
	struct cdp_str said = o->said;
	uint32_t none, one;

	if (o->each) {
		said = (struct cdp_str){ 0 };
		if (!cdp_tape_next(&o->tape, 0, &o->it, &none, &one))
			one = CDP_NOTOK;
		verdict =
		    cdp_retry_class(status_at(&o->tape, one, &sd->mem, &said));
	}
	limit(m, o->most != 0 ? o->most : (size_t)m->most, t);
	if (verdict != CDP_TAKEN)
		put_back(sd, w, t, at, m);
	if (o->most != 0)
		cdp_sender_settle(w, m, CDP_LANE_RETRY, said,
		    m->last_ms - (int64_t)o->left--);
	else
		cdp_sender_judge(w, m, verdict, said, now_ms, after_ms);
}

int
cdp_parcel_settle(struct cdp_sender *sd, struct cdp_way *w,
    struct cdp_item *parcel, const struct cdp_http_answer *an,
    enum cdp_verdict verdict, struct cdp_str said, int64_t now_ms,
    struct cdp_err *err)
{
	struct outcome o = { .verdict = verdict, .said = said };
	struct cdp_tape t = { 0 };
	struct cdp_buf json = { 0 };
	struct cdp_item *m, *next;
	uint32_t it = 0, none, at = CDP_NOTOK, members;
	int rc = open_parcel(w, parcel, &t, &json, err);

	if (rc == CDP_END) {
		cdp_lane_drop(&w->lane, parcel);
		rc = 0;
		goto out;
	}
	if (rc != 0)
		goto out;
	find_outcome(sd, w, an, parcel, &o);
	members = cdp_tape_get(&t, 0, CDP_STR("members"));
	for (m = cdp_lane_unpack(&w->lane, parcel); m != NULL; m = next) {
		next = m->next_member;
		cdp_tape_next(&t, members, &it, &none, &at);
		settle_member(sd, w, &o, &t, at, m, now_ms,
		    an != NULL ? an->retry_after_ms : 0);
	}
out:
	cdp_tape_free(&o.tape);
	cdp_tape_free(&t);
	cdp_buf_free(&json);
	return rc;
}

int
cdp_parcel_give_up(struct cdp_sender *sd, struct cdp_way *w,
    struct cdp_item *parcel, enum cdp_lane_state state, struct cdp_str said,
    struct cdp_err *err)
{
	return cdp_parcel_settle(sd, w, parcel, NULL,
	    state == CDP_LANE_HELD ? CDP_DOUBT : CDP_DEAD, said, 0, err);
}
