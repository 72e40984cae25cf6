#include "lib/tool/optrow.h"
#include "lib/tool/opts.h"

static const char *const group_names[] = {
	[PROJECT] = "Project",
	[INPUT] = "Input",
	[OUTPUT] = "Output",
	[STORE] = "Store and world",
	[ASK] = "Questions to the store, instead of filtering",
	[DIAGNOSTICS] = "Diagnostics",
	[HELP] = "Help",
};

/* "-C, --project DIR"; returns its width. */
static int
spell(const struct cdp_optrow *o, FILE *fp)
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
describe(const struct cdp_optrow *o, FILE *fp)
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
	const struct cdp_optrow *o;
	int group, shown;

	fprintf(fp, "usage: %s [options] [FILE ...]\n%s\n\n", tool->name,
	    tool->summary);
	if (tool->examples != NULL)
		fprintf(fp, "Examples:\n%s\n", tool->examples);
	for (group = PROJECT; group < NGROUPS; group++) {
		shown = 0;
		for (o = cdp_optrows; o < cdp_optrows + CDP_OPTROWS; o++) {
			if ((int)o->group != group ||
			    !cdp_optrow_has(tool, o) ||
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
	const struct cdp_optrow *o;

	for (o = cdp_optrows; o < cdp_optrows + CDP_OPTROWS; o++) {
		if (!cdp_optrow_has(tool, o))
			continue;
		if (o->name != NULL)
			fprintf(fp, "--%s\t%s\t%s\n", o->name,
			    o->arg != NULL ? o->arg : "", o->text);
		if (o->id < 256)
			fprintf(fp, "-%c\t%s\t%s\n", o->id,
			    o->arg != NULL ? o->arg : "", o->text);
	}
}
