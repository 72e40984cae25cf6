#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/json/watch.h"

#define TICKS 20 /* a run may see so many ticks of the clock, or one less */

static struct {
	timer_t timer;
	bool made;
	volatile sig_atomic_t armed;
	volatile sig_atomic_t run; /* 0: none */
	volatile sig_atomic_t seen;
	volatile sig_atomic_t ticks;
	volatile sig_atomic_t tick_ms;
	const char *volatile place;
	unsigned count;
} watch;

void
cdp_watch_die(const char *what, int status)
{
	const char *part[] = { program_invocation_short_name,
		": the jq program at ",
		watch.place != NULL ? watch.place : "(none)", " ", what, "\n" };
	struct iovec iov[6];

	for (size_t i = 0; i < 6; i++) {
		iov[i].iov_base = (void *)(uintptr_t)part[i];
		iov[i].iov_len = strlen(part[i]);
	}
	if (writev(STDERR_FILENO, iov, 6) == -1)
		_exit(status);
	_exit(status);
}

static void
set_timer(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };
	struct itimerspec it = { ts, ts };

	timer_settime(watch.timer, 0, &it, NULL);
}

static void
tick(int sig)
{
	int saved = errno;

	(void)sig;
	if (watch.run == 0) {
		watch.armed = 0;
		set_timer(0);
	} else if (watch.run != watch.seen) {
		watch.seen = watch.run;
		watch.ticks = 0;
	} else if (++watch.ticks >= TICKS) {
		cdp_watch_die("runs too long", CDP_EXIT_USAGE);
	}
	errno = saved;
}

void
cdp_watch_init(void)
{
	struct sigevent ev = { 0 };
	struct sigaction sa = { 0 };

	if (watch.made)
		return;
	sa.sa_handler = tick;
	sa.sa_flags = SA_RESTART;
	sigaction(SIGPROF, &sa, NULL);
	ev.sigev_notify = SIGEV_SIGNAL;
	ev.sigev_signo = SIGPROF;
	watch.made =
	    timer_create(CLOCK_PROCESS_CPUTIME_ID, &ev, &watch.timer) == 0;
}

/* The run is named first: a tick from here on does not stop the timer. */
void
cdp_watch_begin(const char *place, int limit_ms)
{
	int ms = limit_ms / TICKS > 0 ? limit_ms / TICKS : 1;

	watch.place = place;
	watch.run = (sig_atomic_t)(++watch.count % 0x40000000 + 1);
	if (watch.made && (!watch.armed || watch.tick_ms != ms)) {
		watch.armed = 1;
		watch.tick_ms = ms;
		set_timer(ms);
	}
}

void
cdp_watch_end(void)
{
	watch.run = 0;
}
