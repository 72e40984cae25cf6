#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/audience/audience.h"
#include "lib/emit/emit.h"
#include "lib/journey/journey.h"

/*
 * Any lines, as if cdp-merge had written them, through cdp-audience,
 * cdp-journey and cdp-emit: a filter in between may have made anything of a
 * profile, a merge or a clock.  Nothing is fatal, and what each prints is what
 * the next one reads: whole lines of JSON with their numbers, dense from 1.
 */
static const char text[] =
    "version: 1\n"
    "identity: {identifiers: {user_id: {from: userId}}}\n"
    "traits:\n"
    "  n: {count: true, event: A, within: 2m}\n"
    "audiences:\n"
    "  recent: {when: {event: A, within: 1m}}\n"
    "  often: {when: {all: [{event: A, within: 1h, count: {gte: 2}},\n"
    "    {not: {event: B, within: 5m}}]}}\n"
    "  rich: {when: {trait: n, gte: 3}}\n"
    "journeys:\n"
    "  j:\n"
    "    enter: {event: A, again: after_exit, keep: {x: properties}}\n"
    "    exit: [{id: gone, event: B, outcome: converted}]\n"
    "    steps:\n"
    "      - {id: wait, hold: 1m, restart_on: {event: A}}\n"
    "      - {id: say, send: email, template: t}\n"
    "      - {id: day, until: 2m}\n"
    "      - {id: ad, send: ads, action: add, undo: remove, for: 3m}\n"
    "      - {id: end, end: not_converted}\n"
    "  k:\n"
    "    enter: {audience: often}\n"
    "    steps:\n"
    "      - {id: say, send: email, template: t}\n"
    "consent: {categories: {Ads: {destinations: [ads]}}, unknown: allow}\n"
    "destinations:\n"
    "  email: {preset: file, settings: {dir: out}, to: .profile.traits.email}\n"
    "  ads: {preset: file, settings: {dir: out2}, to: .profile.id}\n"
    "templates: {t: {subject: '\"s\"', text: '\"\\(.kept.x.p // 0)\"'}}\n";

static struct cdp_project *pr;

/* libjq points behind its stack only: it is found if it is freed. */
static void
stop(void)
{
	cdp_project_free(pr);
}

static void
start(void)
{
	static char dir[] = "fuzz_stages.XXXXXX";
	struct cdp_diags diags = { 0 };
	struct cdp_err err = { 0 };
	char name[64];
	FILE *fp;

	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(name, sizeof(name), "%s/cdp.yaml", dir);
	if ((fp = fopen(name, "w")) == NULL || fputs(text, fp) == EOF ||
	    fclose(fp) != 0)
		abort();
	if (cdp_project_load(cdp_str_of(dir), NULL, 0, &diags, &pr, &err) !=
	    0) {
		cdp_diags_print(&diags, "fuzz_stages", stderr);
		abort();
	}
	cdp_diags_free(&diags);
	atexit(stop);
}

static void
held(void *arg)
{
	(void)arg;
}

/* ---- one stage ---- */

typedef int line_fn(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err);

static int
plain(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err)
{
	(void)self;
	return cdp_stage_line(sg, ln, err);
}

/* Feed text, whose lines get numbers of their own, and return what came. */
static void
pass(const struct cdp_stage_ops *ops, void *self, line_fn *fn,
    struct cdp_str in, bool foreign, struct cdp_buf *out)
{
	struct cdp_stage_opt so = { .out_fd = memfd_create("out", 0) };
	struct cdp_stage *sg = cdp_stage_new(ops, self, &so);
	const char *p = in.p, *end = in.n != 0 ? p + in.n : p, *nl;
	struct cdp_tape t = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_line ln;
	uint64_t n = 0;
	ssize_t got;
	int rc;

	for (; in.n != 0 && p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		rc = cdp_line_parse((struct cdp_str){ p, (size_t)(nl - p) },
		    ++n, &t, &mem, &ln, &err);
		assert(foreign || (rc == 0 && ln.n == n));
		if (rc == 0) {
			ln.o = CDP_STR("main.x");
			ln.n = n;
			rc = fn(self, sg, &ln, &err);
			assert(rc == 0 || rc == CDP_EDATA);
		}
		cdp_arena_reset(&mem);
	}
	assert(cdp_stage_flush(sg, &err) == 0);
	cdp_buf_reset(out);
	rc = (int)lseek(so.out_fd, 0, SEEK_END);
	if (rc > 0) {
		assert(cdp_buf_room(out, (size_t)rc) != NULL);
		got = pread(so.out_fd, out->p, (size_t)rc, 0);
		assert(got == rc);
		out->n = (size_t)rc;
	}
	close(so.out_fd);
	cdp_stage_free(sg);
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cdp_emit_opt opt = { .io = &cdp_io_real, .held = held };
	struct cdp_buf a = { 0 }, b = { 0 };
	struct cdp_audiences *au;
	struct cdp_journeys *js;
	struct cdp_emit *em;
	struct cdp_err err = { 0 };

	if (pr == NULL)
		start();
	if (size == 0)
		return 0;
	au = cdp_audiences_new(pr);
	pass(&cdp_audiences_ops, au, plain,
	    (struct cdp_str){ (const char *)data, size }, true, &a);
	cdp_audiences_free(au);
	js = cdp_journeys_new(pr);
	pass(&cdp_journeys_ops, js, plain, cdp_buf_str(&a), false, &b);
	cdp_journeys_free(js);
	assert(cdp_emit_new(pr, &opt, &em, &err) == 0);
	pass(&cdp_emit_ops, em, cdp_emit_line, cdp_buf_str(&b), false, &a);
	cdp_emit_free(em);
	cdp_buf_free(&a);
	cdp_buf_free(&b);
	return 0;
}
