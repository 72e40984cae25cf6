#include "lib/rule/project.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/rule/file.h"
#include "lib/rule/load.h"

#define MAIN_FILE "cdp.yaml"
#define MAX_UP 100

/* ---- finding ---- */

static bool
has_project(const char *dir, struct cdp_arena *mem)
{
	struct stat st;

	return stat(cdp_arena_printf(mem, "%s/" MAIN_FILE, dir).p, &st) == 0;
}

static int
named(const char *dir, const char *by, struct cdp_arena *mem,
    struct cdp_str *ret, struct cdp_err *err)
{
	size_t n = strlen(dir);
	struct stat st;

	while (n > 1 && dir[n - 1] == '/')
		n--;
	*ret = cdp_arena_dup(mem, (struct cdp_str){ dir, n });
	if (n == 0 || stat(ret->p, &st) != 0)
		return cdp_fail(
		    err, CDP_ECONF, "no directory '%s' (named by %s)", dir, by);
	if (!S_ISDIR(st.st_mode))
		return cdp_fail(err, CDP_ECONF,
		    "'%s' is not a directory: name the one that holds the "
		    "project's " MAIN_FILE,
		    dir);
	if (!has_project(ret->p, mem))
		return cdp_fail(err, CDP_ECONF,
		    "no " MAIN_FILE " in '%s' (named by %s)", dir, by);
	return 0;
}

int
cdp_project_find(const char *dir, const char *by, struct cdp_arena *mem,
    struct cdp_str *ret, struct cdp_err *err)
{
	const char *env = getenv("CDP_PROJECT");
	char up[3 * MAX_UP] = ".";
	struct stat here, above;
	int i;

	if (dir != NULL)
		return named(dir, by, mem, ret, err);
	if (env != NULL && *env != '\0')
		return named(env, "CDP_PROJECT", mem, ret, err);
	for (i = 0; i < MAX_UP - 1; i++) {
		if (has_project(up, mem)) {
			*ret = cdp_arena_dup(mem, cdp_str_of(up));
			return 0;
		}
		if (stat(up, &here) != 0)
			break;
		strcpy(i == 0 ? up : up + strlen(up), i == 0 ? ".." : "/..");
		if (stat(up, &above) != 0 ||
		    (here.st_ino == above.st_ino &&
			here.st_dev == above.st_dev))
			break;
	}
	return cdp_fail(err, CDP_ECONF,
	    "no " MAIN_FILE " here or in a directory above: name the project "
	    "with -C DIR or CDP_PROJECT");
}

/* ---- loading ---- */

static void
load_version(struct cdp_loader *ld, struct cdp_node *node)
{
	if (node->kind != CDP_NODE_SCALAR || !cdp_str_is(node->text, "1"))
		cdp_diag_error(ld->diags, node, "bad-value",
		    "this version of cdp reads 'version: 1'");
}

/*
 * The sections, in the order in which they are loaded: what a condition names
 * comes before it.
 */
static const struct section {
	const char *name;
	void (*load)(struct cdp_loader *ld, struct cdp_node *node);
	enum {
		WHOLE, /* no map of names */
		NAMES, /* names that must differ in all files */
		OWN    /* the same, and the loader sees to it */
	} form;
	const char *nested; /* a key whose own keys may be spread over files */
} sections[] = {
	{ "version", load_version, WHOLE, NULL },
	{ "include", NULL, WHOLE, NULL },
	{ "project", cdp_load_settings, NAMES, NULL },
	{ "clock", cdp_load_clock, NAMES, NULL },
	{ "ingest", cdp_load_ingest, NAMES, NULL },
	{ "vars", NULL, NAMES, NULL },
	{ "secrets", cdp_load_secrets, WHOLE, NULL },
	{ "sources", cdp_load_sources, NAMES, NULL },
	{ "transforms", cdp_load_transforms, WHOLE, NULL },
	{ "destinations", cdp_load_destinations, NAMES, NULL },
	{ "templates", cdp_load_templates, NAMES, NULL },
	{ "consent", cdp_load_consent, NAMES, "categories" },
	{ "subscriptions", cdp_load_subscriptions, NAMES, NULL },
	{ "limits", cdp_load_limits, NAMES, NULL },
	{ "suppress", cdp_load_suppress, NAMES, NULL },
	{ "plan", cdp_load_plan, NAMES, "events" },
	{ "identity", cdp_load_identity, NAMES, NULL },
	{ "groups", cdp_load_groups, NAMES, NULL },
	{ "entities", cdp_load_entities, NAMES, NULL },
	{ "traits", cdp_load_traits, NAMES, NULL },
	{ "audiences", cdp_load_audiences, OWN, NULL },
	{ "journeys", cdp_load_journeys, OWN, NULL },
	{ "tests", NULL, WHOLE, NULL },
};

#define NSECTIONS (sizeof(sections) / sizeof(sections[0]))

static void
check_sections(struct cdp_loader *ld, const struct cdp_file *f)
{
	const char *known[NSECTIONS + 1] = { NULL };
	size_t i;

	if (f->root == NULL || !cdp_load_is_map(ld, f->root, "a project file"))
		return;
	for (i = 0; i < NSECTIONS; i++)
		known[i] = sections[i].name;
	cdp_diag_keys(ld->diags, f->root, "a project", known);
	if (f != ld->pr->file && cdp_node_get(f->root, "include") != NULL)
		cdp_diag_error(ld->diags, cdp_node_get(f->root, "include"),
		    "bad-value", "only " MAIN_FILE " may include files");
}

/* The keys of a section that stands in several files must differ. */
static void
claim(struct cdp_loader *ld, const char *prefix, const struct cdp_node *map,
    const char *nested)
{
	const char *name;
	size_t i;

	for (i = 0; i < map->n; i++) {
		if (nested == NULL || !cdp_str_is(map->key[i]->text, nested))
			cdp_load_claim(ld, prefix, map->key[i]);
		else if (map->item[i]->kind == CDP_NODE_MAP) {
			name =
			    cdp_arena_printf(ld->mem, "%s.%s", prefix, nested)
				.p;
			claim(ld, name, map->item[i], NULL);
		}
	}
}

static void
load_section(struct cdp_loader *ld, const struct section *s)
{
	const struct cdp_file *f;
	struct cdp_node *node;

	for (f = ld->pr->file; f != NULL; f = f->next) {
		node = cdp_node_get(f->root, s->name);
		if (node == NULL ||
		    (s->form != WHOLE && cdp_node_is_null(node)))
			continue;
		if (s->form != WHOLE && !cdp_load_is_map(ld, node, s->name))
			continue;
		if (s->form == NAMES)
			claim(ld, s->name, node, s->nested);
		if (s->load != NULL)
			s->load(ld, node);
	}
}

static void
load_all(struct cdp_loader *ld, const struct cdp_define *def, size_t ndef)
{
	struct cdp_file *f = ld->pr->file;
	size_t i;

	cdp_file_parse(ld, f);
	cdp_file_include(ld, cdp_node_get(f->root, "include"));
	for (; f != NULL; f = f->next)
		check_sections(ld, f);
	cdp_load_vars(ld, def, ndef);
	for (i = 0; i < NSECTIONS; i++)
		load_section(ld, &sections[i]);
	cdp_finish_identity(ld);
	cdp_finish_plan(ld);
	if (ld->broken)
		return; /* names may be missing that were only not read */
	cdp_check_traits(ld);
	cdp_check_audiences(ld);
	cdp_check_journeys(ld);
	cdp_check_destinations(ld);
	cdp_check_feeds(ld);
	cdp_check_outreach(ld);
	cdp_check_secrets(ld);
	cdp_check_entities(ld);
	cdp_check_tests(ld);
}

int
cdp_project_load(struct cdp_str dir, const struct cdp_define *def, size_t ndef,
    struct cdp_diags *diags, struct cdp_project **ret, struct cdp_err *err)
{
	struct cdp_project *pr = cdp_xcalloc(1, sizeof(*pr));
	struct cdp_loader ld = { .mem = &pr->mem, .diags = diags, .pr = pr };
	size_t before = diags->nerrors;
	bool none = dir.n == 0;
	struct cdp_file *f;
	int rc;

	while (dir.n > 1 && dir.p[dir.n - 1] == '/')
		dir.n--;
	pr->dir = none ? CDP_STR(".") : cdp_arena_dup(&pr->mem, dir);
	pr->jq = ld.jq = cdp_jq_new();
	pr->timezone = CDP_STR("UTC");
	pr->lateness_ms = 10 * 60 * 1000;
	pr->tick_ms = 60 * 1000;
	pr->ahead_ms = (int64_t)30 * 24 * 60 * 60 * 1000;
	pr->limits = cdp_limits_segment;
	rc = none ? cdp_file_none(&ld, CDP_STR(MAIN_FILE))
		  : cdp_file_read(&ld, CDP_STR(MAIN_FILE), &f, err);
	if (rc == CDP_EDATA)
		rc = cdp_fail(
		    err, CDP_ECONF, "'" MAIN_FILE "' is longer than 16 MiB");
	if (rc != 0)
		goto out;
	load_all(&ld, def, ndef);
	cdp_jq_locale(pr->jq, pr->locale, pr->currency, pr->timezone);
	cdp_file_fingerprint(pr, def, ndef);
	if (diags->nerrors != before) {
		/* All faults in one run: those of jq too. */
		cdp_project_check_jq(pr, diags);
		rc = cdp_fail(err, CDP_ECONF, "the project has %zu error%s",
		    diags->nerrors - before,
		    diags->nerrors - before == 1 ? "" : "s");
		goto out;
	}
	*ret = pr;
	pr = NULL;
out:
	cdp_map_free(&ld.seen);
	cdp_project_free(pr);
	return rc;
}

void
cdp_project_free(struct cdp_project *pr)
{
	if (pr == NULL)
		return;
	cdp_load_run_deferred(pr);
	cdp_map_free(&pr->plan.by_name);
	cdp_jq_free(pr->jq);
	cdp_arena_free(&pr->mem);
	free(pr);
}

void
cdp_project_check_jq(struct cdp_project *pr, struct cdp_diags *diags)
{
	struct cdp_err err;
	int id, n = cdp_jq_count(pr->jq);

	for (id = 0; id < n; id++) {
		err = (struct cdp_err){ 0 };
		if (cdp_jq_check(pr->jq, id, &err) == 0)
			continue;
		if ((size_t)id < pr->njq_at && pr->jq_at[id].file != NULL)
			cdp_diag_at(
			    diags, pr->jq_at[id], "bad-jq", "%s", err.msg);
		else
			cdp_diag_error(diags, NULL, "bad-jq", "%s", err.msg);
	}
}

const struct cdp_template *
cdp_project_template(const struct cdp_project *pr, struct cdp_str name)
{
	size_t i;

	for (i = 0; i < pr->ntemplate; i++)
		if (cdp_str_eq(pr->template[i].name, name))
			return &pr->template[i];
	return NULL;
}

const struct cdp_destination *
cdp_project_destination(const struct cdp_project *pr, struct cdp_str name)
{
	size_t i;

	for (i = 0; i < pr->ndestination; i++)
		if (cdp_str_eq(pr->destination[i].name, name))
			return &pr->destination[i];
	return NULL;
}
