#include "lib/rule/load.h"

#define KIB ((int64_t)1 << 10)
#define MIB ((int64_t)1 << 20)

const struct cdp_limits cdp_limits_segment = {
	.event_bytes = 32 * KIB,
	.batch_bytes = 500 * KIB,
	.batch_events = 2500,
	.properties = 10000,
	.message_id = 100,
	.group_id = 500,
};

/* A line of a stage may have 16 MiB: what is added must fit, too. */
#define BYTES_MAX (8 * MIB)
#define COUNT_MAX 1000000

void
cdp_load_ingest(struct cdp_loader *ld, struct cdp_node *node)
{
	static const char *const known[] = { "event", "batch", "batch_events",
		"properties", "message_id", "group_id", "dedupe", NULL };
	struct cdp_limits *l = &ld->pr->limits;
	const struct {
		const char *name;
		bool bytes;
		int64_t *ret;
	} v[] = { { "event", true, &l->event_bytes },
		{ "batch", true, &l->batch_bytes },
		{ "batch_events", false, &l->batch_events },
		{ "properties", false, &l->properties },
		{ "message_id", false, &l->message_id },
		{ "group_id", false, &l->group_id } };
	struct cdp_node *val;
	size_t i;

	cdp_diag_keys(ld->diags, node, "ingest", known);
	if ((val = cdp_node_get(node, "dedupe")) != NULL)
		cdp_load_duration(ld, val, "dedupe", &l->dedupe_ms);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if ((val = cdp_node_get(node, v[i].name)) == NULL)
			continue;
		if (v[i].bytes)
			cdp_load_size(ld, val, v[i].name, BYTES_MAX, v[i].ret);
		else
			cdp_load_int(
			    ld, val, v[i].name, 1, COUNT_MAX, v[i].ret);
	}
}
