#include <stdio.h>

#include "lib/base/time.h"
#include "lib/store/compact.h"
#include "lib/tool/say.h"
#include "lib/tool/upkeep.h"

int
cdp_admin_init(struct cdp_admin *a, struct cdp_err *err)
{
	const char *path = cdp_admin_path(a);
	int rc = cdp_store_init(&cdp_io_real, path,
	    a->id != NULL ? a->id : CDP_STORE_ID, &a->st, err);

	if (rc == 0)
		printf("%s: store '%s'\n", path, a->st->id);
	return rc;
}

static void
print_done(const char *log, const struct cdp_compact_stats *s)
{
	if (s->nothing) {
		printf("%s: compact already\n", log);
	} else {
		printf("%s: %llu bytes in %llu segment%s, were %llu in %llu: "
		       "%llu states, %llu older ones left out",
		    log, (unsigned long long)s->bytes,
		    (unsigned long long)s->segments,
		    s->segments == 1 ? "" : "s",
		    (unsigned long long)s->bytes_was,
		    (unsigned long long)s->segments_was,
		    (unsigned long long)s->live, (unsigned long long)s->dead);
		if (s->expired != 0)
			printf(", %llu inputs without outputs",
			    (unsigned long long)s->expired);
		if (s->forgotten != 0)
			printf(", %llu ids forgotten",
			    (unsigned long long)s->forgotten);
		putchar('\n');
	}
	if (s->busy)
		cdp_say("cdp-store",
		    "%s: a filter is writing to it: what it wrote last is left "
		    "for the next time",
		    log);
}

static int
option(const char *name, const char *text, int64_t *ret, struct cdp_err *err)
{
	if (text == NULL ||
	    (cdp_time_duration(cdp_str_of(text), ret) == 0 && *ret > 0))
		return 0;
	return cdp_fail(
	    err, CDP_ECONF, "%s: '%s' is no length of time", name, text);
}

int
cdp_admin_compact(struct cdp_admin *a, struct cdp_err *err)
{
	struct cdp_compact_opt opt = { 0 };
	struct cdp_compact_stats s;
	const char *const *log;
	struct cdp_log *look;
	size_t i, n;
	int rc;

	if ((rc = option("--outputs-older-than", a->outputs, &opt.outputs_ms,
		 err)) != 0 ||
	    (rc = option("--ids-older-than", a->ids, &opt.ids_ms, err)) != 0 ||
	    (rc = cdp_admin_logs(a, &log, &n, err)) != 0)
		return rc;
	for (i = 0; rc == 0 && i < n; i++) {
		rc = cdp_admin_log_open(a, log[i], &look, err);
		if (rc != 0 || look == NULL)
			continue;
		cdp_log_close(look);
		rc = cdp_compact_stage(a->st, log[i], &opt, &s, err);
		if (rc == 0)
			print_done(log[i], &s);
	}
	return rc;
}
