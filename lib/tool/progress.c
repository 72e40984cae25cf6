#include "lib/tool/progress.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FIRST_MS 1000
#define REDRAW_MS 200

static volatile sig_atomic_t asked;

static void
on_usr1(int sig)
{
	(void)sig;
	asked = 1;
}

static int64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
cdp_progress_start(struct cdp_progress *pg, const char *tool, int64_t every_ms)
{
	struct sigaction sa = { .sa_handler = on_usr1, .sa_flags = SA_RESTART };
	const char *term = getenv("TERM");

	memset(pg, 0, sizeof(*pg));
	pg->tool = tool;
	pg->every_ms = every_ms != 0 ? every_ms : -1;
	pg->terminal = every_ms == 0 && isatty(STDERR_FILENO) == 1 &&
	    term != NULL && strcmp(term, "dumb") != 0;
	pg->start_ms = pg->last_ms = clock_ms();
	sigemptyset(&sa.sa_mask);
	sigaction(SIGUSR1, &sa, NULL);
}

/* "1.4 GiB" */
static void
size_text(uint64_t n, char ret[16])
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double v = (double)n;
	size_t i;

	for (i = 0; v >= 1024 && i < 4; i++)
		v /= 1024;
	snprintf(ret, 16, i == 0 ? "%.0f %s" : "%.1f %s", v, unit[i]);
}

static void
draw(struct cdp_progress *pg, int64_t now, uint64_t bytes, uint64_t total,
    uint64_t records)
{
	char have[16], all[16], line[160];
	int64_t ms = now - pg->start_ms, eta;
	int n;

	size_text(bytes, have);
	n = snprintf(line, sizeof(line), "%s  %s", pg->tool, have);
	if (total != 0) {
		size_text(total, all);
		n += snprintf(line + n, sizeof(line) - (size_t)n,
		    " / %s  %.0f%%", all,
		    100.0 * (double)bytes / (double)total);
	}
	n += snprintf(line + n, sizeof(line) - (size_t)n, "  %llu rec",
	    (unsigned long long)records);
	if (ms > 0)
		n += snprintf(line + n, sizeof(line) - (size_t)n,
		    "  %.0f rec/s", (double)records * 1000 / (double)ms);
	if (total > bytes && bytes != 0 && ms > 0) {
		eta = (int64_t)((double)ms * (double)(total - bytes) /
		    (double)bytes / 1000);
		snprintf(line + n, sizeof(line) - (size_t)n, "  eta %d:%02d",
		    (int)(eta / 60), (int)(eta % 60));
	}
	if (pg->terminal) {
		fprintf(stderr, "\r%s\033[K", line);
		fflush(stderr);
		pg->drawn = true;
	} else {
		fprintf(stderr, "%s\n", line);
	}
}

void
cdp_progress_tick(
    struct cdp_progress *pg, uint64_t bytes, uint64_t total, uint64_t records)
{
	int64_t now;

	if (!pg->terminal && pg->every_ms < 0 && !asked)
		return;
	now = clock_ms();
	if (!asked &&
	    (pg->terminal ? now - pg->start_ms < FIRST_MS ||
			now - pg->last_ms < REDRAW_MS
			  : now - pg->last_ms < pg->every_ms))
		return;
	asked = 0;
	pg->last_ms = now;
	draw(pg, now, bytes, total, records);
}

void
cdp_progress_clear(struct cdp_progress *pg)
{
	if (pg->drawn)
		fputs("\r\033[K", stderr);
	pg->drawn = false;
}
