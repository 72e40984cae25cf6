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
begin_with(struct run *r, const struct cdp_ingest_opt *opt)
{
	struct cdp_stage_opt so = { 0 };

	memset(r, 0, sizeof(*r));
	r->fd = memfd_create("out", 0);
	so.out_fd = r->fd;
	r->ig = cdp_ingest_new(opt);
	r->sg = cdp_stage_new(&cdp_ingest_ops, r->ig, &so);
}

static void
begin_at(
    struct run *r, int64_t lateness_ms, int64_t tick_ms, int64_t (*wall)(void))
{
	const struct cdp_ingest_opt opt = {
		.plan = &noplan,
		.limits = &cdp_limits_segment,
		.lateness_ms = lateness_ms,
		.tick_ms = tick_ms,
		.ahead_ms = 86400000,
		.source = CDP_STR("s"),
		.until_ms = CDP_TIME_NONE,
		.wall = wall,
	};

	begin_with(r, &opt);
}

static void
begin(struct run *r, int64_t lateness_ms, size_t hold_bytes)
{
	const struct cdp_ingest_opt opt = {
		.plan = &noplan,
		.limits = &cdp_limits_segment,
		.lateness_ms = lateness_ms,
		.ahead_ms = 86400000,
		.source = CDP_STR("s"),
		.until_ms = CDP_TIME_NONE,
		.hold_bytes = hold_bytes,
	};

	begin_with(r, &opt);
}

static int
try(struct run *r, int i, int seconds, size_t pad, struct cdp_err *err)
{
	static char json[4096], filler[2048];
	char ts[CDP_TIME_SIZE];
	struct cdp_line ln;
	int rc;

	memset(filler, 'x', sizeof(filler));
	cdp_time_format((int64_t)seconds * 1000, ts);
	snprintf(json, sizeof(json),
	    "{\"type\":\"track\",\"event\":\"A\",\"messageId\":\"m%06d\","
	    "\"userId\":\"u\",\"timestamp\":\"%s\",\"x\":\"%.*s\"}",
	    i, ts, (int)pad, filler);
	assert_int_equal(cdp_line_parse(cdp_str_of(json), (uint64_t)i + 1,
			     &r->tape, &r->mem, &ln, err),
	    0);
	rc = cdp_ingest_line(r->ig, r->sg, &ln, err);
	cdp_arena_reset(&r->mem);
	return rc;
}

static void
feed(struct run *r, int i, int seconds, size_t pad)
{
	struct cdp_err err = { 0 };

	assert_int_equal(try(r, i, seconds, pad, &err), 0);
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

static int64_t wall_now;

static int64_t
wall(void)
{
	return wall_now;
}

static void
test_line_refuses_more_than_there_is_room_for(void **state)
{
	struct cdp_err err = { 0 };
	struct run r;
	int i;

	(void)state;
	begin(&r, 3600000, 1 << 20);
	/* What has waited long enough makes room. */
	for (i = 0; i < 3000; i++)
		assert_int_equal(try(&r, i, 1000 + 10 * i, 1000, &err), 0);
	for (; i < 6000; i++)
		if (try(&r, i, 40000, 1000, &err) != 0)
			break;
	assert_in_range(i, 3050, 4000);
	assert_int_equal(err.code, CDP_ECONF);
	assert_non_null(strstr(err.msg, "(1h)"));
	assert_non_null(strstr(err.msg, "--memory (1 MiB)"));
	end(&r);
}

static void
test_idle_tells_the_time_of_the_wall(void **state)
{
	struct cdp_err err = { 0 };
	const char *out;
	struct run r;
	int wake = -1;

	(void)state;
	begin(&r, 60000, 0);
	assert_int_equal(cdp_ingest_idle(r.ig, r.sg, &wake, &err), 0);
	assert_int_equal(wake, -1); /* without one nothing happens */
	end(&r);
	begin_at(&r, 60000, 10000, wall);
	feed(&r, 1, 1000, 0);
	wall_now = 1050000; /* 50 s later: too early for it */
	assert_int_equal(cdp_ingest_idle(r.ig, r.sg, &wake, &err), 0);
	assert_true(wake > 0);
	wall_now = 1085000; /* 25 s behind the lateness: it goes */
	assert_int_equal(cdp_ingest_idle(r.ig, r.sg, &wake, &err), 0);
	feed(&r, 2, 1080, 0); /* in time */
	wall_now = 1000;      /* set back */
	assert_int_equal(cdp_ingest_idle(r.ig, r.sg, &wake, &err), 0);
	out = finish(&r);
	assert_int_equal(times(out, "clock"), 5);
	assert_non_null(strstr(out, "00:16:30.000Z"));
	assert_non_null(strstr(out, "00:17:00.000Z")); /* 1020 */
	assert_non_null(strstr(out, "00:17:50.000Z")); /* before the second */
	assert_non_null(strstr(out, "00:18:05.000Z")); /* at the end */
	assert_null(strstr(out, "late"));
	end(&r);
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
		cmocka_unit_test(test_line_refuses_more_than_there_is_room_for),
		cmocka_unit_test(test_idle_tells_the_time_of_the_wall),
		cmocka_unit_test(
		    test_line_keeps_no_event_back_without_lateness),
		cmocka_unit_test(test_finish_says_the_greatest_time_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
