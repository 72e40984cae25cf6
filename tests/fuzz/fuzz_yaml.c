#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/rule/project.h"

#define LOADED 1600

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static char dir[] = "fuzz_yaml.XXXXXX"; /* in the scratch directory */
static FILE *null;

static void
set_up(void)
{
	if (null != NULL)
		return;
	null = fopen("/dev/null", "w");
	assert(null != NULL && mkdtemp(dir) != NULL);
}

/* Every place is in the text, and what was read can be written as JSON. */
static void
read_alone(struct cdp_str text)
{
	struct cdp_arena mem = { 0 };
	struct cdp_diags diags = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_buf b = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_node *root;
	size_t i;

	cdp_yaml_parse(text, "f", &mem, &diags, &root);
	for (i = 0; i < diags.n; i++)
		assert(diags.v[i].at.line >= 1 && diags.v[i].at.col >= 1 &&
		    diags.v[i].at.line <= text.n + 1 &&
		    diags.v[i].at.col <= text.n + 1);
	if (root != NULL) {
		cdp_node_json(&b, root);
		assert(cdp_tape_parse(&t, cdp_buf_str(&b), &err) == 0);
	}
	cdp_diags_print(&diags, "fuzz", null);
	cdp_tape_free(&t);
	cdp_buf_free(&b);
	cdp_diags_free(&diags);
	cdp_arena_free(&mem);
}

/*
 * The same bytes as a project: loaded, or refused with a reason.  Not of many
 * bytes: beside a fault each jq program is compiled by itself, for 16 ms.
 */
static void
load_project(struct cdp_str text)
{
	struct cdp_diags diags = { 0 };
	struct cdp_project *pr = NULL;
	struct cdp_err err = { 0 };
	char name[64];
	FILE *fp;
	int rc;

	snprintf(name, sizeof(name), "%s/cdp.yaml", dir);
	if ((fp = fopen(name, "w")) == NULL)
		abort();
	fwrite(text.p, 1, text.n, fp);
	fclose(fp);
	rc = cdp_project_load(cdp_str_of(dir), NULL, 0, &diags, &pr, &err);
	assert((rc == 0) == (diags.nerrors == 0) && (rc == 0) == (pr != NULL));
	cdp_diags_print(&diags, "fuzz", null);
	cdp_project_free(pr);
	cdp_diags_free(&diags);
}

/* libjq's parser leaks the strings of a program that it refuses. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:jv_mem_alloc\n";
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct cdp_str text = { (const char *)p, n };

	set_up();
	read_alone(text);
	if (n <= LOADED)
		load_project(text);
	return 0;
}
