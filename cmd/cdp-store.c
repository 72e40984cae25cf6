#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/tool/admin.h"
#include "lib/tool/erase.h"
#include "lib/tool/export.h"
#include "lib/tool/history.h"
#include "lib/tool/sandbox.h"
#include "lib/tool/say.h"
#include "lib/tool/upkeep.h"

enum {
	OPT_AS_OF = 256,
	OPT_DIR,
	OPT_FORMAT,
	OPT_ID,
	OPT_IDS,
	OPT_KEY_FILE,
	OPT_MEMORY,
	OPT_OUTPUTS
};

static int
fail(const struct cdp_err *err, int rc)
{
	cdp_say("cdp-store", "%s", err->msg);
	return cdp_err_exit(rc);
}

static const struct verb {
	const char *name;
	int (*run)(struct cdp_admin *a, struct cdp_err *err);
	int max;    /* operands; -1: any number */
	bool reads; /* only, and nothing but the store */
} verbs[] = {
	{ "cat", cdp_admin_cat, -1, true },
	{ "check", cdp_admin_check, 0, false },
	{ "compact", cdp_admin_compact, -1, false },
	{ "erase", cdp_admin_erase, -1, false },
	{ "export", cdp_admin_export, -1, false },
	{ "get", cdp_admin_get, -1, true },
	{ "history", cdp_admin_history, -1, true },
	{ "import", cdp_admin_import, -1, false },
	{ "init", cdp_admin_init, 0, false },
	{ "log", cdp_admin_log, -1, true },
	{ "position", cdp_admin_position, -1, true },
	{ "repair", cdp_admin_repair, -1, false },
	{ "stats", cdp_admin_stats, -1, true },
	{ "verify", cdp_admin_verify, 0, true },
};
#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))

static int
unknown_verb(const char *name)
{
	struct cdp_str names[NVERBS];
	size_t i;
	int near;

	for (i = 0; i < NVERBS; i++)
		names[i] = cdp_str_of(verbs[i].name);
	near = cdp_str_nearest(cdp_str_of(name), names, NVERBS);
	fprintf(stderr, "cdp-store: unknown command '%s'", name);
	if (near >= 0)
		fprintf(stderr, ", did you mean '%s'?", verbs[near].name);
	fprintf(stderr, "\n%s", cdp_admin_usage);
	return CDP_EXIT_USAGE;
}

/* An option that this command has no use for, or NULL. */
static const char *
misplaced(const struct cdp_admin *a, const struct verb *v)
{
	if (v->run != cdp_admin_export && (a->format != NULL || a->dir != NULL))
		return "--format or --dir";
	if (v->run != cdp_admin_get && a->as_of != NULL)
		return "--as-of";
	if (v->run != cdp_admin_init && a->id != NULL)
		return "--id";
	if (v->run != cdp_admin_erase && a->key_file != NULL)
		return "--key-file";
	if (v->run != cdp_admin_compact &&
	    (a->outputs != NULL || a->ids != NULL))
		return "--outputs-older-than or --ids-older-than";
	return NULL;
}

static int
run_verb(struct cdp_admin *a, const char *name)
{
	struct cdp_err err = { 0 };
	const struct verb *v;
	const char *wrong;
	int rc;

	for (v = verbs; v < verbs + NVERBS; v++)
		if (strcmp(v->name, name) == 0)
			break;
	if (v == verbs + NVERBS)
		return unknown_verb(name);
	if (v->max >= 0 && a->n > v->max) {
		fprintf(stderr, "cdp-store: %s takes no operands\n%s", name,
		    cdp_admin_usage);
		return CDP_EXIT_USAGE;
	}
	if ((wrong = misplaced(a, v)) != NULL) {
		fprintf(stderr, "cdp-store: %s takes no %s\n%s", name, wrong,
		    cdp_admin_usage);
		return CDP_EXIT_USAGE;
	}
	a->reads = v->reads;
	rc = v->run(a, &err);
	if (rc >= 0 && fflush(stdout) != 0)
		rc = cdp_fail(&err, CDP_EIO, "cannot write standard output");
	cdp_admin_free(a);
	return rc < 0 ? fail(&err, rc) : rc;
}

int
main(int argc, char *argv[])
{
	static const struct option longopts[] = {
		{ "as-of", required_argument, NULL, OPT_AS_OF },
		{ "dir", required_argument, NULL, OPT_DIR },
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "help", no_argument, NULL, 'h' },
		{ "id", required_argument, NULL, OPT_ID },
		{ "ids-older-than", required_argument, NULL, OPT_IDS },
		{ "key-file", required_argument, NULL, OPT_KEY_FILE },
		{ "memory", required_argument, NULL, OPT_MEMORY },
		{ "outputs-older-than", required_argument, NULL, OPT_OUTPUTS },
		{ "project", required_argument, NULL, 'C' },
		{ "store", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	struct cdp_admin a = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "C:Vhs:", longopts, NULL)) != -1)
		switch (c) {
		case OPT_AS_OF:
			a.as_of = optarg;
			break;
		case OPT_DIR:
			a.dir = optarg;
			break;
		case OPT_FORMAT:
			a.format = optarg;
			break;
		case OPT_ID:
			a.id = optarg;
			break;
		case OPT_IDS:
			a.ids = optarg;
			break;
		case OPT_KEY_FILE:
			a.key_file = optarg;
			break;
		case OPT_MEMORY:
			a.memory = optarg;
			break;
		case OPT_OUTPUTS:
			a.outputs = optarg;
			break;
		case 'C':
			a.project = optarg;
			break;
		case 'V':
			puts("cdp-store " CDP_VERSION);
			return 0;
		case 'h':
			printf("%s%s", cdp_admin_usage, cdp_admin_help);
			return 0;
		case 's':
			a.store = optarg;
			break;
		default:
			fputs(cdp_admin_usage, stderr);
			return CDP_EXIT_USAGE;
		}
	if (optind == argc) {
		fputs(cdp_admin_usage, stderr);
		return CDP_EXIT_USAGE;
	}
	umask(077);
	cdp_sandbox_calls();
	a.env = getenv("CDP_STORE");
	if (a.env != NULL)
		a.env = *a.env == '\0'
		    ? NULL
		    : cdp_arena_dup(&a.mem, cdp_str_of(a.env)).p;
	a.name = argv + optind + 1;
	a.n = argc - optind - 1;
	return run_verb(&a, argv[optind]);
}
