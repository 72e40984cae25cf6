#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/rule/load.h"

/* "50/s", "10 per 1m" */
static void
load_rate(
    struct cdp_loader *ld, const struct cdp_node *v, struct cdp_destination *d)
{
	char *text = cdp_xstrndup(v->text), *end;
	long n = strtol(text, &end, 10);
	int64_t ms = 0;

	if (strcmp(end, "/s") == 0)
		ms = 1000;
	else if (strcmp(end, "/m") == 0)
		ms = 60 * 1000;
	else if (strcmp(end, "/h") == 0)
		ms = 3600 * 1000;
	if (v->kind == CDP_NODE_SCALAR && n > 0 && n <= 1000000 && ms != 0) {
		d->rate_n = n;
		d->rate_ms = ms;
	} else {
		cdp_diag_error(ld->diags, v, "bad-value",
		    "rate must be a number a second, minute or hour, such as "
		    "50/s, 600/m or 1000/h");
	}
	free(text);
}

static void
load_remembers(
    struct cdp_loader *ld, const struct cdp_node *v, struct cdp_destination *d)
{
	if (v->kind == CDP_NODE_SCALAR && cdp_str_is(v->text, "never"))
		d->remembers_ms = CDP_REMEMBERS_NEVER;
	else if (v->kind == CDP_NODE_SCALAR && cdp_str_is(v->text, "always"))
		d->remembers_ms = CDP_REMEMBERS_ALWAYS;
	else
		cdp_load_duration(ld, v, "remembers", &d->remembers_ms);
}

static void
load_retry(
    struct cdp_loader *ld, const struct cdp_node *v, struct cdp_destination *d)
{
	static const char *const known[] = { "for", NULL };

	if (!cdp_load_is_map(ld, v, "retry"))
		return;
	cdp_diag_keys(ld->diags, v, "retry", known);
	if (cdp_node_get(v, "for") != NULL)
		cdp_load_duration(
		    ld, cdp_node_get(v, "for"), "for", &d->retry_ms);
}

/* "500KB", "4MB" */
static bool
load_size(struct cdp_loader *ld, const struct cdp_node *v, size_t *ret)
{
	char *text = cdp_xstrndup(
		 v->kind == CDP_NODE_SCALAR ? v->text : CDP_STR("")),
	     *end;
	long n = strtol(text, &end, 10);
	bool ok = n > 0 && n <= 100000 &&
	    (strcmp(end, "KB") == 0 || strcmp(end, "MB") == 0);

	if (ok)
		*ret = (size_t)n * (*end == 'K' ? 1000 : 1000000);
	else
		cdp_diag_error(ld->diags, v, "bad-value",
		    "bytes must be a size such as 500KB or 4MB");
	free(text);
	return ok;
}

static void
load_batch(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	static const char *const known[] = { "max", "bytes", "every", NULL };
	const struct cdp_node *v;
	int64_t n = 100;

	if (!cdp_load_is_map(ld, map, "batch"))
		return;
	cdp_diag_keys(ld->diags, map, "batch", known);
	d->batch_bytes = 4000000;
	d->batch_ms = 10 * 1000;
	if ((v = cdp_node_get(map, "max")) != NULL)
		cdp_load_int(ld, v, "max", 1, 10000, &n);
	if ((v = cdp_node_get(map, "bytes")) != NULL &&
	    load_size(ld, v, &d->batch_bytes) && d->batch_bytes > 10000000)
		cdp_diag_error(
		    ld->diags, v, "bad-value", "a batch has at most 10MB");
	if ((v = cdp_node_get(map, "every")) != NULL)
		cdp_load_duration(ld, v, "every", &d->batch_ms);
	d->batch_max = (size_t)n;
}

void
cdp_load_sending(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	static const char *const keys[] = { "rate", "retry", "timeout",
		"parallel", "remembers", "allow_private", "batch", "ca" };
	const struct cdp_node *v[8];
	int64_t n = 8;

	for (size_t i = 0; i < 8; i++) {
		v[i] = cdp_node_get(map, keys[i]);
		if (v[i] != NULL && d->via == CDP_VIA_FILE)
			cdp_diag_error(ld->diags, v[i], "bad-value",
			    "'%s' is for what is sent over a network", keys[i]);
	}
	d->retry_ms = (int64_t)4 * 3600 * 1000;
	d->timeout_ms = 10 * 1000;
	/* What puts a thing in its place may be done twice (RFC 9110, 9.2.2) */
	d->remembers_ms =
	    cdp_str_is(d->method, "PUT") || cdp_str_is(d->method, "DELETE")
	    ? CDP_REMEMBERS_ALWAYS
	    : CDP_REMEMBERS_NEVER;
	if (v[0] != NULL)
		load_rate(ld, v[0], d);
	if (v[1] != NULL)
		load_retry(ld, v[1], d);
	if (v[2] != NULL &&
	    cdp_load_duration(ld, v[2], "timeout", &d->timeout_ms) &&
	    (d->timeout_ms <= 0 || d->timeout_ms > 600 * 1000))
		cdp_diag_error(ld->diags, v[2], "bad-value",
		    "timeout must be longer than nothing and at most 10m");
	if (v[3] != NULL)
		cdp_load_int(ld, v[3], "parallel", 1, 64, &n);
	d->parallel = (size_t)n;
	if (v[4] != NULL)
		load_remembers(ld, v[4], d);
	if (v[5] != NULL)
		cdp_load_bool(ld, v[5], "allow_private", &d->allow_private);
	if (v[6] != NULL)
		load_batch(ld, v[6], d);
	if (v[7] != NULL)
		cdp_load_file(ld, v[7], "ca", &d->ca);
}
