/*
 * bench_json FILE: how fast lines are read, beside libjq and "wc -l" on the
 * same file in the same run.  Each figure is the best of three passes, by the
 * processor's time, so that a busy machine does not decide (wc, which is
 * another process, by the wall clock).
 */
#include <jv.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/json/line.h"
#include "lib/json/write.h"

struct bench {
	const char *path;
	struct cdp_buf text;
	struct cdp_str *line;
	size_t n;
	struct cdp_tape tape;
	struct cdp_arena mem;
	struct cdp_buf out;
};

static double
now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
split(struct bench *b)
{
	const char *p = b->text.p, *end = p + b->text.n, *nl;
	size_t cap = 0;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		if (b->n == cap) {
			cap = cap != 0 ? 2 * cap : 1024;
			b->line =
			    cdp_xreallocarray(b->line, cap, sizeof(*b->line));
		}
		b->line[b->n++] = (struct cdp_str){ p, (size_t)(nl - p) };
	}
}

static void
wc(struct bench *b, size_t i)
{
	char *cmd;

	(void)i;
	if (asprintf(&cmd, "wc -l <'%s' >/dev/null", b->path) == -1 ||
	    system(cmd) != 0)
		exit(1);
	free(cmd);
}

static void
tape(struct bench *b, size_t i)
{
	if (cdp_tape_parse(&b->tape, b->line[i], NULL) != 0)
		exit(1);
}

static void
line(struct bench *b, size_t i)
{
	struct cdp_line ln;

	cdp_arena_reset(&b->mem);
	if (cdp_line_parse(b->line[i], i + 1, &b->tape, &b->mem, &ln, NULL) !=
	    0)
		exit(1);
}

static void
splice(struct bench *b, size_t i)
{
	line(b, i);
	cdp_buf_reset(&b->out);
	cdp_json_splice(&b->out, &b->tape,
	    CDP_STR("{\"profile\":{\"id\":\"p_0123456789abcdef0123\","
		    "\"identifiers\":{\"user_id\":[\"ana\"]},"
		    "\"traits\":{\"email\":\"ana@example.com\","
		    "\"orders_90d\":2,\"points\":180}}}"),
	    CDP_STR("main.merge"), i);
}

static void
canonical(struct bench *b, size_t i)
{
	tape(b, i);
	cdp_buf_reset(&b->out);
	cdp_json_canonical(&b->out, &b->tape, 0);
}

static void
libjq(struct bench *b, size_t i)
{
	jv v = jv_parse_sized(b->line[i].p, (int)b->line[i].n);

	if (!jv_is_valid(v))
		exit(1);
	jv_free(v);
}

/* MB/s of the best of three passes of n calls. */
static double
rate(struct bench *b, const char *name, void (*fn)(struct bench *, size_t),
    size_t n)
{
	clockid_t clock = fn == wc ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID;
	double best = 1e9, t;
	size_t i;
	int pass;

	for (pass = 0; pass < 3; pass++) {
		t = now(clock);
		for (i = 0; i < n; i++)
			fn(b, i);
		t = now(clock) - t;
		if (t < best)
			best = t;
	}
	printf("  %-24s %8.0f MB/s %10.0f lines/s\n", name,
	    (double)b->text.n / best / 1e6, (double)b->n / best);
	fflush(stdout);
	return (double)b->text.n / best / 1e6;
}

int
main(int argc, char *argv[])
{
	struct bench b = { 0 };
	struct cdp_err err = { 0 };
	double ours, theirs;

	if (argc != 2) {
		fprintf(stderr, "usage: bench_json FILE\n");
		return 2;
	}
	b.path = argv[1];
	if (cdp_io_read_file(b.path, CDP_BUF_MAX, &b.text, &err) != 0) {
		fprintf(stderr, "bench_json: %s\n", err.msg);
		return 1;
	}
	split(&b);
	printf(
	    "reading JSON: %zu lines, %.0f MB\n", b.n, (double)b.text.n / 1e6);
	rate(&b, "wc -l", wc, 1);
	ours = rate(&b, "tape", tape, b.n);
	rate(&b, "line", line, b.n);
	rate(&b, "line, and splice", splice, b.n);
	rate(&b, "tape, and canonical", canonical, b.n);
	theirs = rate(&b, "libjq's jv_parse", libjq, b.n);
	printf("  the tape is %.1f times as fast as jv_parse\n", ours / theirs);
	cdp_buf_free(&b.text);
	cdp_buf_free(&b.out);
	cdp_tape_free(&b.tape);
	cdp_arena_free(&b.mem);
	free(b.line);
	return 0;
}
