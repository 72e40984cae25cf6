#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/ingest/ingest.h"

/* A run without a store, its output in memory. */
struct run {
	struct cdp_ingest *ig;
	struct cdp_stage *sg;
	struct cdp_tape tape;
	struct cdp_arena mem;
	int fd;
	char *out;
};

static const struct cdp_plan noplan;

static void
begin(struct run *r, int64_t lateness_ms, size_t hold_bytes)
{
	const struct cdp_ingest_opt opt = {
		.plan = &noplan,
		.limits = &cdp_limits_segment,
		.lateness_ms = lateness_ms,
		.source = CDP_STR("s"),
		.until_ms = CDP_TIME_NONE,
		.hold_bytes = hold_bytes,
	};
	struct cdp_stage_opt so = { 0 };

	memset(r, 0, sizeof(*r));
	r->fd = memfd_create("out", 0);
	so.out_fd = r->fd;
	r->ig = cdp_ingest_new(&opt);
	r->sg = cdp_stage_new(&cdp_ingest_ops, r->ig, &so);
}

static void
feed(struct run *r, int i, int seconds, size_t pad)
{
	static char json[4096], filler[2048];
	char ts[CDP_TIME_SIZE];
	struct cdp_line ln;
	struct cdp_err err = { 0 };

	memset(filler, 'x', sizeof(filler));
	cdp_time_format((int64_t)seconds * 1000, ts);
	snprintf(json, sizeof(json),
	    "{\"type\":\"track\",\"event\":\"A\",\"messageId\":\"m%06d\","
	    "\"userId\":\"u\",\"timestamp\":\"%s\",\"x\":\"%.*s\"}",
	    i, ts, (int)pad, filler);
	assert_int_equal(cdp_line_parse(cdp_str_of(json), (uint64_t)i + 1,
			     &r->tape, &r->mem, &ln, &err),
	    0);
	assert_int_equal(cdp_ingest_line(r->ig, r->sg, &ln, &err), 0);
	cdp_arena_reset(&r->mem);
}

/* Ends the run; its output, terminated, until end(). */
static const char *
finish(struct run *r)
{
	struct cdp_err err = { 0 };
	off_t n;

	assert_int_equal(cdp_ingest_finish(r->ig, r->sg, &err), 0);
	assert_int_equal(cdp_stage_end(r->sg, &err), 0);
	n = lseek(r->fd, 0, SEEK_END);
	r->out = calloc(1, (size_t)n + 1);
	assert_int_equal(pread(r->fd, r->out, (size_t)n, 0), n);
	return r->out;
}

static void
end(struct run *r)
{
	free(r->out);
	close(r->fd);
	cdp_stage_free(r->sg);
	cdp_ingest_free(r->ig);
	cdp_tape_free(&r->tape);
	cdp_arena_free(&r->mem);
}

static int
times(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

static void
test_line_lets_the_earliest_go_when_too_much_waits(void **state)
{
	struct run a, b;
	const char *out;
	int i;

	(void)state;
	begin(&a, 3600000, 1 << 20);
	begin(&b, 3600000, 0);
	for (i = 0; i < 3000; i++) {
		feed(&a, i, 1000 + i / 2, 1000);
		feed(&b, i, 1000 + i / 2, 1000);
	}
	out = finish(&a);
	assert_int_equal(times(out, "\"track\""), 3000);
	/* About a million bytes stayed, the others had to go. */
	assert_in_range(cdp_ingest_hurried(a.ig), 1800, 2500);
	/* In order as it came, it loses nothing by that. */
	assert_string_equal(out, finish(&b));
	assert_int_equal(cdp_ingest_hurried(b.ig), 0);
	end(&a);
	end(&b);
}

static void
test_line_keeps_no_event_back_without_lateness(void **state)
{
	struct run r;
	struct cdp_err err = { 0 };

	(void)state;
	begin(&r, 0, 0);
	feed(&r, 1, 10, 0);
	assert_int_equal(cdp_stage_flush(r.sg, &err), 0);
	assert_true(lseek(r.fd, 0, SEEK_END) > 0);
	(void)finish(&r);
	end(&r);
}

static void
test_finish_says_the_greatest_time_once(void **state)
{
	struct run r;
	const char *out;

	(void)state;
	begin(&r, 10000, 0);
	feed(&r, 1, 100, 0);
	feed(&r, 2, 200, 0); /* releases the first, no clock without a tick */
	feed(&r, 3, 50, 0);
	out = finish(&r);
	assert_int_equal(times(out, "\"late\""), 0);
	assert_int_equal(times(out, "\"clock\""), 1);
	assert_non_null(strstr(out, "\"now\":\"1970-01-01T00:03:20.000Z\""));
	end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_line_lets_the_earliest_go_when_too_much_waits),
		cmocka_unit_test(
		    test_line_keeps_no_event_back_without_lateness),
		cmocka_unit_test(test_finish_says_the_greatest_time_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
