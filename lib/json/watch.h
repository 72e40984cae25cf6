#ifndef CDP_JSON_WATCH_H
#define CDP_JSON_WATCH_H

/*
 * watch: ends the process when one run of a program takes too long.
 *
 * libjq has no step limit, and skipping a record after a time limit would make
 * output depend on the speed of the machine; so a run that is too long is
 * fatal.  Processor time counts.  A run costs no system call: one timer ticks
 * while programs run, and its handler looks whether this is still the run that
 * it saw before.  There is one watch in a process; it takes SIGPROF; a forked
 * child has none.
 */

/* Idempotent; if the system has no such timer, nothing is limited. */
void cdp_watch_init(void);

/*
 * A run begins; place says which program, and is borrowed until the end.
 * limit_ms of processor time are kept to within a twentieth.
 */
void cdp_watch_begin(const char *place, int limit_ms);
void cdp_watch_end(void);

/* "NAME: the jq program at PLACE WHAT" on standard error, and _exit(). */
void cdp_watch_die(const char *what, int status) __attribute__((noreturn));

#endif
