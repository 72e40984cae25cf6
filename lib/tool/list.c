#include "lib/tool/list.h"

/* Each kind is an array of structs that begin with or hold a name. */
#define EACH(fp, v, n, name)                                                   \
	do {                                                                   \
		for (size_t i_ = 0; i_ < (n); i_++)                            \
			put((fp), (v)[i_].name);                               \
	} while (0)

static void
put(FILE *fp, struct cdp_str s)
{
	fprintf(fp, "%.*s\n", (int)s.n, s.p);
}

static void
audiences(const struct cdp_project *pr, FILE *fp)
{
	EACH(fp, pr->audience, pr->naudience, key);
}

static void
destinations(const struct cdp_project *pr, FILE *fp)
{
	EACH(fp, pr->destination, pr->ndestination, name);
}

static void
events(const struct cdp_project *pr, FILE *fp)
{
	EACH(fp, pr->plan.event, pr->plan.nevent, name);
}

static void
groups(const struct cdp_project *pr, FILE *fp)
{
	EACH(fp, pr->group, pr->ngroup, name);
}

static void
identifiers(const struct cdp_project *pr, FILE *fp)
{
	EACH(fp, pr->identity.id, pr->identity.nid, name);
}

static void
journeys(const struct cdp_project *pr, FILE *fp)
{
	EACH(fp, pr->journey, pr->njourney, key);
}

static void
sources(const struct cdp_project *pr, FILE *fp)
{
	EACH(fp, pr->sources.v, pr->sources.n, name);
}

static void
templates(const struct cdp_project *pr, FILE *fp)
{
	EACH(fp, pr->template, pr->ntemplate, name);
}

static void
traits(const struct cdp_project *pr, FILE *fp)
{
	EACH(fp, pr->traits.v, pr->traits.n, name);
}

static const struct {
	const char *kind;
	void (*print)(const struct cdp_project *pr, FILE *fp);
} kinds[] = {
	{ "audiences", audiences },
	{ "destinations", destinations },
	{ "events", events },
	{ "groups", groups },
	{ "identifiers", identifiers },
	{ "journeys", journeys },
	{ "sources", sources },
	{ "templates", templates },
	{ "traits", traits },
};

#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

bool
cdp_list_known(const char *kind)
{
	size_t i;

	for (i = 0; i < NKINDS; i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return true;
	return false;
}

const char *
cdp_list_kinds(void)
{
	return "audiences, destinations, events, groups, identifiers, "
	       "journeys, options, sources, templates, traits";
}

void
cdp_list_print(const struct cdp_project *pr, const char *kind, FILE *fp)
{
	size_t i;

	for (i = 0; i < NKINDS; i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			kinds[i].print(pr, fp);
}
