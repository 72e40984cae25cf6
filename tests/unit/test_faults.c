#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/project_dir.h"

/*
 * The faults of the project here, in the order they are told: a line
 * "FILE:LINE:COL RULE" each.
 */
static void
faults(const char *want)
{
	struct cdp_project *pr = NULL;
	struct cdp_diags d = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_buf got = { 0 };
	char *text = NULL, *line, *save, *rule;
	size_t n = 0;
	FILE *fp = open_memstream(&text, &n);
	int rc;

	rc = cdp_project_load(CDP_STR("."), NULL, 0, &d, &pr, &err);
	assert_int_equal(rc, CDP_ECONF);
	assert_null(pr);
	cdp_diags_print(&d, "t", fp);
	fclose(fp);
	line = strtok_r(text, "\n", &save);
	for (; line != NULL; line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "t:", 2) != 0)
			continue;
		line += line[2] == ' ' ? 3 : 2;
		rule = strchr(line, '[');
		rule[-7] = '\0'; /* ": error" */
		cdp_buf_printf(&got, "%s %.*s\n", line,
		    (int)strcspn(rule + 1, "]"), rule + 1);
	}
	assert_string_equal(cdp_buf_cstr(&got), want);
	cdp_buf_free(&got);
	free(text);
	cdp_diags_free(&d);
}

/* The message of the one fault. */
static void
says(const char *text, const char *msg)
{
	struct cdp_project *pr = NULL;
	struct cdp_diags d = { 0 };
	struct cdp_err err = { 0 };

	put("cdp.yaml", text);
	assert_int_equal(
	    cdp_project_load(CDP_STR("."), NULL, 0, &d, &pr, &err), CDP_ECONF);
	if (d.n != 1)
		cdp_diags_print(&d, "test", stderr);
	assert_int_equal(d.n, 1);
	assert_string_equal(d.v[0].msg, msg);
	cdp_diags_free(&d);
}

/* ---- faults, section by section ---- */

static void
test_load_finds_faults_of_settings(void **state)
{
	(void)state;
	put("cdp.yaml",
	    "version: 2\n"
	    "project: {name: [x], timezone: America/Sao_Paolo, curency: BRL}\n"
	    "clock: {lateness: 10, tick: 0m, tock: 1m}\n"
	    "sources:\n"
	    "  web: {format: segmant}\n"
	    "  crm: {format: csv, mpa: '{}'}\n"
	    "secrets: [9A]\n"
	    "transfroms: []\n"
	    "traits: 7\n");
	faults("cdp.yaml:1:10 bad-value\n"
	       "cdp.yaml:2:17 wrong-type\n"
	       "cdp.yaml:2:32 unknown-timezone\n"
	       "cdp.yaml:2:51 unknown-key\n"
	       "cdp.yaml:3:19 bad-value\n"
	       "cdp.yaml:3:29 bad-value\n"
	       "cdp.yaml:3:33 unknown-key\n"
	       "cdp.yaml:5:17 bad-value\n"
	       "cdp.yaml:6:8 missing-key\n"
	       "cdp.yaml:6:22 unknown-key\n"
	       "cdp.yaml:7:11 bad-value\n"
	       "cdp.yaml:8:1 unknown-key\n"
	       "cdp.yaml:9:9 wrong-type\n");
}

static void
test_load_finds_faults_of_plan(void **state)
{
	(void)state;
	put("cdp.yaml",
	    "plan:\n"
	    "  file: plan.json\n"
	    "  mode: {violation: blok, unplanned_property: block}\n"
	    "  events:\n"
	    "    A: {properties: {p: {typ: number}, x: {type: strnig}}}\n"
	    "    B: {properties: {y: {pattern: \"(\"}}, required: price}\n"
	    "    C: [1]\n"
	    "  identify: {properties: {email: {minLength: -1}}}\n"
	    "  common: {required: [1, 2]}\n"
	    "  expect: [{metric: rate}]\n");
	faults("cdp.yaml:2:9 unknown-file\n"
	       "cdp.yaml:3:21 bad-value\n"
	       "cdp.yaml:3:47 bad-value\n"
	       "cdp.yaml:5:26 bad-schema\n"
	       "cdp.yaml:5:50 bad-schema\n"
	       "cdp.yaml:6:35 bad-schema\n"
	       "cdp.yaml:6:52 bad-schema\n"
	       "cdp.yaml:7:8 wrong-type\n"
	       "cdp.yaml:8:46 bad-schema\n"
	       "cdp.yaml:9:23 bad-schema\n"
	       "cdp.yaml:9:26 bad-schema\n"
	       "cdp.yaml:10:12 missing-key\n"
	       "cdp.yaml:10:12 missing-key\n"
	       "cdp.yaml:10:21 bad-value\n");
}

static void
test_load_finds_faults_of_identity(void **state)
{
	(void)state;
	put("cdp.yaml",
	    "identity:\n"
	    "  identifiers:\n"
	    "    user_id: {from: userId, limit: 0}\n"
	    "    email: {form: traits.email, normalize: mail}\n"
	    "    \"a:b\": {limit: 5 per 7, region: BR}\n"
	    "    c: {from: a..b}\n"
	    "  block: {patterns: [\"(x\"], file: f}\n"
	    "groups:\n"
	    "  house.hold: {from: 5, limit: x}\n"
	    "  h: {traits: {a.b: {count: true}}}\n");
	faults("cdp.yaml:3:36 bad-value\n"
	       "cdp.yaml:4:13 unknown-key\n"
	       "cdp.yaml:4:44 bad-value\n"
	       "cdp.yaml:5:5 bad-name\n"
	       "cdp.yaml:5:20 bad-value\n"
	       "cdp.yaml:5:37 bad-value\n"
	       "cdp.yaml:6:15 bad-path\n"
	       "cdp.yaml:7:22 bad-pattern\n"
	       "cdp.yaml:7:35 unknown-file\n"
	       "cdp.yaml:9:3 bad-name\n"
	       "cdp.yaml:9:32 wrong-type\n"
	       "cdp.yaml:10:16 bad-name\n");
}

static void
test_load_finds_faults_of_traits(void **state)
{
	(void)state;
	put("cdp.yaml",
	    "traits:\n"
	    "  n: {count: false, event: X}\n"
	    "  two: {sum: properties.a, avg: properties.b}\n"
	    "  none: {event: X}\n"
	    "  w: {sum: properties.total, withn: 30d}\n"
	    "  w2: {sum: properties.total, within: 0d}\n"
	    "  a: {jq: '.traits.b + 1'}\n"
	    "  b: {jq: '.traits[\"c\"] + 1'}\n"
	    "  c: {jq: '.traits.a + 1', event: X}\n"
	    "  d: {jq: '.traits.a +'}\n"
	    "  l: {list: properties, remove: {event: X}, keep: 0}\n"
	    "  m: {max: properties.x, min: 2}\n"
	    "  h: {count: true}\n"
	    "  x.y: {count: true}\n"
	    "groups: {h: {}}\n");
	faults("cdp.yaml:2:14 bad-value\n"
	       "cdp.yaml:3:33 bad-value\n"
	       "cdp.yaml:4:9 missing-key\n"
	       "cdp.yaml:5:30 unknown-key\n"
	       "cdp.yaml:6:39 bad-value\n"
	       "cdp.yaml:7:6 trait-cycle\n"
	       "cdp.yaml:9:28 unknown-key\n"
	       "cdp.yaml:10:11 bad-jq\n"
	       "cdp.yaml:11:33 missing-key\n"
	       "cdp.yaml:11:51 bad-value\n"
	       "cdp.yaml:12:12 bad-value\n"
	       "cdp.yaml:13:6 bad-name\n"
	       "cdp.yaml:14:3 bad-name\n");
	says("groups: {h: {traits: {x: {jq: '.traits[\"x\"]'}}}}\n",
	    "a trait that follows from itself: x -> x");
	says("traits:\n  a: {jq: .traits.b}\n  b: {jq: .traits.c}\n"
	     "  c: {jq: .traits.a}\n",
	    "a trait that follows from itself: a -> b -> c -> a");
}

static void
test_load_finds_faults_of_messages(void **state)
{
	(void)state;
	assert_int_equal(mkdir("t", 0777), 0);
	put("t/cart.html", "Hi {{ .a | @raw }}\n<b>{{ .b }</b>\n");
	put("t/cart.txt", "Hi {{ {a: {b: \"}}\"}} }}\n x {{ .a | }} {{}}\n");
	put("cdp.yaml",
	    "consent:\n"
	    "  categories: {Ads: {destinations: [emial, file2]}, No: {}}\n"
	    "  unknown: maybe\n"
	    "destinations:\n"
	    "  email: {preset: file, settings: {dirr: out}, to: '.x |'}\n"
	    "  braze: {preset: xyzzy, rate: 50/s}\n"
	    "  desk: {request: {method: GET}}\n"
	    "  file2: {}\n"
	    "templates:\n"
	    "  t1: {subject: '\"a\" +', html: t/cart.htm, text: t/cart.txt}\n"
	    "  t2: {html: t/kart.html}\n"
	    "  t3: {}\n"
	    "  t4: {html: t/cart.html, subjct: x}\n");
	faults("cdp.yaml:2:37 unknown-destination\n"
	       "cdp.yaml:2:57 missing-key\n"
	       "cdp.yaml:3:12 bad-value\n"
	       "cdp.yaml:5:35 missing-key\n"
	       "cdp.yaml:5:36 unknown-key\n"
	       "cdp.yaml:5:52 bad-jq\n"
	       "cdp.yaml:6:19 unknown-preset\n"
	       "cdp.yaml:7:19 missing-key\n"
	       "cdp.yaml:8:10 missing-key\n"
	       "cdp.yaml:10:17 bad-jq\n"
	       "cdp.yaml:10:32 unknown-file\n"
	       "cdp.yaml:11:14 unknown-file\n"
	       "cdp.yaml:12:7 missing-key\n"
	       "cdp.yaml:13:27 unknown-key\n"
	       "t/cart.html:2:4 bad-template\n"
	       "t/cart.txt:2:7 bad-jq\n"
	       "t/cart.txt:2:15 bad-template\n");
	says("consent: {categories: {A: {destinations: [emial]}}}\n"
	     "destinations: {email: {preset: file, settings: {dir: o}}}\n",
	    "no destination 'emial'; did you mean 'email'?");
	says("destinations: {d: {preset: file, settings: {dir: /tmp/o}}}\n",
	    "dir '/tmp/o' must be below the project's directory");
	says("destinations: {d: {preset: file, settings: {dir: o/../../o}}}\n",
	    "dir 'o/../../o' must be below the project's directory");
	says("templates: {a: {text: t/kart.txt}}\n",
	    "no file 't/kart.txt'; did you mean 't/cart.txt'?");
}

/* ---- several files ---- */

static void
test_load_refuses_two_of_a_name(void **state)
{
	(void)state;
	put("b.yaml",
	    "traits: {x: {count: true}}\n"
	    "plan: {mode: {violation: allow}, events: {A: {}}}\n"
	    "destinations:\n  d: {preset: file, settings: {dir: o}}\n"
	    "audiences: {v: {when: {trait: x, gt: 1}}}\n"
	    "include: [c.yaml]\n");
	put("cdp.yaml",
	    "include: [b.yaml]\n"
	    "traits: {x: {count: true}}\n"
	    "plan: {mode: {violation: allow}, events: {A: {}}}\n"
	    "destinations:\n"
	    "  d: {preset: file, settings: {dir: o}}\n"
	    "audiences: {v: {when: {trait: x, gt: 1}}}\n");
	faults("b.yaml:1:10 duplicate-key\n"
	       "b.yaml:2:8 duplicate-key\n"
	       "b.yaml:2:43 duplicate-key\n"
	       "b.yaml:4:3 duplicate-key\n"
	       "b.yaml:5:13 duplicate-key\n"
	       "b.yaml:6:10 bad-value\n");
	put("b.yaml", "vars: {x: 1}\n");
	says("include: [b.yaml]\nvars: {x: 2}\n",
	    "'vars.x' is defined twice; first at cdp.yaml:2:8");
}

static void
test_load_stays_in_its_directory(void **state)
{
	struct cdp_project *pr = NULL;
	struct cdp_diags d = { 0 };
	struct cdp_err err = { 0 };

	(void)state;
	assert_int_equal(mkdir("in", 0777), 0);
	put("out.yaml", "version: 1\n");
	put("in/cdp.yaml",
	    "include: [../out.yaml, /etc/passwd, link.yaml, "
	    "no.yaml]\n"
	    "templates: {t: {text: ../out.txt}, "
	    "u: {text: link.txt}}\n");
	assert_int_equal(chdir("in"), 0);
	assert_int_equal(symlink("../out.yaml", "link.yaml"), 0);
	assert_int_equal(symlink("../out.yaml", "link.txt"), 0);
	faults("cdp.yaml:1:11 unknown-file\n"
	       "cdp.yaml:1:24 unknown-file\n"
	       "cdp.yaml:1:37 unknown-file\n"
	       "cdp.yaml:1:48 unknown-file\n"
	       "cdp.yaml:2:23 unknown-file\n"
	       "cdp.yaml:2:46 unknown-file\n");
	/* A link within the project is as good as a file. */
	put("cdp.yaml", "include: [own.yaml]\n");
	put("real.yaml", "version: 1\n");
	assert_int_equal(symlink("real.yaml", "own.yaml"), 0);
	assert_int_equal(
	    cdp_project_load(CDP_STR("."), NULL, 0, &d, &pr, &err), 0);
	assert_int_equal(d.n, 0);
	cdp_diags_free(&d);
	cdp_project_free(pr);
}

/* What a broken file would have defined is not missed as well. */
static void
test_load_does_not_miss_what_it_could_not_read(void **state)
{
	(void)state;
	put("d.yaml", "destinations: {email: {preset: file\n");
	put("cdp.yaml",
	    "include: [d.yaml]\n"
	    "traits: {x: {cuont: true}}\n"
	    "consent: {categories: {A: {destinations: [email]}}}\n");
	faults("cdp.yaml:2:13 missing-key\n"
	       "cdp.yaml:2:14 unknown-key\n"
	       "d.yaml:2:1 yaml\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_load_finds_faults_of_settings),
		T(test_load_finds_faults_of_plan),
		T(test_load_finds_faults_of_identity),
		T(test_load_finds_faults_of_traits),
		T(test_load_finds_faults_of_messages),
		T(test_load_refuses_two_of_a_name),
		T(test_load_stays_in_its_directory),
		T(test_load_does_not_miss_what_it_could_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
