#include "lib/tool/whom.h"

#include "lib/profile/net.h"
#include "lib/profile/people.h"

int
cdp_whom_find(struct cdp_project *pr, struct cdp_log *log, struct cdp_str *id,
    struct cdp_arena *mem, struct cdp_buf *profile, struct cdp_err *err)
{
	struct cdp_net net;
	int64_t now;
	size_t at;
	int rc = cdp_net_find(log, pr, *id, mem, &net, &at, err);

	if (rc != 0)
		return rc;
	*id = net.profile;
	rc = cdp_people_view(pr, log, *id, profile, &now, err);
	return rc == CDP_END ? 0 : rc;
}
