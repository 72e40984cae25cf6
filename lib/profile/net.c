#include "lib/profile/net.h"

#include "lib/json/tape.h"
#include "lib/profile/violation.h"
#include "lib/rule/ident.h"

#define MAX_HOPS 1000 /* from one who was merged away to the next */

/* ---- reading ---- */

static uint32_t
nth(const struct cdp_tape *t, uint32_t at, size_t i)
{
	uint32_t it = 0, key, val;

	while (cdp_tape_next(t, at, &it, &key, &val))
		if (i-- == 0)
			return val;
	return CDP_NOTOK;
}

struct reader {
	const struct cdp_tape *t;
	struct cdp_arena *mem;
};

/* Copies: the text of the state goes. */
static struct cdp_str
text(const struct reader *r, uint32_t at, size_t i)
{
	return cdp_arena_dup(
	    r->mem, cdp_tape_str(r->t, nth(r->t, at, i), r->mem));
}

static int64_t
number(const struct reader *r, uint32_t at, size_t i)
{
	int64_t v = 0;

	cdp_tape_i64(r->t, nth(r->t, at, i), &v);
	return v;
}

static void
read_ids(const struct reader *r, uint32_t list, struct cdp_net *ret)
{
	uint32_t it = 0, key, val;
	struct cdp_net_id *id = cdp_arena_calloc(
	    r->mem, cdp_tape_count(r->t, list) + 1, sizeof(*id));

	ret->id = id;
	for (; cdp_tape_next(r->t, list, &it, &key, &val); id++) {
		id->type = text(r, val, 0);
		id->value = text(r, val, 1);
		id->first_ms = number(r, val, 2);
		id->raw = text(r, val, 4);
		id->refused = number(r, val, 5);
		id->name = cdp_arena_printf(r->mem, "%.*s:%.*s",
		    (int)id->type.n, id->type.p, (int)id->value.n, id->value.p);
	}
	ret->nid = (size_t)(id - ret->id);
}

static void
read_links(const struct reader *r, uint32_t list, struct cdp_net *ret)
{
	uint32_t it = 0, key, val;
	struct cdp_net_link *l = cdp_arena_calloc(
	    r->mem, cdp_tape_count(r->t, list) + 1, sizeof(*l));
	size_t i, n;

	ret->link = l;
	for (; cdp_tape_next(r->t, list, &it, &key, &val); l++) {
		l->ms = number(r, val, 0);
		l->by = text(r, val, 1);
		n = cdp_tape_count(r->t, val);
		l->id = cdp_arena_calloc(r->mem, n, sizeof(*l->id));
		for (i = 2; i < n; i++) {
			int64_t at = number(r, val, i);

			if (at >= 0 && (size_t)at < ret->nid)
				l->id[l->n++] = (size_t)at;
		}
	}
	ret->nlink = (size_t)(l - ret->link);
}

static void
read_asides(const struct reader *r, uint32_t list, struct cdp_net *ret)
{
	uint32_t it = 0, key, val;
	struct cdp_net_aside *a = cdp_arena_calloc(
	    r->mem, cdp_tape_count(r->t, list) + 1, sizeof(*a));

	ret->aside = a;
	for (; cdp_tape_next(r->t, list, &it, &key, &val); a++) {
		int64_t kind = number(r, val, 0);

		a->violation = cdp_str_of(kind >= 0 && kind < CDP_NVIOLS
			? cdp_violation_names[kind]
			: "");
		a->type = text(r, val, 1);
		a->hash = text(r, val, 2);
		a->over = text(r, val, 3);
		a->ms = number(r, val, 4);
		a->by = text(r, val, 5);
	}
	ret->naside = (size_t)(a - ret->aside);
}

bool
cdp_net_read(struct cdp_str json, struct cdp_str id, struct cdp_arena *mem,
    struct cdp_net *ret)
{
	struct cdp_tape t = { 0 };
	struct reader r = { &t, mem };
	bool whole;

	*ret = (struct cdp_net){ .profile = id };
	whole = cdp_tape_parse(&t, json, NULL) == 0 &&
	    cdp_tape_get(&t, 0, CDP_STR("into")) == CDP_NOTOK;
	if (whole) {
		read_ids(&r, cdp_tape_get(&t, 0, CDP_STR("ids")), ret);
		read_links(&r, cdp_tape_get(&t, 0, CDP_STR("links")), ret);
		read_asides(&r, cdp_tape_get(&t, 0, CDP_STR("aside")), ret);
	}
	cdp_tape_free(&t);
	return whole;
}

/* ---- finding ---- */

/* TYPE:VALUE in the spelling of its type. */
static struct cdp_str
spell(const struct cdp_project *pr, struct cdp_str id, struct cdp_arena *mem)
{
	const char *colon = memchr(id.p, ':', id.n);
	struct cdp_str type, value;

	if (colon == NULL)
		return id;
	type = (struct cdp_str){ id.p, (size_t)(colon - id.p) };
	value = (struct cdp_str){ colon + 1, id.n - type.n - 1 };
	value = cdp_ident_spell(&pr->identity, type, value, mem);
	return cdp_arena_printf(
	    mem, "%.*s:%.*s", (int)type.n, type.p, (int)value.n, value.p);
}

/* The state under key; of an identifier a string, of who is gone an "into". */
static int
fetch(struct cdp_log *log, struct cdp_str key, struct cdp_buf *json,
    struct cdp_arena *mem, struct cdp_str *next, struct cdp_err *err)
{
	struct cdp_tape t = { 0 };
	uint32_t at = 0;
	int rc;

	cdp_buf_reset(json);
	if ((rc = cdp_log_get(log, key, json, err)) != 0)
		return rc;
	*next = (struct cdp_str){ NULL, 0 };
	if (cdp_tape_parse(&t, cdp_buf_str(json), err) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "the state of '%.*s' is not JSON", (int)key.n, key.p);
	if (cdp_tape_isa(&t, 0, CDP_OBJECT))
		at = cdp_tape_get(&t, 0, CDP_STR("into"));
	if (cdp_tape_isa(&t, at, CDP_STRING))
		*next = cdp_arena_dup(mem, cdp_tape_str(&t, at, mem));
	cdp_tape_free(&t);
	return 0;
}

int
cdp_net_find(struct cdp_log *log, const struct cdp_project *pr,
    struct cdp_str id, struct cdp_arena *mem, struct cdp_net *ret, size_t *at,
    struct cdp_err *err)
{
	struct cdp_str name = spell(pr, id, mem), key = id, next;
	bool is_profile = cdp_str_starts(id, CDP_STR("p_")) &&
	    memchr(id.p, ':', id.n) == NULL;
	struct cdp_buf json = { 0 };
	int hops, rc;

	if (!is_profile)
		key = cdp_arena_printf(mem, "i:%.*s", (int)name.n, name.p);
	for (hops = 0; hops < MAX_HOPS; hops++) {
		rc = fetch(log, key, &json, mem, &next, err);
		if (rc != 0 || next.n == 0)
			break;
		key = next;
	}
	if (rc == 0 && !cdp_net_read(cdp_buf_str(&json), key, mem, ret))
		rc = CDP_END;
	cdp_buf_free(&json);
	if (rc != 0)
		return rc;
	for (*at = 0; *at < ret->nid; ++*at)
		if (!is_profile && cdp_str_eq(ret->id[*at].name, name))
			return 0;
	*at = CDP_NET_NONE;
	return is_profile ? 0 : CDP_END;
}

/* ---- the shortest way ---- */

bool
cdp_net_path(const struct cdp_net *net, size_t from, size_t to,
    struct cdp_arena *mem, size_t **ret, size_t *n)
{
	size_t *by = cdp_arena_alloc(mem, (net->nid + 1) * sizeof(*by));
	size_t *prev = cdp_arena_alloc(mem, (net->nid + 1) * sizeof(*prev));
	size_t *queue = cdp_arena_alloc(mem, (net->nid + 1) * sizeof(*queue));
	size_t head = 0, tail = 0, i, j, k;
	bool *used = cdp_arena_calloc(mem, net->nlink + 1, sizeof(*used));

	for (i = 0; i < net->nid; i++)
		by[i] = CDP_NET_NONE;
	queue[tail++] = from;
	while (head < tail && queue[head] != to) {
		size_t at = queue[head++];

		for (i = 0; i < net->nlink; i++) {
			const struct cdp_net_link *l = &net->link[i];

			for (j = 0; j < l->n && l->id[j] != at; j++)
				;
			if (used[i] || j == l->n)
				continue;
			used[i] = true;
			for (k = 0; k < l->n; k++) {
				size_t id = l->id[k];

				if (id == from || by[id] != CDP_NET_NONE)
					continue;
				by[id] = i;
				prev[id] = at;
				queue[tail++] = id;
			}
		}
	}
	*n = 0;
	for (i = to; i != from; i = prev[i], ++*n)
		if (by[i] == CDP_NET_NONE)
			return false;
	*ret = cdp_arena_alloc(mem, (*n + 1) * sizeof(**ret));
	for (i = to, j = *n; i != from; i = prev[i])
		(*ret)[--j] = by[i];
	return true;
}

/* ---- what would part them ---- */

/*
 * A flow network: each identifier and link is two nodes, 2i (in) and 2i + 1
 * (out), with an edge between that carries one unit if it may be cut.
 */
struct flow {
	uint32_t *head, *next, *to, *seen;
	int *cap;
	uint32_t nedge, nnode, *queue;
};

#define NO_EDGE UINT32_MAX
#define ENDLESS 1000000

static void
edge(struct flow *f, uint32_t a, uint32_t b, int cap)
{
	f->to[f->nedge] = b;
	f->cap[f->nedge] = cap;
	f->next[f->nedge] = f->head[a];
	f->head[a] = f->nedge++;
	f->to[f->nedge] = a;
	f->cap[f->nedge] = 0;
	f->next[f->nedge] = f->head[b];
	f->head[b] = f->nedge++;
}

static void
build(struct flow *f, const struct cdp_net *net, size_t from, size_t to,
    bool links, struct cdp_arena *mem)
{
	size_t i, j, edges = net->nid + net->nlink;

	for (i = 0; i < net->nlink; i++)
		edges += 2 * net->link[i].n;
	f->nnode = (uint32_t)(2 * (net->nid + net->nlink));
	f->head = cdp_arena_alloc(mem, f->nnode * sizeof(uint32_t));
	f->seen = cdp_arena_alloc(mem, f->nnode * sizeof(uint32_t));
	f->queue = cdp_arena_alloc(mem, f->nnode * sizeof(uint32_t));
	f->next = cdp_arena_alloc(mem, 2 * edges * sizeof(uint32_t));
	f->to = cdp_arena_alloc(mem, 2 * edges * sizeof(uint32_t));
	f->cap = cdp_arena_alloc(mem, 2 * edges * sizeof(int));
	memset(f->head, 0xFF, f->nnode * sizeof(uint32_t));
	for (i = 0; i < net->nid; i++)
		edge(f, (uint32_t)(2 * i), (uint32_t)(2 * i + 1),
		    links || i == from || i == to ? ENDLESS : 1);
	for (i = 0; i < net->nlink; i++) {
		uint32_t at = (uint32_t)(2 * (net->nid + i));

		edge(f, at, at + 1, links ? 1 : ENDLESS);
		for (j = 0; j < net->link[i].n; j++) {
			uint32_t id = (uint32_t)(2 * net->link[i].id[j]);

			edge(f, id + 1, at, ENDLESS);
			edge(f, at + 1, id, ENDLESS);
		}
	}
}

/* Who can be reached; seen holds the edge by which, or NO_EDGE. */
static bool
reach(struct flow *f, uint32_t from, uint32_t to)
{
	uint32_t head = 0, tail = 0, e;

	memset(f->seen, 0xFF, f->nnode * sizeof(uint32_t));
	f->queue[tail++] = from;
	while (head < tail) {
		uint32_t at = f->queue[head++];

		for (e = f->head[at]; e != NO_EDGE; e = f->next[e]) {
			uint32_t b = f->to[e];

			if (f->cap[e] == 0 || b == from ||
			    f->seen[b] != NO_EDGE)
				continue;
			f->seen[b] = e;
			f->queue[tail++] = b;
		}
	}
	return f->seen[to] != NO_EDGE;
}

static void
push(struct flow *f, uint32_t from, uint32_t to)
{
	uint32_t at, e;

	for (at = to; at != from; at = f->to[e ^ 1]) {
		e = f->seen[at];
		f->cap[e]--;
		f->cap[e ^ 1]++;
	}
}

bool
cdp_net_cut(const struct cdp_net *net, size_t from, size_t to, bool links,
    size_t max, struct cdp_arena *mem, size_t **ret, size_t *n)
{
	struct flow f = { 0 };
	uint32_t a = (uint32_t)(2 * from + 1), b = (uint32_t)(2 * to);
	size_t i, most = links ? net->nlink : net->nid, first;
	size_t flow = 0;

	build(&f, net, from, to, links, mem);
	while (reach(&f, a, b)) {
		if (flow++ == max)
			return false;
		push(&f, a, b);
	}
	*ret = cdp_arena_alloc(mem, (max + 1) * sizeof(**ret));
	first = links ? net->nid : 0;
	for (*n = 0, i = 0; i < most && *n < max; i++)
		if (f.seen[2 * (first + i)] != NO_EDGE &&
		    f.seen[2 * (first + i) + 1] == NO_EDGE &&
		    (links || (i != from && i != to)))
			(*ret)[(*n)++] = i;
	return true;
}
