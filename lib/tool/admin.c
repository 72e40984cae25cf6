#include <stdio.h>
#include <stdlib.h>

#include "lib/json/write.h"
#include "lib/store/lookup.h"
#include "lib/store/repair.h"
#include "lib/tool/admin.h"
#include "lib/tool/history.h"
#include "lib/tool/optval.h"
#include "lib/tool/sandbox.h"
#include "lib/tool/say.h"

int
cdp_admin_project(struct cdp_admin *a, struct cdp_err *err)
{
	struct cdp_str dir;
	int rc;

	if (a->pr != NULL)
		return 0;
	rc = cdp_project_find(a->project, "-C", &a->mem, &dir, err);
	cdp_project_share(getenv("CDP_SHARE"));
	cdp_jq_sandbox();
	if (rc == 0)
		rc = cdp_project_load(dir, NULL, 0, &a->diags, &a->pr, err);
	return rc;
}

const char *
cdp_admin_path(struct cdp_admin *a)
{
	const struct cdp_str *s;

	if (a->store != NULL)
		return a->store;
	if (a->env != NULL)
		return a->env;
	if (cdp_admin_project(a, &(struct cdp_err){ 0 }) != 0 ||
	    a->pr->store.n == 0)
		return "store";
	s = &a->pr->store;
	if (s->p[0] == '/')
		return cdp_arena_dup(&a->mem, *s).p;
	return cdp_arena_printf(&a->mem, "%.*s/%.*s", (int)a->pr->dir.n,
	    a->pr->dir.p, (int)s->n, s->p)
	    .p;
}

/* Nothing but this store from here on, and to read only. */
static void
confine(const char *store)
{
	struct cdp_sandbox sb;

	cdp_sandbox_begin(&sb, CDP_SANDBOX_TRY);
	cdp_sandbox_rules(&sb, false);
	cdp_sandbox_allow(&sb, store, CDP_SANDBOX_READ);
	cdp_sandbox_allow(&sb, "/usr/share/zoneinfo", CDP_SANDBOX_READ);
	(void)cdp_sandbox_enter(&sb, NULL);
}

int
cdp_admin_open(struct cdp_admin *a, struct cdp_err *err)
{
	const char *path = cdp_admin_path(a);
	size_t memory = CDP_STORE_MEMORY;
	int rc = 0;

	if (a->memory != NULL)
		rc = cdp_optval_size("memory", a->memory, &memory, err);
	if (rc == 0)
		rc = cdp_store_open(
		    &cdp_io_real, path, CDP_STORE_READ, &a->st, err);
	if (rc == 0)
		a->st->memory = memory;
	if (rc == 0 && a->reads)
		confine(path);
	return rc == CDP_END
	    ? cdp_fail(err, CDP_ECONF, "there is no store at '%s'", path)
	    : rc;
}

int
cdp_admin_logs(struct cdp_admin *a, const char *const **ret, size_t *n,
    struct cdp_err *err)
{
	int rc = cdp_admin_open(a, err);

	if (rc == 0 && a->n == 0)
		rc = cdp_store_logs(a->st, &a->mem, ret, n, err);
	if (a->n != 0) {
		*ret = (const char *const *)a->name;
		*n = (size_t)a->n;
	}
	return rc;
}

int
cdp_admin_log_open(struct cdp_admin *a, const char *name, struct cdp_log **ret,
    struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = name, .readonly = true };
	int rc = strchr(name, '/') != NULL || *name == '.'
	    ? CDP_END
	    : cdp_log_open(a->st, &opt, ret, err);

	if (rc != CDP_END)
		return rc;
	*ret = NULL;
	return a->n == 0
	    ? 0
	    : cdp_fail(err, CDP_ECONF, "the store '%s' has no log '%s'",
		  a->st->path, name);
}

static int
print_line(void *arg, struct cdp_str line)
{
	const struct cdp_admin *a = arg;

	if (a->log != NULL)
		printf("{\"log\":\"%s\",%.*s\n", a->log, (int)line.n - 1,
		    line.p + 1);
	else
		printf("%.*s\n", (int)line.n, line.p);
	return ferror(stdout) != 0 ? CDP_EIO : 0;
}

/* What one log keeps under key, as a line. */
static int
get_from(struct cdp_admin *a, const char *stage, struct cdp_str key,
    struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = stage, .readonly = true };
	struct cdp_buf b = { 0 }, val = { 0 };
	struct cdp_log *log;
	int rc = cdp_log_open(a->st, &opt, &log, err);

	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	rc = a->as_of != NULL
	    ? cdp_admin_as_of(log, key, a->as_of_ms, &val, err)
	    : cdp_log_get(log, key, &val, err);
	if (rc == 0) {
		a->found = true;
		cdp_buf_putc(&b, '{');
		cdp_json_kstr(&b, "log", cdp_str_of(stage));
		cdp_json_kstr(&b, "k", key);
		cdp_json_kraw(&b, "v", cdp_buf_str(&val));
		cdp_buf_putc(&b, '}');
		printf("%.*s\n", (int)b.n, b.p);
	}
	cdp_log_close(log);
	cdp_buf_free(&b);
	cdp_buf_free(&val);
	return rc == CDP_END ? 0 : rc;
}

int
cdp_admin_get(struct cdp_admin *a, struct cdp_err *err)
{
	const char *const *log;
	struct cdp_str key;
	size_t i, n;
	int rc, k, missing = 0;

	if (a->n == 0)
		return cdp_fail(err, CDP_ECONF, "get: which ID?");
	if (a->as_of != NULL &&
	    cdp_time_option(cdp_str_of(a->as_of), &a->as_of_ms) != 0)
		return cdp_fail(
		    err, CDP_ECONF, "--as-of: '%s' is no time", a->as_of);
	if ((rc = cdp_admin_open(a, err)) != 0 ||
	    (rc = cdp_store_logs(a->st, &a->mem, &log, &n, err)) != 0)
		return rc;
	for (k = 0; k < a->n; k++) {
		rc = cdp_store_resolve(
		    a->st, cdp_str_of(a->name[k]), &a->mem, &key, err);
		if (rc == CDP_END) {
			cdp_say(
			    "cdp-store", "nobody is known as '%s'", a->name[k]);
			missing = CDP_END;
			continue;
		}
		a->found = false;
		for (i = 0; rc == 0 && i < n; i++)
			rc = get_from(a, log[i], key, err);
		if (rc != 0)
			return rc;
		if (!a->found) {
			cdp_say("cdp-store", "nothing is kept of '%s' as of %s",
			    a->name[k], a->as_of);
			missing = CDP_END;
		}
	}
	return missing;
}

int
cdp_admin_cat(struct cdp_admin *a, struct cdp_err *err)
{
	const char *const *log;
	size_t i, n;
	int rc;

	if ((rc = cdp_admin_logs(a, &log, &n, err)) != 0)
		return rc;
	for (i = 0; rc >= 0 && i < n; i++) {
		a->log = a->n != 1 ? log[i] : NULL;
		rc = cdp_log_dump(a->st, log[i], print_line, a, err);
		if (rc == CDP_END && a->n != 0)
			rc = cdp_fail(err, CDP_ECONF,
			    "the store '%s' has no log '%s'", a->st->path,
			    log[i]);
	}
	return rc < 0 ? rc : 0;
}

static void
print_fault(void *arg, const char *msg)
{
	cdp_say("cdp-store", "%s: %s", (const char *)arg, msg);
}

static void
count(uint64_t n, const char *what, const char *end)
{
	printf(
	    "%llu %s%s%s", (unsigned long long)n, what, n == 1 ? "" : "s", end);
}

static void
print_sound(const char *log, const struct cdp_log_stats *s)
{
	printf("%s: sound: ", log);
	count(s->segments, "segment", ", ");
	count(s->epochs, "epoch", ", ");
	count(s->bytes, "byte", ", ");
	count(s->inputs, "input", ", ");
	count(s->records, "record", ", ");
	count(s->keys, "state", "");
	if (s->unsynced != 0) {
		printf(", ");
		count(s->unsynced, "epoch", " written with --sync=none");
	}
	putchar('\n');
}

int
cdp_admin_verify(struct cdp_admin *a, struct cdp_err *err)
{
	struct cdp_log_stats s;
	struct cdp_err why = { 0 };
	const char *const *log;
	size_t i, n;
	int rc, all = 0;

	if ((rc = cdp_admin_open(a, err)) != 0 ||
	    (rc = cdp_store_logs(a->st, &a->mem, &log, &n, err)) != 0)
		return rc;
	for (i = 0; i < n; i++) {
		rc = cdp_log_verify(a->st, log[i], print_fault,
		    (void *)(uintptr_t)log[i], &s, &why);
		if (rc == 0)
			print_sound(log[i], &s);
		if (rc < 0 && all != 0)
			cdp_say("cdp-store", "%s", err->msg);
		if (rc < 0) {
			*err = why;
			all = rc;
		}
	}
	return all;
}

int
cdp_admin_repair(struct cdp_admin *a, struct cdp_err *err)
{
	struct cdp_repair_stats s;
	const char *const *log;
	size_t i, n;
	int rc, all = 0;

	if ((rc = cdp_admin_open(a, err)) != 0 ||
	    (rc = cdp_store_logs(a->st, &a->mem, &log, &n, err)) != 0)
		return rc;
	if (a->n != 0) {
		log = (const char *const *)a->name;
		n = (size_t)a->n;
	}
	for (i = 0; i < n; i++) {
		rc = cdp_log_repair(a->st, log[i], print_fault,
		    (void *)(uintptr_t)log[i], &s, err);
		if (rc == CDP_END)
			rc = cdp_fail(err, CDP_ECONF,
			    "the store '%s' has no log '%s'", a->st->path,
			    log[i]);
		if (rc != 0)
			return rc;
		if (!s.changed) {
			printf("%s: sound: nothing to repair\n", log[i]);
			continue;
		}
		all = CDP_END;
		printf("%s: repaired: kept ", log[i]);
		count(s.kept, "epoch", "; lost ");
		count(s.lost, "epoch", ", ");
		count(s.lost_inputs, "input", ", ");
		count(s.lost_records, "record", "\n");
	}
	return all;
}

int
cdp_admin_check(struct cdp_admin *a, struct cdp_err *err)
{
	const struct cdp_project *pr;
	struct cdp_str name;
	int rc = cdp_admin_project(a, err);

	if (rc == 0)
		cdp_project_check_jq(a->pr, &a->diags);
	cdp_diags_print(&a->diags, "cdp-store", stderr);
	if (a->diags.nerrors != 0)
		return cdp_fail(err, CDP_ECONF, "%zu error%s", a->diags.nerrors,
		    a->diags.nerrors == 1 ? "" : "s");
	if (rc != 0)
		return rc;
	pr = a->pr;
	name = pr->name.n != 0 ? pr->name : pr->dir;
	printf("%.*s: ", (int)name.n, name.p);
	count(pr->plan.nevent, "planned event", ", ");
	count(pr->identity.nid, "identifier", ", ");
	count(pr->ngroup, "group", ", ");
	count(pr->traits.n, "trait", ", ");
	count(pr->naudience, "audience", ", ");
	count(pr->njourney, "journey", ", ");
	count(pr->ntemplate, "template", ", ");
	count(pr->ndestination, "destination", ", ");
	count((uint64_t)cdp_jq_count(pr->jq), "jq program", ": no errors\n");
	return 0;
}

void
cdp_admin_free(struct cdp_admin *a)
{
	cdp_project_free(a->pr);
	cdp_diags_free(&a->diags);
	cdp_store_close(a->st);
	cdp_arena_free(&a->mem);
}
