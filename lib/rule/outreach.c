#include "lib/rule/outreach.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/base/time.h"
#include "lib/base/zone.h"
#include "lib/rule/load.h"

void
cdp_load_subscriptions(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const words[] = { "opt_out", "opt_in", NULL };
	struct cdp_outreach * or = &ld->pr->outreach;
	int k = 0;

	or->asks = true;
	or->sub =
	    cdp_load_grow(ld, or->sub, or->nsub, node->n, sizeof(* or->sub));
	for (size_t i = 0; i < node->n; i++)
		if (cdp_load_choice(
			ld, node->item[i], "a subscription", words, &k))
			or->sub[or->nsub++] =
			    (struct cdp_subscription){ node->key[i]->text,
				    k == 1, node->key[i] };
}

/* "2 per 24h" */
static bool
load_max(struct cdp_loader *ld, const struct cdp_node *v, struct cdp_cap *cap)
{
	static const char per[] = " per ";
	struct cdp_str rest = { 0 };
	char *text = cdp_xstrndup(v->text), *end;
	long long n = strtoll(text, &end, 10);
	size_t skip = (size_t)(end - text) + sizeof(per) - 1;
	bool ok = v->kind == CDP_NODE_SCALAR && end != text && n >= 0 &&
	    n <= 1000 && strncmp(end, per, sizeof(per) - 1) == 0;

	if (ok)
		rest = (struct cdp_str){ v->text.p + skip, v->text.n - skip };
	free(text);
	if (!ok || cdp_time_duration(rest, &cap->per_ms) != 0 ||
	    cap->per_ms <= 0) {
		cdp_diag_error(ld->diags, v, "bad-value",
		    "max must be a number, up to 1000, and a length of time, "
		    "such as 2 per 24h");
		return false;
	}
	cap->max = n;
	cap->text = v->text;
	return true;
}

static void
load_cap(struct cdp_loader *ld, const struct cdp_node *map, struct cdp_cap *cap)
{
	static const char *const known[] = { "channels", "max", NULL };
	const struct cdp_node *channels = cdp_node_get(map, "channels");
	const struct cdp_node *max = cdp_node_get(map, "max");

	cap->node = map;
	if (!cdp_load_is_map(ld, map, "a cap"))
		return;
	cdp_diag_keys(ld->diags, map, "a cap", known);
	if (channels == NULL || max == NULL) {
		cdp_diag_error(ld->diags, map, "missing-key",
		    "a cap needs channels and max, such as "
		    "{channels: [email], max: 2 per 24h}");
		return;
	}
	cdp_load_strs(ld, channels, "channels", &cap->channel, &cap->nchannel);
	if (load_max(ld, max, cap) && cap->per_ms > ld->pr->outreach.longest_ms)
		ld->pr->outreach.longest_ms = cap->per_ms;
}

static bool
load_tod(struct cdp_loader *ld, const struct cdp_node *map, const char *key,
    int64_t *ret)
{
	const struct cdp_node *v = cdp_node_get(map, key);
	int hour, min, used = 0;
	char *text;
	bool ok;

	if (v == NULL) {
		cdp_diag_error(ld->diags, map, "missing-key",
		    "quiet needs channels, from and to");
		return false;
	}
	text = cdp_xstrndup(v->text);
	ok = v->kind == CDP_NODE_SCALAR && v->text.n == 5 &&
	    sscanf(text, "%2d:%2d%n", &hour, &min, &used) == 2 && used == 5 &&
	    hour >= 0 && hour < 24 && min >= 0 && min < 60;
	free(text);
	if (ok)
		*ret = ((int64_t)hour * 60 + min) * 60 * 1000;
	else
		cdp_diag_error(ld->diags, v, "bad-value",
		    "a time of day is written \"21:00\"");
	return ok;
}

static void
load_zone(struct cdp_loader *ld, const struct cdp_node *v, struct cdp_quiet *q)
{
	struct cdp_zone *z;

	if (!cdp_load_str(ld, v, "timezone", &q->zone))
		return;
	z = cdp_zone_open(q->zone);
	if (cdp_str_is(q->zone, "profile"))
		q->zone = (struct cdp_str){ 0 };
	else if (z == NULL)
		cdp_diag_error(ld->diags, v, "unknown-timezone",
		    "no time zone '%.*s': write profile, or a name of the tz "
		    "database, such as America/Sao_Paulo",
		    (int)v->text.n, v->text.p);
	cdp_zone_close(z);
}

static void
load_quiet(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_quiet *q)
{
	static const char *const known[] = { "channels", "from", "to",
		"timezone", "then", NULL };
	static const char *const then[] = { "defer", "drop", NULL };
	const struct cdp_node *v;
	int k;

	q->node = map;
	if (!cdp_load_is_map(ld, map, "quiet"))
		return;
	cdp_diag_keys(ld->diags, map, "quiet", known);
	if (!load_tod(ld, map, "from", &q->from_ms) ||
	    !load_tod(ld, map, "to", &q->to_ms))
		return;
	if (q->from_ms == q->to_ms)
		cdp_diag_error(ld->diags, map, "bad-value",
		    "quiet hours must begin and end at different times");
	if ((v = cdp_node_get(map, "timezone")) != NULL)
		load_zone(ld, v, q);
	v = cdp_node_get(map, "then");
	if (v != NULL && cdp_load_choice(ld, v, "then", then, &k))
		q->drop = k == 1;
	v = cdp_node_get(map, "channels");
	if (v != NULL)
		cdp_load_strs(ld, v, "channels", &q->channel, &q->nchannel);
	else
		cdp_diag_error(ld->diags, map, "missing-key",
		    "quiet needs channels, from and to");
}

void
cdp_load_limits(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const known[] = { "caps", "quiet", "segments",
		"instances", NULL };
	struct cdp_outreach * or = &ld->pr->outreach;
	const struct cdp_node *v = cdp_node_get(node, "segments");

	cdp_diag_keys(ld->diags, node, "limits", known);
	if (cdp_node_get(node, "quiet") != NULL)
		load_quiet(ld, cdp_node_get(node, "quiet"), & or->quiet);
	if (v != NULL)
		cdp_load_int(ld, v, "segments", 1, 255, & or->segments);
	if ((v = cdp_node_get(node, "instances")) != NULL)
		cdp_load_int(ld, v, "instances", 1, 1000000, & or->instances);
	v = cdp_node_get(node, "caps");
	if (v == NULL || !cdp_load_is_seq(ld, v, "caps"))
		return;
	or->cap = cdp_load_grow(ld, or->cap, or->ncap, v->n, sizeof(* or->cap));
	for (size_t i = 0; i < v->n; i++)
		load_cap(ld, v->item[i], & or->cap[or->ncap++]);
}

static int
by_bytes(const void *a, const void *b)
{
	return cdp_str_cmp(
	    *(const struct cdp_str *)a, *(const struct cdp_str *)b);
}

/* Without what is around it; of a comment, nothing.  Mail has no case. */
static struct cdp_str
entry(struct cdp_loader *ld, struct cdp_str line)
{
	struct cdp_buf b = { 0 };
	bool mail = memchr(line.p, '@', line.n) != NULL;

	while (line.n != 0 && strchr(" \t\r", line.p[line.n - 1]) != NULL)
		line.n--;
	while (line.n != 0 && strchr(" \t", line.p[0]) != NULL)
		line = (struct cdp_str){ line.p + 1, line.n - 1 };
	if (line.n != 0 && line.p[0] == '#')
		line.n = 0;
	for (size_t i = 0; i < line.n; i++)
		cdp_buf_putc(&b,
		    mail && line.p[i] >= 'A' && line.p[i] <= 'Z'
			? (char)(line.p[i] + 32)
			: line.p[i]);
	line = cdp_arena_dup(ld->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return line;
}

void
cdp_load_suppress(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const known[] = { "file", NULL };
	struct cdp_outreach * or = &ld->pr->outreach;
	const struct cdp_node *v = cdp_node_get(node, "file");
	struct cdp_str text, line;
	size_t lines = 1, i;
	const char *nl;

	cdp_diag_keys(ld->diags, node, "suppress", known);
	if (v == NULL ||
	    !cdp_load_file(ld, v, "the file of suppressed values", &text))
		return;
	for (i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	or->listed = cdp_arena_calloc(ld->mem, lines, sizeof(line));
	while (text.n != 0) {
		nl = memchr(text.p, '\n', text.n);
		line = (struct cdp_str){ text.p,
			nl != NULL ? (size_t)(nl - text.p) : text.n };
		text.p += line.n + (nl != NULL);
		text.n -= line.n + (nl != NULL);
		line = entry(ld, line);
		if (line.n != 0)
			or->listed[or->nlisted++] = line;
	}
	qsort(or->listed, or->nlisted, sizeof(line), by_bytes);
}

static void
check(
    struct cdp_loader *ld, struct cdp_str channel, const struct cdp_node *node)
{
	const struct cdp_project *pr = ld->pr;
	struct cdp_str *names;

	for (size_t i = 0; i < pr->ndestination; i++)
		if (cdp_str_eq(pr->destination[i].channel, channel))
			return;
	names = cdp_xcalloc(pr->ndestination + 1, sizeof(*names));
	for (size_t i = 0; i < pr->ndestination; i++)
		names[i] = pr->destination[i].channel;
	cdp_diag_name(ld->diags, node, "unknown-channel",
	    "no destination has the channel", channel, names, pr->ndestination);
	free(names);
}

void
cdp_check_outreach(struct cdp_loader *ld)
{
	const struct cdp_outreach * or = &ld->pr->outreach;

	for (size_t i = 0; i < or->nsub; i++)
		check(ld, or->sub[i].channel, or->sub[i].node);
	for (size_t i = 0; i < or->ncap; i++)
		for (size_t k = 0; k < or->cap[i].nchannel; k++)
			check(ld, or->cap[i].channel[k], or->cap[i].node);
	for (size_t i = 0; i < or->quiet.nchannel; i++)
		check(ld, or->quiet.channel[i], or->quiet.node);
}
