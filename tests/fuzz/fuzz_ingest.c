#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/ingest/ingest.h"

/*
 * Any lines as events: nothing is lost without a word, what comes out is in
 * time order but for what is marked late, and ends with "cdp".
 */
static uint64_t rejected;

static void
reject(void *arg, const struct cdp_line *ln, const char *code,
    struct cdp_str field, struct cdp_str message)
{
	(void)arg, (void)ln, (void)code, (void)field, (void)message;
	rejected++;
}

/* What an input is fed to, and how many events were in it. */
struct feed {
	struct cdp_ingest *ig;
	struct cdp_stage *sg;
	uint64_t in;
};

static int
line(void *arg, const struct cdp_line *ln, struct cdp_err *err)
{
	struct feed *f = arg;
	int rc = cdp_ingest_line(f->ig, f->sg, ln, err);

	assert(rc == 0 || rc == CDP_EDATA);
	f->in++;
	rejected += rc == CDP_EDATA;
	return 0;
}

static int
bad(void *arg, const struct cdp_line *ln, const struct cdp_err *why,
    struct cdp_err *err)
{
	struct feed *f = arg;

	(void)ln, (void)err;
	assert(why->code == CDP_EDATA && why->rule[0] != '\0');
	f->in++;
	rejected++;
	return 0;
}

static uint64_t
feed(struct cdp_ingest *ig, struct cdp_stage *sg, const char *p, size_t n)
{
	struct feed f = { ig, sg, 0 };
	const struct cdp_each each = { &f, line, bad };
	struct cdp_arena mem = { 0 };
	struct cdp_err err = { 0 };
	const char *end = p + n, *nl;
	uint64_t lineno = 0;

	for (; p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		assert(
		    cdp_ingest_text(ig, (struct cdp_str){ p, (size_t)(nl - p) },
			++lineno, &mem, &each, &err) == 0);
		cdp_arena_reset(&mem);
	}
	cdp_arena_free(&mem);
	return f.in;
}

/* The events that came out; each line must be one of ours. */
static uint64_t
look(const char *p, size_t n)
{
	struct cdp_tape t = { 0 };
	struct cdp_arena mem = { 0 };
	struct cdp_line ln;
	const char *end = p + n, *nl;
	int64_t clock = CDP_TIME_NONE;
	uint64_t events = 0, number = 0;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		assert(nl != NULL);
		assert(cdp_line_parse((struct cdp_str){ p, (size_t)(nl - p) },
			   1, &t, &mem, &ln, NULL) == 0);
		if (ln.type == CDP_END_LINE)
			break;
		assert(cdp_str_is(ln.o, "main.ingest") && ln.n == ++number);
		if (ln.type == CDP_CLOCK) {
			assert(ln.ts_ms > clock);
			clock = ln.ts_ms;
			continue;
		}
		events++;
		assert(ln.message_id.n != 0);
		if (ln.type != CDP_OBJECT_ROW)
			assert(ln.ts_ms >= clock ||
			    cdp_tape_isa(&t,
				cdp_tape_get(&t, 0, CDP_STR("late")),
				CDP_TRUE));
		cdp_arena_reset(&mem);
	}
	cdp_tape_free(&t);
	cdp_arena_free(&mem);
	return events;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cdp_plan noplan;
	const struct cdp_ingest_opt opt = {
		.plan = &noplan,
		.limits = &cdp_limits_segment,
		.lateness_ms = 60000,
		.tick_ms = 60000,
		.ahead_ms = 86400000,
		.source = CDP_STR("s"),
		.until_ms = CDP_TIME_NONE,
	};
	struct cdp_stage_opt so = { .reject = reject };
	struct cdp_ingest *ig = cdp_ingest_new(&opt);
	struct cdp_stage *sg;
	struct cdp_err err = { 0 };
	uint64_t in;
	off_t n;
	void *p;

	rejected = 0;
	so.out_fd = memfd_create("out", 0);
	sg = cdp_stage_new(&cdp_ingest_ops, ig, &so);
	in = feed(ig, sg, (const char *)data, size);
	assert(cdp_ingest_finish(ig, sg, &err) == 0);
	assert(cdp_stage_end(sg, &err) == 0);
	n = lseek(so.out_fd, 0, SEEK_END);
	p = mmap(NULL, (size_t)n, PROT_READ, MAP_PRIVATE, so.out_fd, 0);
	assert(p != MAP_FAILED);
	assert(in ==
	    look(p, (size_t)n) + rejected + cdp_stage_stats(sg)->duplicates);
	munmap(p, (size_t)n);
	close(so.out_fd);
	cdp_stage_free(sg);
	cdp_ingest_free(ig);
	return 0;
}
