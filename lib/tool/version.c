#include "lib/tool/version.h"

int
cdp_version_load(
    struct cdp_run *run, struct cdp_project **ret, struct cdp_err *err)
{
	struct cdp_diags diags = { 0 };
	struct cdp_str dir;
	int rc;

	rc = cdp_project_find(
	    run->args.pub.against, "--against", &run->mem, &dir, err);
	if (rc != 0)
		return rc;
	rc = cdp_project_load(
	    dir, run->args.def, run->args.ndef, &diags, ret, err);
	if (diags.nerrors != 0) {
		cdp_diags_print(&diags, run->tool->name, stderr);
		rc = cdp_fail(err, CDP_ECONF,
		    "%zu error%s in project '%.*s' (named by --against)",
		    diags.nerrors, diags.nerrors == 1 ? "" : "s", (int)dir.n,
		    dir.p);
	}
	cdp_diags_free(&diags);
	return rc;
}

int
cdp_version_line(const struct cdp_line *ln, struct cdp_err *err)
{
	if (ln->o.n != 0)
		return 0;
	return cdp_fail(err, CDP_ECONF,
	    "line %llu has no \"cdp\": --against reads what cdp-ingest prints "
	    "(cdp-ingest -n keeps nothing of it)",
	    (unsigned long long)ln->lineno);
}

void
cdp_version_end(struct cdp_run *run)
{
	if (cdp_run_read(run) == 0)
		cdp_run_note(run, "note: no event came: nothing was compared");
}
