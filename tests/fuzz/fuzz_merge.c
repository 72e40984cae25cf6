#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/profile/merge.h"
#include "lib/rule/ident.h"

/*
 * Any lines as events of some people in some homes: what comes out is JSON,
 * nobody who was merged away is seen again, each identifier has one owner, and
 * what the traits keep is written as it is read.
 */
static struct cdp_project *
project(void)
{
	static const struct cdp_str names[] = { { "A", 1 }, { "B", 1 } };
	static struct cdp_project pr;
	static struct cdp_identifier id[3];
	static struct cdp_trigger on[2];
	static struct cdp_trait v[CDP_TRAIT_LIST + 1];
	static struct cdp_group group;
	static struct cdp_path path[5];
	static const char *const paths[] = { "userId", "traits.email",
		"anonymousId", "groupId", "properties.v" };
	size_t i;

	if (pr.ngroup != 0)
		return &pr;
	for (i = 0; i < 5; i++)
		cdp_path_compile(cdp_str_of(paths[i]), &pr.mem, &path[i], NULL);
	for (i = 0; i < 3; i++)
		id[i] = (struct cdp_identifier){ .name = cdp_str_of(paths[i]),
			.from = &path[i],
			.nfrom = 1,
			.normalize = i == 1 ? CDP_NORM_EMAIL : CDP_NORM_NONE,
			.limit = 2,
			.per_ms = i == 2 ? 5000 : 0 };
	for (i = 0; i < 2; i++)
		on[i] = (struct cdp_trigger){ &names[i], 1, NULL };
	for (i = 0; i <= CDP_TRAIT_LIST; i++)
		v[i] = (struct cdp_trait){ .name = cdp_arena_printf(
					       &pr.mem, "t%zu", i),
			.kind = (enum cdp_trait_kind)i,
			.path = path[4],
			.jq = -1,
			.has_trigger = i % 3 != 0,
			.on = on[0],
			.min = 2,
			.keep = 3,
			.within_ms = i % 2 == 0 ? 4000 : 0 };
	v[CDP_TRAIT_LIST].key = path[4];
	v[CDP_TRAIT_LIST].remove = &on[1];
	pr.identity.id = id;
	pr.identity.nid = 3;
	cdp_ident_plan(&pr.identity, &pr.mem);
	pr.traits = (struct cdp_traits){ v, CDP_TRAIT_LIST + 1, 0 };
	group = (struct cdp_group){ .name = CDP_STR("home"),
		.from = &path[3],
		.nfrom = 1,
		.limit = 3,
		.traits = { v, 2, 0 } };
	pr.group = &group;
	pr.ngroup = 1;
	return &pr;
}

static void
feed(struct cdp_stage *sg, const char *p, size_t n)
{
	struct cdp_tape t = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_line ln;
	const char *end = p + n, *nl;
	uint64_t lineno = 0;

	for (; p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		if (cdp_line_parse((struct cdp_str){ p, (size_t)(nl - p) },
			++lineno, &t, &mem, &ln, &err) == 0) {
			ln.o = CDP_STR("main.ingest");
			ln.n = lineno;
			assert(cdp_stage_line(sg, &ln, &err) == 0);
		}
		cdp_arena_reset(&mem);
	}
	assert(cdp_stage_flush(sg, &err) == 0);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
}

static void
look(struct cdp_merge *m, const char *p, size_t n)
{
	struct cdp_tape t = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_map gone = { 0 };
	struct cdp_line ln;
	const char *end = p + n, *nl;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		assert(nl != NULL);
		assert(cdp_line_parse((struct cdp_str){ p, (size_t)(nl - p) },
			   1, &t, &mem, &ln, NULL) == 0);
		if (ln.type == CDP_MERGE && ln.message_id.n == 28) {
			uint32_t from = cdp_tape_get(&t, 0, CDP_STR("from"));
			struct cdp_profile *pf = cdp_map_get(
			    &m->profiles, cdp_tape_str(&t, from, &mem));

			if (pf != NULL && pf->into != NULL)
				*cdp_map_at(&gone, pf->u.due.id) = pf;
		} else if (cdp_type_is_event(ln.type)) {
			assert(cdp_map_get(&gone, ln.profile_id) == NULL);
		}
	}
	cdp_map_free(&gone);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
}

static void
reread(struct cdp_merge *m, struct cdp_profile *p)
{
	struct cdp_unit copy = { .defs = p->u.defs };
	struct cdp_buf a = { 0 }, b = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_arena mem = { 0 };
	size_t i;

	for (i = 0; i < p->nident; i++)
		assert(p->ident[i]->owner == p);
	cdp_computed_write(&a, &p->u);
	assert(cdp_tape_parse(&t, cdp_buf_str(&a), NULL) == 0);
	cdp_computed_read(&copy, &t, 0, &mem, &m->tmp);
	cdp_computed_write(&b, &copy);
	assert(cdp_str_eq(cdp_buf_str(&a), cdp_buf_str(&b)));
	for (i = 0; i < copy.defs->n; i++)
		assert(cdp_str_eq(cdp_computed_value(&p->u, (uint32_t)i),
		    cdp_computed_value(&copy, (uint32_t)i)));
	cdp_unit_free(&copy);
	cdp_buf_free(&a);
	cdp_buf_free(&b);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cdp_merge *m = cdp_merge_new(project());
	struct cdp_stage_opt so = { 0 };
	struct cdp_stage *sg;
	struct cdp_map_ent *e;
	size_t i = 0;
	off_t n;
	void *p;

	so.out_fd = memfd_create("out", 0);
	sg = cdp_stage_new(&cdp_merge_ops, m, &so);
	feed(sg, (const char *)data, size);
	n = lseek(so.out_fd, 0, SEEK_END);
	if (n > 0) {
		p = mmap(NULL, (size_t)n, PROT_READ, MAP_PRIVATE, so.out_fd, 0);
		assert(p != MAP_FAILED);
		look(m, p, (size_t)n);
		munmap(p, (size_t)n);
	}
	while ((e = cdp_map_next(&m->profiles, &i)) != NULL)
		if (((struct cdp_profile *)e->val)->into == NULL)
			reread(m, e->val);
	close(so.out_fd);
	cdp_stage_free(sg);
	cdp_merge_free(m);
	return 0;
}
