#include "lib/json/write.h"
#include "lib/profile/identifiers.h"
#include "lib/profile/merge.h"
#include "lib/profile/state.h"
#include "lib/profile/violation.h"

static size_t
cap(int64_t most)
{
	return most > 0 ? (size_t)most : SIZE_MAX;
}

struct cdp_merge *
cdp_merge_new(struct cdp_project *pr)
{
	struct cdp_merge *m = cdp_xcalloc(1, sizeof(*m));
	size_t i;

	m->pr = pr;
	m->clock_ms = CDP_TIME_NONE;
	m->max_merges = cap(pr->identity.max_merges);
	m->max_mappings = cap(pr->identity.max_ids);
	m->max_bytes = SIZE_MAX;
	cdp_identifiers_init(m);
	cdp_catalog_open(&m->catalog, pr, NULL);
	cdp_defs_init(&m->own, &pr->traits);
	m->of_group = cdp_xcalloc(pr->ngroup + 1, sizeof(*m->of_group));
	for (i = 0; i < pr->ngroup; i++)
		cdp_defs_init(&m->of_group[i], &pr->group[i].traits);
	if (pr->jq != NULL) {
		cdp_defs_want(&m->own, pr->jq);
		for (i = 0; i < pr->ngroup; i++)
			cdp_defs_want(&m->of_group[i], pr->jq);
	}
	return m;
}

void
cdp_merge_hold(struct cdp_merge *m, size_t max_bytes)
{
	m->max_bytes = max_bytes;
}

void
cdp_merge_print(struct cdp_merge *m, enum cdp_changes changes, bool people)
{
	m->changes = changes;
	m->people = people;
}

void
cdp_merge_note(struct cdp_merge *m,
    void (*note)(void *arg, const char *msg), void *arg)
{
	m->note = note;
	m->note_arg = arg;
}

bool
cdp_merge_prints_people(const struct cdp_merge *m)
{
	return m->people;
}

void
cdp_merge_free(struct cdp_merge *m)
{
	size_t i;

	if (m == NULL)
		return;
	cdp_state_free(m);
	cdp_defs_free(&m->own);
	for (i = 0; i < m->pr->ngroup; i++)
		cdp_defs_free(&m->of_group[i]);
	free(m->of_group);
	for (i = 0; i < m->ntype; i++)
		cdp_mem_disown(&m->prefix[i]);
	free(m->type);
	free(m->prefix);
	free(m->nident);
	free(m->nhub);
	free(m->dirty);
	free(m->fresh);
	free(m->left);
	cdp_suppress_free(&m->suppress);
	cdp_catalog_free(&m->catalog);
	cdp_buf_free(&m->key);
	cdp_buf_free(&m->tmp);
	cdp_buf_free(&m->json);
	cdp_buf_free(&m->out);
	cdp_tape_free(&m->tape);
	cdp_tape_free(&m->view);
	free(m);
}

void
cdp_merge_stats(const struct cdp_merge *m, struct cdp_buf *json)
{
	size_t i;

	cdp_json_ki64(json, "profiles_new", (int64_t)m->nprofile);
	cdp_json_ki64(json, "profiles_merged", (int64_t)m->nmerge);
	if (m->nsplit != 0)
		cdp_json_ki64(json, "profiles_split", (int64_t)m->nsplit);
	if (m->ndeleted != 0)
		cdp_json_ki64(json, "profiles_deleted", (int64_t)m->ndeleted);
	cdp_json_key(json, "identifiers_new");
	cdp_buf_putc(json, '{');
	for (i = 0; i < m->ntype; i++) {
		cdp_json_comma(json);
		cdp_json_str(json, m->type[i]);
		cdp_buf_putc(json, ':');
		cdp_buf_u64(json, m->nident[i]);
	}
	cdp_buf_putc(json, '}');
	cdp_json_key(json, "hubs");
	cdp_buf_putc(json, '{');
	for (i = 0; i < m->ntype; i++)
		if (m->nhub[i] != 0) {
			cdp_json_comma(json);
			cdp_json_str(json, m->type[i]);
			cdp_buf_putc(json, ':');
			cdp_buf_u64(json, m->nhub[i]);
		}
	cdp_buf_putc(json, '}');
	cdp_json_key(json, "violations");
	cdp_buf_putc(json, '{');
	for (i = 0; i < CDP_NVIOLS; i++)
		if (m->nviol[i] != 0)
			cdp_json_ki64(
			    json, cdp_violation_names[i], (int64_t)m->nviol[i]);
	cdp_buf_putc(json, '}');
	cdp_json_ki64(json, "trait_errors", (int64_t)m->nfault);
}
