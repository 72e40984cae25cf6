#include "lib/json/jqint.h"
#include "lib/json/jqsay.h"
#include "lib/json/watch.h"

void
cdp_jq_forget(struct cdp_jq *jq)
{
	if (jq->has_jv)
		jv_free(jq->in_jv);
	jq->has_jv = jq->has_tape = false;
	cdp_buf_reset(&jq->in);
}

/* Borrows v, which is what jq_next() returned. */
static int
result(jv v, struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err)
{
	jv text;

	if (!jv_is_valid(v)) {
		int rc = CDP_END;

		if (jv_invalid_has_msg(jv_copy(v))) {
			jv msg = jv_invalid_get_msg(jv_copy(v));

			rc = cdp_jqsay_run(msg, err);
			jv_free(msg);
		}
		return rc;
	}
	text = jv_dump_string(jv_copy(v), 0);
	*ret = cdp_arena_dup(mem,
	    (struct cdp_str){ jv_string_value(text),
		(size_t)jv_string_length_bytes(jv_copy(text)) });
	jv_free(text);
	return 0;
}

/* Several programs often run on the same input: it is read once. */
static void
take_input(struct cdp_jq *jq, struct cdp_str input)
{
	if (cdp_str_eq(cdp_buf_str(&jq->in), input))
		return;
	cdp_jq_forget(jq);
	cdp_buf_put(&jq->in, input);
}

static int
read_input(struct cdp_jq *jq, struct cdp_err *err)
{
	if (jq->has_jv)
		return 0;
	jq->in_jv = jv_parse_sized(jq->in.p, (int)jq->in.n);
	jq->has_jv = jv_is_valid(jq->in_jv);
	if (jq->has_jv)
		return 0;
	jv_free(jq->in_jv);
	return cdp_fail(err, CDP_EDATA, "the input is not JSON");
}

/* Without jq, where that is the same. */
static bool
run_plain(struct cdp_jq *jq, const struct cdp_jqprog *p, struct cdp_arena *mem,
    struct cdp_str *ret)
{
	if (p->plain == NULL)
		return false;
	if (!jq->has_tape &&
	    cdp_tape_parse(&jq->in_tape, cdp_buf_str(&jq->in), NULL) != 0)
		return false;
	jq->has_tape = true;
	cdp_buf_reset(&jq->out);
	if (!cdp_jqplain_run(p->plain, &jq->in_tape, &jq->out))
		return false;
	*ret = cdp_arena_dup(mem, cdp_buf_str(&jq->out));
	return true;
}

int
cdp_jq_run(struct cdp_jq *jq, int id, struct cdp_str input,
    struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err)
{
	const struct cdp_jqprog *p = jq->v[id];
	jv out;
	int rc;

	if (!p->want)
		return cdp_fail(err, CDP_ECONF,
		    "the jq program at %s was not asked for", p->place);
	if ((rc = cdp_jq_ready(jq, err)) != 0)
		return rc;
	take_input(jq, input);
	if (run_plain(jq, p, mem, ret))
		return 0;
	if ((rc = read_input(jq, err)) != 0)
		return rc;
	cdp_watch_begin(p->place, jq->limit_ms);
	jq_start(jq->run,
	    JV_ARRAY(jv_number(p->first->id), jv_copy(jq->in_jv),
		jv_copy(p->settings_jv)),
	    0);
	out = jq_next(jq->run);
	cdp_watch_end();
	rc = result(out, mem, ret, err);
	jv_free(out);
	return rc;
}
