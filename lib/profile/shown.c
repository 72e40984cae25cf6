#include "lib/profile/shown.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/tape.h"
#include "lib/store/history.h"

/* The inputs of one epoch. */
struct span {
	uint64_t q, n;
};

struct shown {
	struct cdp_log *log;
	struct cdp_str id;
	uint64_t upto; /* records */
	uint64_t from; /* there the state that held at upto was written */
	bool ahead;
	struct span *v;
	size_t n, cap;
	struct cdp_tape tape;
	struct cdp_buf whole;
};

static int
add_version(void *arg, const struct cdp_epoch_info *in, struct cdp_str val)
{
	struct shown *s = arg;

	(void)val;
	if (in->n + in->records <= s->upto + 1)
		s->from = in->n;
	else
		s->ahead = true;
	return 0;
}

/* Epochs in which it may have been shown. */
static int
add_span(void *arg, const struct cdp_epoch_info *in)
{
	struct shown *s = arg;

	if (in->n + in->records <= s->from || in->n > s->upto)
		return 0;
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 16 : s->cap * 2;
		s->v = cdp_xreallocarray(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n++] = (struct span){ in->q, in->inputs };
	return 0;
}

/* Whether a record shows the profile, which is then appended to ret. */
static bool
shows(struct shown *s, const struct cdp_rec *rec, struct cdp_buf *ret)
{
	const struct cdp_tape *t = &s->tape;
	struct cdp_str json = cdp_rec_whole(rec, &s->whole);
	uint32_t at;

	if (json.n == 0 || memmem(json.p, json.n, s->id.p, s->id.n) == NULL ||
	    cdp_tape_parse(&s->tape, json, NULL) != 0)
		return false;
	at = cdp_tape_get(t, 0, CDP_STR("profile"));
	if (!cdp_tape_streq(t, cdp_tape_get(t, at, CDP_STR("id")), s->id))
		return false;
	cdp_buf_put(ret, cdp_tape_raw(t, at));
	return true;
}

/* From the newest input on; CDP_END when it was found. */
static int
search(struct shown *s, const struct span *sp, struct cdp_buf *ret,
    struct cdp_err *err)
{
	const struct cdp_rec *rec;
	uint64_t q, first;
	size_t n;
	int rc = 0;

	for (q = sp->q + sp->n; rc == 0 && q-- > sp->q;) {
		rc = cdp_log_caused(s->log, q, &first, &rec, &n, err);
		while (rc == 0 && n-- > 0)
			if (first + n <= s->upto && shows(s, &rec[n], ret))
				rc = CDP_END;
	}
	return rc;
}

int
cdp_shown_at(struct cdp_log *log, struct cdp_str id, uint64_t upto, bool *ahead,
    struct cdp_buf *ret, struct cdp_err *err)
{
	struct shown s = { .log = log, .id = id, .upto = upto };
	int rc = 0;

	if (upto < cdp_log_last(log))
		rc = cdp_log_versions(log, id, add_version, &s, err);
	if (rc == 0 && s.ahead)
		rc = cdp_log_epochs(log, add_span, &s, err);
	while (rc == 0 && s.n-- > 0)
		rc = search(&s, &s.v[s.n], ret, err);
	*ahead = s.ahead;
	free(s.v);
	cdp_tape_free(&s.tape);
	cdp_buf_free(&s.whole);
	return rc == CDP_END ? 0 : rc;
}
