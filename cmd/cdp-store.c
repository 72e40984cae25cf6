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
	OPT_OUTPUTS
};

static const char usage_text[] =
    "usage: cdp-store [-C DIR] [-s DIR] get [--as-of=TIME] ID ...\n"
    "       cdp-store [-C DIR] [-s DIR] history ID ...\n"
    "       cdp-store [-C DIR] [-s DIR] cat|log|stats|position [LOG ...]\n"
    "       cdp-store [-C DIR] [-s DIR] verify\n"
    "       cdp-store [-C DIR] [-s DIR] repair [LOG ...]\n"
    "       cdp-store [-C DIR] [-s DIR] init [--id=NAME]\n"
    "       cdp-store [-C DIR] [-s DIR] compact [--outputs-older-than=DUR]\n"
    "                 [--ids-older-than=DUR] [LOG ...]\n"
    "       cdp-store [-C DIR] [-s DIR] export [--format=F] [--dir=D] [TABLE "
    "...]\n"
    "       cdp-store [-C DIR] [-s DIR] import [FILE]\n"
    "       cdp-store [-C DIR] [-s DIR] erase [--key-file FILE] [ID ...]\n"
    "       cdp-store [-C DIR] check\n";

static const char help_text[] =
    "\n"
    "Look at what the five filters keep, look after it, and check a project.\n"
    "\n"
    "  get ID     what every log keeps about a profile: an id, or TYPE:VALUE\n"
    "  history ID each state a profile has had, as far back as is kept\n"
    "  cat LOG    all states and inputs of a log (default: of each), as "
    "NDJSON\n"
    "  log LOG    the epochs of a log: when, and how much\n"
    "  stats LOG  how much a log holds, and how much of it is needed\n"
    "  position   how far each log has come\n"
    "  verify     read every byte and check every checksum\n"
    "  repair LOG copy what is good of a damaged log, and list the loss\n"
    "  export     profiles as tables for a warehouse, or the whole store\n"
    "  import     make a store from export --format=dump\n"
    "  erase ID   remove people from every byte of the store; and whom "
    "delete lines\n"
    "             have named\n"
    "  init       make the store now, before the first run\n"
    "  compact    write logs anew with the newest states only; filters may "
    "run\n"
    "  check      load the project and compile its jq, without any input\n"
    "\n"
    "      --as-of TIME   get: as it was at this event time\n"
    "      --dir DIR      export: a file for each table there\n"
    "      --format F     export: ndjson, csv, or dump (for import)\n"
    "      --id NAME      init: the store's name in \"cdp\" (main)\n"
    "      --ids-older-than DUR      compact: forget ids of events so old\n"
    "      --key-file F   erase: read IDs from F, one a line; - is standard "
    "input\n"
    "      --outputs-older-than DUR  compact: and what lines so old caused\n"
    "  -C, --project DIR  the project (CDP_PROJECT, or upward from here)\n"
    "  -s, --store DIR    the store (or CDP_STORE, project.store, ./store)\n"
    "  -h, --help         this text\n"
    "  -V, --version      the version\n"
    "\n"
    "Examples:\n"
    "  cdp-store get email:ana@example.com\n"
    "  cdp-store cat journey | jq -r 'select(.v) | .k'\n"
    "\n"
    "Exit: 0 done, 1 not found, 2 usage or project, 73 store damaged, 74 "
    "input or\noutput failed, 75 store in use.  See man cdp-store.\n";

static int
fail(const struct cdp_err *err, int rc)
{
	cdp_say("cdp-store", "%s", err->msg);
	return cdp_err_exit(rc);
}

static const struct verb {
	const char *name;
	int (*run)(struct cdp_admin *a, struct cdp_err *err);
	int max; /* operands; -1: any number */
} verbs[] = {
	{ "cat", cdp_admin_cat, -1 },
	{ "check", cdp_admin_check, 0 },
	{ "compact", cdp_admin_compact, -1 },
	{ "erase", cdp_admin_erase, -1 },
	{ "export", cdp_admin_export, -1 },
	{ "get", cdp_admin_get, -1 },
	{ "history", cdp_admin_history, -1 },
	{ "import", cdp_admin_import, -1 },
	{ "init", cdp_admin_init, 0 },
	{ "log", cdp_admin_log, -1 },
	{ "position", cdp_admin_position, -1 },
	{ "repair", cdp_admin_repair, -1 },
	{ "stats", cdp_admin_stats, -1 },
	{ "verify", cdp_admin_verify, 0 },
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
	fprintf(stderr, "\n%s", usage_text);
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
		    usage_text);
		return CDP_EXIT_USAGE;
	}
	if ((wrong = misplaced(a, v)) != NULL) {
		fprintf(stderr, "cdp-store: %s takes no %s\n%s", name, wrong,
		    usage_text);
		return CDP_EXIT_USAGE;
	}
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
			printf("%s%s", usage_text, help_text);
			return 0;
		case 's':
			a.store = optarg;
			break;
		default:
			fputs(usage_text, stderr);
			return CDP_EXIT_USAGE;
		}
	if (optind == argc) {
		fputs(usage_text, stderr);
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
