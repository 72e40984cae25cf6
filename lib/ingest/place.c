#include "lib/ingest/state.h"

void
cdp_ingest_place(void *self, struct cdp_str prefix, struct cdp_str name,
    uint64_t begin, uint64_t behind)
{
	struct cdp_ingest *ig = self;

	cdp_position_begin(ig->position, name, begin, behind);
	cdp_position_retire(ig->position, prefix, name);
}

int
cdp_ingest_resume(void *self, struct cdp_stage *sg, struct cdp_str prefix,
    void (*fn)(void *arg, struct cdp_str name, uint64_t at), void *arg,
    struct cdp_err *err)
{
	struct cdp_ingest *ig = self;
	uint64_t received;
	char who[256];
	int rc = cdp_stage_ready(sg, err);

	if (rc != 0 || cdp_stage_log(sg) == NULL)
		return rc;
	rc = cdp_log_reached(cdp_stage_log(sg), &received, who, err);
	if (rc == 0)
		cdp_position_resume(ig->position, received, prefix, fn, arg);
	return rc;
}
