#include "lib/tool/optrow.h"
#include "lib/tool/opts.h"
#include "lib/tool/optval.h"
#include "lib/tool/report.h"

#include <getopt.h>
#include <stdlib.h>

#define MEMORY ((size_t)1 << 30)
#define WAIT_MS 60000

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

/* Options with an argument; those without are in flag(). */
static int
value(const struct cdp_optrow *o, const char *val, struct cdp_args *a,
    struct cdp_arena *mem, struct cdp_err *err)
{
	int64_t ms;
	int n = 0, rc;

	switch (o->id) {
	case 'C':
		a->pub.project = val;
		return 0;
	case 'D':
		return read_define(val, a, mem, err);
	case 's':
		a->pub.store = val;
		return 0;
	case ID_AGAINST:
		a->pub.against = val;
		a->pub.end_any = true;
		return 0;
	case ID_CLOCK:
		rc = cdp_optval_word(o->name, o->arg, val, &n, err);
		a->pub.wall = n == 1;
		return rc;
	case ID_DUP:
		rc = cdp_optval_word(o->name, o->arg, val, &n, err);
		a->pub.dup_keep = n == 1;
		return rc;
	case ID_END:
		a->pub.end_any = true;
		return cdp_optval_word(o->name, o->arg, val, &n, err);
	case ID_PREVIEW:
		a->pub.preview = val;
		return 0;
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
	case ID_CHANGES:
		rc = val == NULL ? 0
				 : cdp_optval_word(o->name,
				       "profile|identify|track", val, &n, err);
		a->pub.changes = n + 1;
		return rc;
	case ID_LOCK_TIMEOUT:
		if ((rc = cdp_optval_duration(o->name, val, &ms, err)) == 0)
			a->pub.lock_timeout_ms = (int)ms;
		return rc;
	case ID_MAX_REJECTS:
		return cdp_optval_share(
		    o->name, val, &a->max_rejects, &a->max_rejects_bp, err);
	case ID_MEMORY:
		return cdp_optval_size(o->name, val, &a->pub.memory, err);
	case ID_AS_OF:
		a->pub.past = true;
		return cdp_time_option(cdp_str_of(val), &a->pub.as_of_ms) == 0
		    ? 0
		    : cdp_optval_bad(err, o->name, val,
			  "a time such as 2025-03-03T10:00:00Z");
	case ID_MEMBERS:
		a->pub.members = val;
		return 0;
	case ID_ONLY:
		a->pub.only = val;
		return 0;
	case ID_PROGRESS:
		return read_progress(val, a, err);
	case ID_REJECTS:
		a->rejects = val;
		return 0;
	case ID_REPORT:
		if (cdp_report_option(a->report, val))
			return 0;
		return cdp_optval_bad(err, o->name, val,
		    "text, json, junit or github, perhaps with :FILE");
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
		a->pub.until = val;
		return cdp_optval_until(o->name, val, err);
	}
}

static void
flag(const struct cdp_optrow *o, struct cdp_args *a)
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
	case ID_BACKFILL:
		a->pub.backfill = true;
		break;
	case ID_CHECK:
		a->pub.check = true;
		break;
	case ID_FOLLOW:
		a->pub.follow = true;
		break;
	case ID_FUNNEL:
		a->pub.funnel = true;
		break;
	case ID_INFER:
		a->pub.infer = true;
		break;
	case ID_TEST:
		a->pub.test = true;
		break;
	case ID_SHOW_VALUES:
		a->pub.show_values = true;
		break;
	case ID_DELIVER:
		a->pub.deliver = true;
		break;
	case ID_EDGES:
		a->pub.edges = true;
		break;
	case ID_HUBS:
		a->pub.hubs = true;
		break;
	case ID_SIZE:
		a->pub.size = true;
		break;
	case ID_REDRIVE:
		a->pub.redrive = true;
		a->pub.deliver = true;
		break;
	case ID_RESYNC:
		a->pub.resync = true;
		a->pub.deliver = true;
		break;
	case ID_PROFILES:
		a->pub.profiles = true;
		break;
	case ID_HOLD:
		a->pub.hold = true;
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
	struct cdp_str names[CDP_OPTROWS], s;
	size_t i, n = 0;
	int at;

	if (code >= 1000)
		return cdp_fail(err, CDP_ECONF, "option '--%s' takes no value",
		    cdp_optrows[code - 1000].name);
	if (code != 0)
		return cdp_fail(err, CDP_ECONF, "unknown option '-%c'", code);
	s = cdp_str_of(arg + 2);
	if (memchr(s.p, '=', s.n) != NULL)
		s.n = (size_t)((char *)memchr(s.p, '=', s.n) - s.p);
	for (i = 0; i < CDP_OPTROWS; i++)
		if (cdp_optrows[i].name != NULL &&
		    cdp_optrow_has(tool, &cdp_optrows[i]))
			names[n++] = cdp_str_of(cdp_optrows[i].name);
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
	for (i = 0; i < CDP_OPTROWS; i++) {
		if (!cdp_optrow_has(tool, &cdp_optrows[i]))
			continue;
		if (cdp_optrows[i].id < 256) {
			*so++ = (char)cdp_optrows[i].id;
			if (cdp_optrows[i].arg != NULL)
				*so++ = ':';
		}
		if (cdp_optrows[i].name == NULL)
			continue;
		lo->name = cdp_optrows[i].name;
		lo->has_arg = cdp_optrows[i].arg == NULL ? no_argument
		    : cdp_optrows[i].arg[0] == '['       ? optional_argument
							 : required_argument;
		lo->flag = NULL;
		lo->val = 1000 + (int)i;
		lo++;
	}
	memset(lo, 0, sizeof(*lo));
	*so = '\0';
}

static const struct cdp_optrow *
of_code(int c)
{
	size_t i;

	if (c >= 1000)
		return &cdp_optrows[c - 1000];
	for (i = 0; cdp_optrows[i].id != c; i++)
		;
	return &cdp_optrows[i];
}

int
cdp_args_parse(int argc, char *argv[], const struct cdp_tool *tool,
    struct cdp_arena *mem, struct cdp_args *ret, struct cdp_err *err)
{
	struct option lo[CDP_OPTROWS + 1];
	char so[2 * CDP_OPTROWS + 2];
	const struct cdp_optrow *o;
	int c, rc = 0;

	*ret = (struct cdp_args){ .report = ret->report };
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
		if (o->arg != NULL)
			rc = value(o, optarg, ret, mem, err);
		else
			flag(o, ret);
	}
	ret->file = argv + optind;
	ret->nfile = (size_t)(argc - optind);
	return rc;
}
