#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/project_dir.h"

static struct cdp_project *
load_with(const char *where, const struct cdp_define *def, size_t ndef)
{
	struct cdp_project *pr = NULL;
	struct cdp_diags d = { 0 };
	struct cdp_err err = { 0 };
	int rc = cdp_project_load(cdp_str_of(where), def, ndef, &d, &pr, &err);

	if (rc != 0 || d.n != 0)
		cdp_diags_print(&d, "test", stderr);
	assert_int_equal(rc, 0);
	assert_int_equal(d.n, 0);
	cdp_diags_free(&d);
	return pr;
}

static struct cdp_project *
load(const char *text)
{
	put("cdp.yaml", text);
	return load_with(".", NULL, 0);
}

#define assert_str(s, z)                                                       \
	do {                                                                   \
		struct cdp_str s_ = (s);                                       \
		if (!cdp_str_is(s_, z))                                        \
			fail_msg("'%.*s' is not '%s'", (int)s_.n, s_.p, z);    \
	} while (0)

/* ---- the example ---- */

static const struct cdp_trait *
trait(const struct cdp_traits *ts, const char *name)
{
	size_t i;

	for (i = 0; i < ts->n; i++)
		if (cdp_str_is(ts->v[i].name, name))
			return &ts->v[i];
	fail_msg("no trait %s", name);
	return NULL;
}

static void
check_example(const struct cdp_project *pr)
{
	const struct cdp_trait *cart = trait(&pr->traits, "cart");
	const struct cdp_plan_rule *ev =
	    cdp_map_get(&pr->plan.by_name, CDP_STR("Product Added"));

	assert_str(pr->name, "loja");
	assert_str(pr->timezone, "America/Sao_Paulo");
	assert_int_equal(pr->lateness_ms, 600000);
	assert_int_equal(pr->plan.mode[CDP_PLAN_GROUP].violation, CDP_BLOCK);
	assert_int_equal(pr->plan.unplanned_event, CDP_ALLOW);
	assert_int_equal(ev->n, 1);
	assert_int_equal(ev->v->planned.n, 5);
	assert_non_null(ev->v->schema);
	assert_int_equal(pr->plan.part[CDP_PLAN_IDENTIFY].n, 1);
	assert_int_equal(pr->plan.part[CDP_PLAN_COMMON].n, 0);
	assert_int_equal(pr->identity.nid, 4);
	assert_str(pr->identity.id[2].name, "phone");
	assert_str(pr->identity.id[2].region, "BR");
	assert_int_equal(pr->identity.id[0].limit, 1);
	assert_int_equal(pr->identity.id[3].per_ms, 7 * 86400000);
	assert_int_equal(pr->identity.nblock, 4);
	assert_int_equal(pr->ngroup, 1);
	assert_int_equal(pr->group[0].limit, 12);
	assert_int_equal(pr->group[0].traits.n, 1);
	assert_int_equal(cart->kind, CDP_TRAIT_LIST);
	assert_true(cart->jq >= 0 && cart->keep == 50);
	assert_str(cart->key.text, "properties.product_id");
	assert_str(cart->remove->event[0], "Product Removed");
	assert_str(trait(&pr->traits, "loyalty_tier")->def, "\"none\"");
	assert_int_equal(trait(&pr->traits, "orders_90d")->within_ms,
	    (int64_t)90 * 86400000);
	assert_int_equal(pr->consent.ncat, 2);
	assert_false(pr->consent.unknown_allow);
}

static void
test_load_reads_the_example(void **state)
{
	const char *top = getenv("top");
	char path[PATH_MAX + 32];
	const struct cdp_template *t;
	struct cdp_project *pr;

	(void)state;
	if (top == NULL)
		skip();
	snprintf(path, sizeof(path), "%s/share/examples/loja", top);
	pr = load_with(path, NULL, 0);
	check_example(pr);
	t = cdp_project_template(pr, CDP_STR("cart_email"));
	assert_int_equal(t->subject.n, 1);
	assert_true(t->html.html && t->html.n > 1);
	assert_true(!t->text.html && t->text.n > 1);
	assert_str(cdp_project_destination(pr, CDP_STR("ads"))->dir, "out/ads");
	assert_null(cdp_project_destination(pr, CDP_STR("none")));
	cdp_project_free(pr);
}

/* ---- several files ---- */

static void
test_load_includes(void **state)
{
	struct cdp_project *pr;

	(void)state;
	assert_int_equal(mkdir("a", 0777), 0);
	put("a/2.yaml", "traits: {two: {count: true}}\n");
	put("a/1.yaml",
	    "version: 1\ntraits: {one: {count: true}}\n"
	    "plan: {events: {A: {}}}\n");
	put("b.yaml", "traits:\nplan: {events: {B: {}}, common: {}}\n");
	pr = load("include: [\"a/*.yaml\", b.yaml, a/1.yaml]\n"
		  "traits: {zero: {count: true}}\n");
	assert_int_equal(pr->traits.n, 3);
	assert_str(pr->traits.v[0].name, "zero");
	assert_str(pr->traits.v[1].name, "one");
	assert_str(pr->traits.v[2].name, "two");
	assert_int_equal(pr->plan.nevent, 2);
	assert_ptr_equal(
	    cdp_map_get(&pr->plan.by_name, CDP_STR("A")), &pr->plan.event[0]);
	assert_int_equal(pr->plan.part[CDP_PLAN_COMMON].n, 1);
	cdp_project_free(pr);
}

/* ---- the parts ---- */

static void
test_load_gives_segments_identity(void **state)
{
	struct cdp_project *pr = load("version: 1\n");
	const struct cdp_identity *idy = &pr->identity;
	bool limit = false;
	size_t i;

	(void)state;
	assert_int_equal(idy->nid, 10);
	assert_true(idy->others);
	assert_str(idy->id[0].name, "user_id");
	assert_str(idy->id[0].from[0].text, "userId");
	assert_int_equal(idy->id[0].limit, 1);
	assert_str(idy->id[1].name, "email");
	assert_int_equal(idy->id[1].nfrom, 2);
	assert_int_equal(idy->id[1].normalize, CDP_NORM_EMAIL);
	/* Then by the alphabet. */
	for (i = 3; i < idy->nid; i++)
		assert_true(
		    cdp_str_cmp(idy->id[i - 1].name, idy->id[i].name) < 0);
	assert_str(idy->id[2].name, "android.id");
	assert_non_null(idy->id[2].where);
	assert_str(idy->id[5].from[0].text, "anonymousId");
	assert_int_equal(idy->id[5].limit, 5);
	assert_int_equal(idy->other.limit, 5);
	assert_int_equal(idy->nblock, 4);
	assert_int_equal(idy->npattern, 1);
	assert_true(cdp_regex_match(idy->pattern[0], CDP_STR("0-0"), &limit));
	assert_false(cdp_regex_match(idy->pattern[0], CDP_STR("a0"), &limit));
	cdp_project_free(pr);
	pr = load("identity:\n"
		  "  identifiers: {shop_id: {}, user_id: {limit: 2 per 1w}}\n"
		  "  block: {values: [], patterns: []}\n");
	idy = &pr->identity;
	assert_int_equal(idy->nid, 2);
	assert_false(idy->others);
	assert_int_equal(idy->id[0].nfrom, 6);
	assert_str(idy->id[0].from[1].text, "traits.shopId");
	assert_str(idy->id[0].from[2].text, "context.traits.shop_id");
	assert_int_equal(idy->id[1].limit, 2);
	assert_int_equal(idy->id[1].per_ms, 7 * 86400000);
	assert_int_equal(idy->nblock + idy->npattern, 0);
	cdp_project_free(pr);
}

static void
test_load_puts_traits_behind_those_they_need(void **state)
{
	static const char *const order[] = { "n", "b", "a", "bb", "c" };
	struct cdp_project *pr =
	    load("traits:\n"
		 "  a: {jq: '.traits.b + (.traits[\"n\"] // 0)'}\n"
		 "  b: {jq: '.traits | .n'}\n"
		 "  n: {count: true}\n"
		 "  bb: {jq: 'traits(.a)'}\n"
		 "  c: {jq: '[.traits.bbb, .traits.bb]'}\n");
	size_t i, k, at[5];

	(void)state;
	for (i = 0; i < 5; i++)
		for (k = 0; k < pr->traits.n; k++)
			if (cdp_str_is(pr->traits.v[k].name, order[i]))
				at[i] = k;
	assert_int_equal(pr->traits.n, 5);
	assert_true(at[0] < at[2] && at[1] < at[2] && at[3] < at[4]);
	cdp_project_free(pr);
}

static void
parts_are(const struct cdp_text *t, const char *want)
{
	struct cdp_buf b = { 0 };
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->part[i].jq < 0)
			cdp_buf_printf(&b, "'%.*s'", (int)t->part[i].text.n,
			    t->part[i].text.p);
		else
			cdp_buf_puts(&b, t->raw[i] ? "<raw>" : "<jq>");
	assert_string_equal(cdp_buf_cstr(&b), want);
	cdp_buf_free(&b);
}

static void
test_load_reads_templates(void **state)
{
	const struct cdp_template *t;
	struct cdp_project *pr;

	(void)state;
	put("a.html", "<p>{{ .a }}{{ .b|@raw }}</p> @media{a{b:c}}");
	put("b.txt", "{{ {a: {b: \"}}\\(\"{\")\"}} | tojson }} x");
	put("c.md", "");
	put("d.txt", "plain { { }}");
	pr = load("templates:\n"
		  "  a: {html: a.html, text: b.txt, subject: '\"s\"'}\n"
		  "  b: {html: c.md, text: ./d.txt, subject: .kept.txt}\n");
	t = cdp_project_template(pr, CDP_STR("a"));
	assert_true(t->html.html && !t->text.html);
	parts_are(&t->html, "'<p>'<jq><raw>'</p> @media{a{b:c}}'");
	parts_are(&t->text, "<jq>' x'");
	parts_are(&t->subject, "<raw>");
	t = cdp_project_template(pr, CDP_STR("b"));
	assert_true(t->html.html);
	parts_are(&t->html, "''");
	parts_are(&t->text, "'plain { { }}'");
	parts_are(&t->subject, "<raw>");
	cdp_project_free(pr);
}

static void
test_load_defines_vars(void **state)
{
	static const struct cdp_define def[] = { { CDP_STR("n"), CDP_STR("1") },
		{ CDP_STR("n"), CDP_STR("42") }, { CDP_STR("s"), CDP_STR("7") },
		{ CDP_STR("t"), CDP_STR("a: b") } };
	static const struct cdp_define bad = { CDP_STR("tt"), CDP_STR("1") };
	struct cdp_arena mem = { 0 };
	struct cdp_diags d = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_project *pr;
	struct cdp_str out;
	int id;

	(void)state;
	put("cdp.yaml",
	    "vars: {n: 5, s: x, t: true, o: {k: [1]}}\n"
	    "destinations:\n"
	    "  d: {preset: file, settings: {dir: o}, to: $vars}\n");
	pr = load_with(".", def, 4);
	id = pr->destination[0].to;
	cdp_jq_want(pr->jq, id);
	assert_int_equal(
	    cdp_jq_run(pr->jq, id, CDP_STR("{}"), &mem, &out, &err), 0);
	assert_str(
	    out, "{\"n\":42,\"s\":\"7\",\"t\":\"a: b\",\"o\":{\"k\":[1]}}");
	cdp_arena_free(&mem);
	cdp_project_free(pr);
	assert_int_equal(
	    cdp_project_load(CDP_STR("."), &bad, 1, &d, &pr, &err), CDP_ECONF);
	assert_string_equal(d.v[0].rule, "unknown-var");
	cdp_diags_free(&d);
}

/* ---- fingerprint and places ---- */

static void
finger(const char *where, const struct cdp_define *def, size_t n, char ret[65])
{
	struct cdp_project *pr = load_with(where, def, n);

	memcpy(ret, pr->fingerprint, 65);
	cdp_project_free(pr);
}

static void
test_fingerprint_is_of_what_was_written(void **state)
{
	static const struct cdp_define d1 = { CDP_STR("x"), CDP_STR("1") },
				       d2 = { CDP_STR("x"), CDP_STR("2") };
	char a[65], b[65], path[PATH_MAX + 32];

	(void)state;
	put("cdp.yaml", "include: [a.yaml]\nvars: {x: 0}\n");
	put("a.yaml", "templates: {t: {text: t.txt}}\n");
	put("t.txt", "one");
	finger(".", NULL, 0, a);
	assert_int_equal(strlen(a), 64);
	snprintf(path, sizeof(path), "%s/./", dir);
	finger(path, NULL, 0, b);
	assert_string_equal(a, b);
	finger(".", &d1, 1, b);
	assert_string_not_equal(a, b);
	memcpy(a, b, 65);
	finger(".", &d2, 1, b);
	assert_string_not_equal(a, b);
	finger(".", NULL, 0, a);
	put("t.txt", "two");
	finger(".", NULL, 0, b);
	assert_string_not_equal(a, b);
	assert_int_equal(rename("t.txt", "u.txt"), 0);
	put("a.yaml", "templates: {t: {text: u.txt}}\n");
	finger(".", NULL, 0, a);
	assert_string_not_equal(a, b);
}

/* Places reach output, which must not tell where the project lies. */
static void
test_places_are_within_the_project(void **state)
{
	char path[PATH_MAX + 32];
	struct cdp_project *pr;

	(void)state;
	put("t.txt", "a\nb {{ .x }}");
	put("cdp.yaml", "templates:\n  t: {subject: '\"é\"', text: t.txt}\n");
	snprintf(path, sizeof(path), "%s/", dir);
	pr = load_with(path, NULL, 0);
	assert_str(cdp_jq_place(pr->jq, pr->template[0].subject.part[0].jq),
	    "cdp.yaml:2:16");
	assert_str(
	    cdp_jq_place(pr->jq, pr->template[0].text.part[1].jq), "t.txt:2:6");
	cdp_project_free(pr);
}

static void
test_check_jq_names_the_place(void **state)
{
	struct cdp_diags d = { 0 };
	struct cdp_project *pr =
	    load("traits:\n  a: {jq: '.x'}\n  b: {jq: 'foo(1)'}\n"
		 "  c: {jq: '.x | env'}\n");

	(void)state;
	cdp_project_check_jq(pr, &d);
	assert_int_equal(d.nerrors, 1);
	assert_int_equal(d.v[0].at.line, 3);
	assert_int_equal(d.v[0].at.col, 11);
	assert_non_null(strstr(d.v[0].msg, "foo/1 is not defined"));
	cdp_diags_free(&d);
	cdp_project_free(pr);
}

/* ---- finding ---- */

static void
test_find_walks_up(void **state)
{
	struct cdp_arena mem = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_str ret;

	(void)state;
	unsetenv("CDP_PROJECT");
	put("cdp.yaml", "version: 1\n");
	assert_int_equal(mkdir("a", 0777), 0);
	assert_int_equal(mkdir("a/b", 0777), 0);
	assert_int_equal(cdp_project_find(NULL, "-C", &mem, &ret, &err), 0);
	assert_str(ret, ".");
	assert_int_equal(chdir("a/b"), 0);
	assert_int_equal(cdp_project_find(NULL, "-C", &mem, &ret, &err), 0);
	assert_str(ret, "../..");
	assert_int_equal(
	    cdp_project_find("../..//", "-C", &mem, &ret, &err), 0);
	assert_str(ret, "../..");
	assert_int_equal(
	    cdp_project_find("..", "-C", &mem, &ret, &err), CDP_ECONF);
	assert_string_equal(err.msg, "no cdp.yaml in '..' (named by -C)");
	assert_int_equal(
	    cdp_project_find("../../cdp.yaml", "-C", &mem, &ret, &err),
	    CDP_ECONF);
	assert_non_null(strstr(err.msg, "is not a directory"));
	setenv("CDP_PROJECT", dir, 1);
	assert_int_equal(cdp_project_find(NULL, "-C", &mem, &ret, &err), 0);
	assert_str(ret, dir);
	setenv("CDP_PROJECT", "nowhere", 1);
	assert_int_equal(
	    cdp_project_find(NULL, "-C", &mem, &ret, &err), CDP_ECONF);
	assert_string_equal(
	    err.msg, "no directory 'nowhere' (named by CDP_PROJECT)");
	unsetenv("CDP_PROJECT");
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(
	    cdp_project_find(NULL, "-C", &mem, &ret, &err), CDP_ECONF);
	assert_non_null(strstr(err.msg, "-C DIR or CDP_PROJECT"));
	cdp_arena_free(&mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_load_reads_the_example),
		T(test_load_includes),
		T(test_load_gives_segments_identity),
		T(test_load_puts_traits_behind_those_they_need),
		T(test_load_reads_templates),
		T(test_load_defines_vars),
		T(test_fingerprint_is_of_what_was_written),
		T(test_places_are_within_the_project),
		T(test_check_jq_names_the_place),
		T(test_find_walks_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
