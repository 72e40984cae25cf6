#include "lib/ingest/kcat.h"

static int
bad(const char *what, struct cdp_err *err)
{
	return cdp_fail_rule(err, CDP_EDATA, "kcat", NULL,
	    "%s; a message is what kcat prints with -J, or with "
	    "-f '%%t\\t%%p\\t%%o\\t%%s\\n'",
	    what);
}

/* The bytes before the next tab. */
static bool
field(struct cdp_str *rest, struct cdp_str *ret)
{
	const char *tab = memchr(rest->p, '\t', rest->n);

	if (tab == NULL)
		return false;
	*ret = (struct cdp_str){ rest->p, (size_t)(tab - rest->p) };
	rest->n -= ret->n + 1;
	rest->p = tab + 1;
	return true;
}

static bool
number(struct cdp_str s, int64_t *ret)
{
	size_t i;

	if (s.n == 0 || s.n > 18)
		return false;
	for (*ret = 0, i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*ret = 10 * *ret + (s.p[i] - '0');
	}
	return true;
}

static int
read_fields(struct cdp_str line, struct cdp_kcat *ret, struct cdp_err *err)
{
	struct cdp_str partition, offset;

	if (!field(&line, &ret->topic) || !field(&line, &partition) ||
	    !field(&line, &offset))
		return bad("no topic, partition and offset between tabs", err);
	if (ret->topic.n == 0 || !number(partition, &ret->partition) ||
	    !number(offset, &ret->offset)) {
		ret->topic.n = 0;
		return bad("partition or offset is not a number", err);
	}
	ret->payload = line;
	return 0;
}

int
cdp_kcat_read(struct cdp_str line, struct cdp_tape *t, struct cdp_arena *mem,
    struct cdp_kcat *ret, struct cdp_err *err)
{
	uint32_t topic, payload;
	int rc;

	if (line.n == 0 || *line.p != '{')
		return read_fields(line, ret, err);
	if ((rc = cdp_tape_parse(t, line, err)) != 0)
		return rc;
	topic = cdp_tape_get(t, 0, CDP_STR("topic"));
	payload = cdp_tape_get(t, 0, CDP_STR("payload"));
	if (!cdp_tape_isa(t, topic, CDP_STRING) ||
	    !cdp_tape_i64(
		t, cdp_tape_get(t, 0, CDP_STR("partition")), &ret->partition) ||
	    !cdp_tape_i64(
		t, cdp_tape_get(t, 0, CDP_STR("offset")), &ret->offset) ||
	    ret->partition < 0 || ret->offset < 0)
		return bad("no topic, partition and offset", err);
	ret->topic = cdp_tape_str(t, topic, mem);
	if (cdp_tape_isa(t, payload, CDP_STRING))
		ret->payload = cdp_tape_str(t, payload, mem);
	else if (cdp_tape_kind(t, payload) != CDP_NULL)
		ret->payload = cdp_tape_raw(t, payload);
	return 0;
}
