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
