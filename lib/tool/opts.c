#include "lib/tool/opts.h"
#include "lib/tool/optval.h"

#include <getopt.h>
#include <stdlib.h>

/* What an option does; a long name without a letter has no other code. */
enum id {
	ID_CHECK = 256,
	ID_DELIVER,
	ID_EDGES,
	ID_END,
	ID_EXPLAIN,
	ID_GRAPH,
	ID_HELP,
	ID_LATER,
	ID_LIST,
	ID_LOCK_TIMEOUT,
	ID_MAX_REJECTS,
	ID_MEMORY,
	ID_ONLY,
	ID_PROGRESS,
	ID_REDRIVE,
	ID_REJECTS,
	ID_RESOLVE,
	ID_SANDBOX,
	ID_SOURCE,
	ID_SPOOL,
	ID_STATS,
	ID_SYNC,
	ID_UNTIL,
	ID_VIOLATIONS,
	ID_WAIT
};

enum group { PROJECT, INPUT, STORE, ASK, DIAGNOSTICS, HELP, LATER };

static const char *const group_names[] = {
	[PROJECT] = "Project",
	[INPUT] = "Input",
	[STORE] = "Store and world",
	[ASK] = "Questions to the store, instead of filtering",
	[DIAGNOSTICS] = "Diagnostics",
	[HELP] = "Help",
};

/* arg: NULL none, "[...]" may be left out (then it is written with "="). */
struct opt {
	int id;
	const char *name;
	const char *arg;
	enum group group;
	unsigned mask; /* of struct cdp_tool, 0: every tool has it */
	bool brief;    /* shown by -h */
	const char *text;
};

#define ANY 0
#define MEMORY ((size_t)1 << 30)
#define WAIT_MS 60000

static const struct opt table[] = {
	{ 'C', "project", "DIR", PROJECT, ANY, true,
	    "the project (or CDP_PROJECT, or cdp.yaml upward)" },
	{ 'D', "define", "NAME=VALUE", PROJECT, ANY, false,
	    "set vars.NAME; may be repeated" },
	{ ID_CHECK, "check", NULL, PROJECT, ANY, true,
	    "load and check the project, read no input" },
	{ ID_LIST, "list", "KIND", PROJECT, ANY, false,
	    "print names: audiences, journeys, traits, events, ..." },
	{ ID_ONLY, "only", "NAME,...", PROJECT, CDP_OPT_ONLY, true,
	    "these and no others" },
	{ ID_SOURCE, "source", "NAME", INPUT, CDP_OPT_CLOCK, true,
	    "where these events come from (default: default)" },
	{ ID_UNTIL, "until", "TIME|now|end", INPUT, CDP_OPT_CLOCK, true,
	    "let time go on to then when the input has ended" },
	{ ID_END, "end", "any", INPUT, CDP_OPT_STORE, false,
	    "take an input without an end line as whole" },
	{ 's', "store", "DIR", STORE, CDP_OPT_STORE, true,
	    "the store (or CDP_STORE, project.store, ./store)" },
	{ 'n', "dry-run", NULL, STORE, CDP_OPT_STORE, true,
	    "everything but the store and the world" },
	{ ID_LOCK_TIMEOUT, "lock-timeout", "DURATION", STORE, CDP_OPT_STORE,
	    false, "wait so long for a store in use (default: for ever)" },
	{ ID_MEMORY, "memory", "SIZE", STORE, CDP_OPT_MEMORY, false,
	    "hold about so much of people's states (default: 1G)" },
	{ ID_SYNC, "sync", "epoch|none", STORE, CDP_OPT_STORE, false,
	    "none: for a store that may be thrown away" },
	{ ID_DELIVER, "deliver", NULL, STORE, CDP_OPT_DELIVER, true,
	    "deliver what is ready, with a ledger" },
	{ ID_REDRIVE, "redrive", NULL, STORE, CDP_OPT_DELIVER, false,
	    "deliver what is dead again; read no input" },
	{ ID_RESOLVE, "resolve", "sent|again", STORE, CDP_OPT_DELIVER, false,
	    "what is held was sent, or goes again; read no input" },
	{ ID_SPOOL, "spool", "DIR", STORE, CDP_OPT_DELIVER, false,
	    "deliver into files there, for another sender" },
	{ ID_WAIT, "wait", "DURATION", STORE, CDP_OPT_DELIVER, false,
	    "at the end, for what may leave later (default: 1m)" },
	{ ID_EXPLAIN, "explain", "ID[,ID]", ASK, CDP_OPT_ASK, true,
	    "who ID is and why, or why two are one or are not" },
	{ ID_GRAPH, "graph", "dot|svg", ASK, CDP_OPT_ASK, true,
	    "draw the identifiers of the operands, IDs" },
	{ ID_EDGES, "edges", NULL, ASK, CDP_OPT_ASK, false,
	    "every pair that an event has joined, as NDJSON" },
	{ ID_REJECTS, "rejects", "FILE", DIAGNOSTICS, CDP_OPT_REJECTS, true,
	    "write rejected records there, with the reason" },
	{ ID_MAX_REJECTS, "max-rejects", "N|P%", DIAGNOSTICS, CDP_OPT_REJECTS,
	    false, "exit 0 with up to so many rejects (default: 0)" },
	{ ID_VIOLATIONS, "violations", "FILE", DIAGNOSTICS, CDP_OPT_PLAN, false,
	    "write Violation Generated events there" },
	{ ID_SANDBOX, "sandbox", "try|require|off", DIAGNOSTICS, ANY, false,
	    "give up files and sockets first (default: try)" },
	{ ID_STATS, "stats", "[json]", DIAGNOSTICS, ANY, true,
	    "end with counts on standard error" },
	{ ID_PROGRESS, "progress", "[never|DURATION]", DIAGNOSTICS, ANY, false,
	    "a line that often (default: on a terminal)" },
	{ 'q', "quiet", NULL, DIAGNOSTICS, ANY, false,
	    "no warnings and no rejected records on standard error" },
	{ 'v', "verbose", NULL, DIAGNOSTICS, ANY, false,
	    "end with read, written and rejected" },
	{ 'h', NULL, NULL, HELP, ANY, false, "the short help" },
	{ ID_HELP, "help", NULL, HELP, ANY, true, "all options" },
	{ 'V', "version", NULL, HELP, ANY, false, "the version" },
	{ ID_LATER, "as-of", "[]", LATER, ANY, false, NULL },
	{ ID_LATER, "clock", "[]", LATER, ANY, false, NULL },
	{ ID_LATER, "explain", "[]", LATER, ANY, false, NULL },
	{ ID_LATER, "hold", "[]", LATER, ANY, false, NULL },
	{ ID_LATER, "profiles", "[]", LATER, ANY, false, NULL },
	{ ID_LATER, "report", "[]", LATER, ANY, false, NULL },
	{ ID_LATER, "show-values", NULL, LATER, ANY, false, NULL },
	{ ID_LATER, "test", "[]", LATER, ANY, false, NULL },
};

#define NTABLE (sizeof(table) / sizeof(table[0]))

static bool
has(const struct cdp_tool *tool, const struct opt *o)
{
	if (o->mask != ANY && (tool->opts & o->mask) == 0)
		return false;
	return o->id != ID_END || !tool->raw;
}

/* ---- reading ---- */

static int
read_define(const char *val, struct cdp_args *a, struct cdp_arena *mem,
    struct cdp_err *err)
{
	const char *eq = strchr(val, '=');
	struct cdp_define *def;

	if (eq == NULL || eq == val)
		return cdp_optval_bad(err, "define", val, "NAME=VALUE");
	def = cdp_arena_alloc(mem, (a->ndef + 1) * sizeof(*def));
	if (a->ndef != 0)
		memcpy(def, a->def, a->ndef * sizeof(*def));
	def[a->ndef].name = (struct cdp_str){ val, (size_t)(eq - val) };
	def[a->ndef].value = cdp_str_of(eq + 1);
	a->def = def;
	a->ndef++;
	return 0;
}

static int
read_progress(const char *val, struct cdp_args *a, struct cdp_err *err)
{
	if (val == NULL) {
		a->progress_ms = 1000;
		return 0;
	}
	if (strcmp(val, "never") == 0) {
		a->progress_ms = -1;
		return 0;
	}
	if (cdp_time_duration(cdp_str_of(val), &a->progress_ms) != 0 ||
	    a->progress_ms <= 0)
		return cdp_optval_bad(
		    err, "progress", val, "never or a duration such as 30s");
	return 0;
}

static int
read_until(const char *val, struct cdp_args *a, struct cdp_err *err)
{
	int64_t ms;

	if (strcmp(val, "now") != 0 && strcmp(val, "end") != 0 &&
	    cdp_time_option(cdp_str_of(val), &ms) != 0)
		return cdp_optval_bad(err, "until", val,
		    "now, end, or a time such as 2025-03-03T10:00:00Z");
	a->pub.until = val;
	return 0;
}

/* Options with an argument; those without are in flag(). */
static int
value(const struct opt *o, const char *val, struct cdp_args *a,
    struct cdp_arena *mem, struct cdp_err *err)
{
	int64_t ms;
	int n, rc;

	switch (o->id) {
	case 'C':
		a->pub.project = val;
		return 0;
	case 'D':
		return read_define(val, a, mem, err);
	case 's':
		a->pub.store = val;
		return 0;
	case ID_END:
		a->pub.end_any = true;
		return cdp_optval_word(o->name, o->arg, val, &n, err);
	case ID_EXPLAIN:
		a->pub.explain = val;
		return 0;
	case ID_GRAPH:
		rc = cdp_optval_word(o->name, o->arg, val, &n, err);
		a->pub.graph = n + 1;
		return rc;
	case ID_LIST:
		a->list = val;
		return 0;
	case ID_LOCK_TIMEOUT:
		if ((rc = cdp_optval_duration(o->name, val, &ms, err)) == 0)
			a->pub.lock_timeout_ms = (int)ms;
		return rc;
	case ID_MAX_REJECTS:
		return cdp_optval_share(
		    o->name, val, &a->max_rejects, &a->max_rejects_bp, err);
	case ID_MEMORY:
		return cdp_optval_size(o->name, val, &a->pub.memory, err);
	case ID_ONLY:
		a->pub.only = val;
		return 0;
	case ID_PROGRESS:
		return read_progress(val, a, err);
	case ID_REJECTS:
		a->rejects = val;
		return 0;
	case ID_SANDBOX:
		rc = cdp_optval_word(o->name, o->arg, val, &n, err);
		a->sandbox = (enum cdp_sandbox_mode)n;
		return rc;
	case ID_SOURCE:
		if (*val == '\0')
			return cdp_optval_bad(err, o->name, val, "a name");
		a->pub.source = val;
		return 0;
	case ID_STATS:
		if (val != NULL && strcmp(val, "json") != 0)
			return cdp_optval_bad(
			    err, o->name, val, "json or nothing");
		a->stats = val != NULL ? CDP_STATS_JSON : CDP_STATS_TEXT;
		return 0;
	case ID_RESOLVE:
		a->pub.resolve = val;
		a->pub.deliver = true;
		return cdp_optval_word(o->name, o->arg, val, &n, err);
	case ID_SPOOL:
		if (*val == '\0')
			return cdp_optval_bad(err, o->name, val, "a directory");
		a->pub.spool = val;
		a->pub.deliver = true;
		return 0;
	case ID_WAIT:
		return cdp_optval_duration(o->name, val, &a->pub.wait_ms, err);
	case ID_SYNC:
		rc = cdp_optval_word(o->name, o->arg, val, &n, err);
		a->unsynced = n == 1;
		return rc;
	case ID_VIOLATIONS:
		a->pub.violations = val;
		return 0;
	default:
		return read_until(val, a, err);
	}
}

static void
flag(const struct opt *o, struct cdp_args *a)
{
	switch (o->id) {
	case 'V':
		a->help = CDP_HELP_VERSION;
		break;
	case 'h':
		a->help = CDP_HELP_SHORT;
		break;
	case 'n':
		a->pub.dry_run = true;
		break;
	case 'q':
		a->pub.quiet = true;
		break;
	case 'v':
		a->pub.verbose = true;
		break;
	case ID_CHECK:
		a->pub.check = true;
		break;
	case ID_DELIVER:
		a->pub.deliver = true;
		break;
	case ID_EDGES:
		a->pub.edges = true;
		break;
	case ID_REDRIVE:
		a->pub.redrive = true;
		a->pub.deliver = true;
		break;
	default:
		a->help = CDP_HELP_LONG;
		break;
	}
}

/* What getopt_long could not read: code 0 is a long option in arg. */
static int
unknown(
    const struct cdp_tool *tool, const char *arg, int code, struct cdp_err *err)
{
	struct cdp_str names[NTABLE], s;
	size_t i, n = 0;
	int at;

	if (code >= 1000)
		return cdp_fail(err, CDP_ECONF, "option '--%s' takes no value",
		    table[code - 1000].name);
	if (code != 0)
		return cdp_fail(err, CDP_ECONF, "unknown option '-%c'", code);
	s = cdp_str_of(arg + 2);
	if (memchr(s.p, '=', s.n) != NULL)
		s.n = (size_t)((char *)memchr(s.p, '=', s.n) - s.p);
	for (i = 0; i < NTABLE; i++)
		if (table[i].name != NULL && has(tool, &table[i]) &&
		    table[i].group != LATER)
			names[n++] = cdp_str_of(table[i].name);
	at = cdp_str_nearest(s, names, n);
	if (at < 0)
		return cdp_fail(
		    err, CDP_ECONF, "unknown option '--%.*s'", (int)s.n, s.p);
	return cdp_fail(err, CDP_ECONF,
	    "unknown option '--%.*s'; did you mean '--%.*s'?", (int)s.n, s.p,
	    (int)names[at].n, names[at].p);
}

/* getopt's own tables; its code of an option is its place here plus 1000. */
static void
make_getopt(const struct cdp_tool *tool, struct option *lo, char *so)
{
	size_t i;

	*so++ = ':';
	for (i = 0; i < NTABLE; i++) {
		if (!has(tool, &table[i]))
			continue;
		if (table[i].id < 256) {
			*so++ = (char)table[i].id;
			if (table[i].arg != NULL)
				*so++ = ':';
		}
		if (table[i].name == NULL)
			continue;
		lo->name = table[i].name;
		lo->has_arg = table[i].arg == NULL ? no_argument
		    : table[i].arg[0] == '['       ? optional_argument
						   : required_argument;
		lo->flag = NULL;
		lo->val = 1000 + (int)i;
		lo++;
	}
	memset(lo, 0, sizeof(*lo));
	*so = '\0';
}

static const struct opt *
of_code(int c)
{
	size_t i;

	if (c >= 1000)
		return &table[c - 1000];
	for (i = 0; table[i].id != c; i++)
		;
	return &table[i];
}

int
cdp_args_parse(int argc, char *argv[], const struct cdp_tool *tool,
    struct cdp_arena *mem, struct cdp_args *ret, struct cdp_err *err)
{
	struct option lo[NTABLE + 1];
	char so[2 * NTABLE + 2];
	const struct opt *o;
	int c, rc = 0;

	memset(ret, 0, sizeof(*ret));
	ret->pub.lock_timeout_ms = -1;
	ret->pub.memory = MEMORY;
	ret->pub.wait_ms = WAIT_MS;
	ret->max_rejects_bp = -1;
	make_getopt(tool, lo, so);
	opterr = 0;
	optind = 0;
	while (rc == 0 &&
	    (ret->help == CDP_HELP_NONE || ret->help == CDP_HELP_VERSION) &&
	    (c = getopt_long(argc, argv, so, lo, NULL)) != -1) {
		if (c == '?')
			return unknown(tool, argv[optind - 1], optopt, err);
		o = of_code(c == ':' ? optopt : c);
		if (c == ':')
			return cdp_fail(err, CDP_ECONF,
			    "option '--%s' wants %s", o->name, o->arg);
		if (o->group == LATER)
			return cdp_fail(err, CDP_ECONF,
			    "--%s is not supported yet", o->name);
		if (o->arg != NULL)
			rc = value(o, optarg, ret, mem, err);
		else
			flag(o, ret);
	}
	ret->file = argv + optind;
	ret->nfile = (size_t)(argc - optind);
	return rc;
}

/* ---- telling ---- */

/* "-C, --project DIR"; returns its width. */
static int
spell(const struct opt *o, FILE *fp)
{
	int n;

	n = o->id < 256 ? fprintf(fp, "  -%c", o->id) : fprintf(fp, "    ");
	if (o->name != NULL)
		n += fprintf(fp, "%s --%s", o->id < 256 ? "," : " ", o->name);
	if (o->arg != NULL && o->arg[0] == '[')
		n += fprintf(fp, "[=%s", o->arg + 1);
	else if (o->arg != NULL)
		n += fprintf(fp, " %s", o->arg);
	return n;
}

static void
describe(const struct opt *o, FILE *fp)
{
	int n = spell(o, fp);

	if (n > 25)
		fprintf(fp, "\n%27s%s\n", "", o->text);
	else
		fprintf(fp, "%*s%s\n", 27 - n, "", o->text);
}

void
cdp_args_help(const struct cdp_tool *tool, enum cdp_help_form form, FILE *fp)
{
	const struct opt *o;
	int group, shown;

	fprintf(fp, "usage: %s [options] [FILE ...]\n%s\n\n", tool->name,
	    tool->summary);
	if (tool->examples != NULL)
		fprintf(fp, "Examples:\n%s\n", tool->examples);
	for (group = PROJECT; group < LATER; group++) {
		shown = 0;
		for (o = table; o < table + NTABLE; o++) {
			if ((int)o->group != group || !has(tool, o) ||
			    (form == CDP_HELP_SHORT && !o->brief))
				continue;
			if (form == CDP_HELP_LONG && shown++ == 0)
				fprintf(fp, "%s:\n", group_names[group]);
			describe(o, fp);
		}
		if (shown != 0)
			fputc('\n', fp);
	}
	if (form == CDP_HELP_SHORT)
		fprintf(
		    fp, "See %s --help and man %s.\n", tool->name, tool->name);
	else
		fprintf(fp,
		    "Exit: 0 done, 1 some records rejected or held, 2 usage "
		    "or project, 69 input\nended early, 73 store damaged, "
		    "74 input or output failed, 75 store in use.\n"
		    "See man %s.\n",
		    tool->name);
}

void
cdp_args_list(const struct cdp_tool *tool, FILE *fp)
{
	const struct opt *o;

	for (o = table; o < table + NTABLE; o++) {
		if (o->group == LATER || !has(tool, o))
			continue;
		if (o->name != NULL)
			fprintf(fp, "--%s\t%s\t%s\n", o->name,
			    o->arg != NULL ? o->arg : "", o->text);
		if (o->id < 256)
			fprintf(fp, "-%c\t%s\t%s\n", o->id,
			    o->arg != NULL ? o->arg : "", o->text);
	}
}
