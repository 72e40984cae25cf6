#include "lib/profile/explain.h"

#include "lib/json/write.h"
#include "lib/profile/violation.h"

#define MAX_CUT 20 /* more would be no advice */

static void
put_link(struct cdp_buf *b, const struct cdp_net *net, size_t at)
{
	const struct cdp_net_link *l = &net->link[at];
	size_t i;

	cdp_json_comma(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "event", l->by);
	cdp_json_ktime(b, "timestamp", l->ms);
	cdp_json_key(b, "identifiers");
	cdp_buf_putc(b, '[');
	for (i = 0; i < l->n; i++) {
		cdp_json_comma(b);
		cdp_json_str(b, net->id[l->id[i]].name);
	}
	cdp_buf_puts(b, "]}");
}

static void
put_aside(struct cdp_buf *b, const struct cdp_net *net,
    const struct cdp_net_aside *a, struct cdp_str name)
{
	cdp_json_comma(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "violation", a->violation);
	cdp_json_kstr(b, name.n != 0 ? "identifier" : "type",
	    name.n != 0 ? name : a->type);
	if (a->over.n != 0)
		cdp_json_kstr(b, "limit", a->over);
	cdp_json_kstr(b, "of", net->profile);
	cdp_json_kstr(b, "event", a->by);
	cdp_json_ktime(b, "timestamp", a->ms);
	cdp_buf_putc(b, '}');
}

/* ---- one ---- */

static size_t
links_of(const struct cdp_net *net, size_t id)
{
	size_t i, j, n = 0;

	for (i = 0; i < net->nlink; i++)
		for (j = 0; j < net->link[i].n; j++)
			n += net->link[i].id[j] == id;
	return n;
}

static void
put_ids(struct cdp_buf *b, const struct cdp_net *net)
{
	size_t i;

	cdp_json_key(b, "identifiers");
	cdp_buf_putc(b, '[');
	for (i = 0; i < net->nid; i++) {
		const struct cdp_net_id *id = &net->id[i];

		cdp_json_comma(b);
		cdp_buf_putc(b, '{');
		cdp_json_kstr(b, "type", id->type);
		cdp_json_kstr(b, "value", id->value);
		if (id->raw.n != 0)
			cdp_json_kstr(b, "written", id->raw);
		cdp_json_ktime(b, "first_seen", id->first_ms);
		cdp_json_ki64(b, "links", (int64_t)links_of(net, i));
		if (id->refused != 0)
			cdp_json_ki64(b, "refused", id->refused);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, ']');
}

int
cdp_explain_one(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str id, struct cdp_buf *b, struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	struct cdp_net net;
	size_t at, i;
	int rc = cdp_net_find(log, pr, id, &mem, &net, &at, err);

	if (rc == 0) {
		cdp_buf_putc(b, '{');
		cdp_json_kstr(b, "profile", net.profile);
		put_ids(b, &net);
		cdp_json_key(b, "links");
		cdp_buf_putc(b, '[');
		for (i = 0; i < net.nlink; i++)
			put_link(b, &net, i);
		cdp_buf_putc(b, ']');
		cdp_json_key(b, "set_aside");
		cdp_buf_putc(b, '[');
		for (i = 0; i < net.naside; i++)
			put_aside(b, &net, &net.aside[i], CDP_STR(""));
		cdp_buf_puts(b, "]}");
	}
	cdp_arena_free(&mem);
	return rc;
}

/* ---- two ---- */

static void
put_cut(struct cdp_buf *b, const struct cdp_net *net, size_t from, size_t to,
    struct cdp_arena *mem)
{
	size_t *cut, n, i;

	cdp_json_key(b, "parted_without");
	cdp_buf_putc(b, '{');
	cdp_json_key(b, "events");
	if (cdp_net_cut(net, from, to, true, MAX_CUT, mem, &cut, &n)) {
		cdp_buf_putc(b, '[');
		for (i = 0; i < n; i++) {
			cdp_json_comma(b);
			cdp_json_str(b, net->link[cut[i]].by);
		}
		cdp_buf_putc(b, ']');
	} else {
		cdp_buf_puts(b, "null");
	}
	cdp_json_key(b, "identifiers");
	if (cdp_net_cut(net, from, to, false, MAX_CUT, mem, &cut, &n)) {
		cdp_buf_putc(b, '[');
		for (i = 0; i < n; i++) {
			cdp_json_comma(b);
			cdp_json_str(b, net->id[cut[i]].name);
		}
		cdp_buf_putc(b, ']');
	} else {
		cdp_buf_puts(b, "null");
	}
	cdp_buf_putc(b, '}');
}

static void
put_joined(struct cdp_buf *b, const struct cdp_net *net, size_t from, size_t to,
    struct cdp_arena *mem)
{
	size_t *way, n, i;

	cdp_json_kstr(b, "profile", net->profile);
	if (from == CDP_NET_NONE || to == CDP_NET_NONE)
		return;
	cdp_json_key(b, "chain");
	if (!cdp_net_path(net, from, to, mem, &way, &n)) {
		cdp_buf_puts(b, "null");
		return;
	}
	cdp_buf_putc(b, '[');
	for (i = 0; i < n; i++)
		put_link(b, net, way[i]);
	cdp_buf_putc(b, ']');
	if (from != to)
		put_cut(b, net, from, to, mem);
}

/* What events of one had of the other's, in vain. */
static void
put_between(
    struct cdp_buf *b, const struct cdp_net *one, const struct cdp_net *other)
{
	char hash[5];
	size_t i, j;

	for (i = 0; i < one->naside; i++)
		for (j = 0; j < other->nid; j++) {
			const struct cdp_net_aside *a = &one->aside[i];
			const struct cdp_net_id *id = &other->id[j];

			cdp_violation_hash(id->type, id->value, hash);
			if (cdp_str_eq(a->type, id->type) &&
			    cdp_str_is(a->hash, hash))
				put_aside(b, one, a, id->name);
		}
}

int
cdp_explain_two(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str one, struct cdp_str other, bool *joined, struct cdp_buf *b,
    struct cdp_err *err)
{
	struct cdp_arena mem = { 0 };
	struct cdp_net a, c;
	size_t from, to;
	int rc = cdp_net_find(log, pr, one, &mem, &a, &from, err);

	if (rc == 0)
		rc = cdp_net_find(log, pr, other, &mem, &c, &to, err);
	if (rc == 0) {
		*joined = cdp_str_eq(a.profile, c.profile);
		cdp_buf_putc(b, '{');
		cdp_json_kraw(
		    b, "joined", *joined ? CDP_STR("true") : CDP_STR("false"));
		if (*joined)
			put_joined(b, &a, from, to, &mem);
		else {
			cdp_json_key(b, "profiles");
			cdp_buf_putc(b, '[');
			cdp_json_str(b, a.profile);
			cdp_buf_putc(b, ',');
			cdp_json_str(b, c.profile);
			cdp_buf_putc(b, ']');
			cdp_json_key(b, "set_aside");
			cdp_buf_putc(b, '[');
			put_between(b, &a, &c);
			put_between(b, &c, &a);
			cdp_buf_putc(b, ']');
		}
		cdp_buf_putc(b, '}');
	}
	cdp_arena_free(&mem);
	return rc;
}
