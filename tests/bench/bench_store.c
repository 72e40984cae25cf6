/*
 * A store as it is after years, made without the filters, and how long it
 * takes to open it and to look something up.
 *
 *   bench_store build DIR PROFILES VERSIONS
 *       a log "merge" in which each profile was put so many times, every
 *       fourth with a timer, and a log "ingest" of as many hashed inputs
 *   bench_store look DIR PROFILES LOG...
 *       a line of figures for each log, the second time warm
 *
 * Nothing is synced: the disk is not what is measured.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "lib/base/time.h"
#include "lib/store/history.h"
#include "lib/store/log.h"

#define EPOCH 2000
#define LOOKS 500000
#define START INT64_C(1735689600000) /* 2025-01-01 */

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
must(int rc, const struct cdp_err *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench_store: %s\n", err->msg);
	exit(1);
}

static uint64_t
mix(uint64_t v)
{
	v = (v ^ v >> 31) * 0x9E3779B97F4A7C15u;
	v = (v ^ v >> 29) * 0xBF58476D1CE4E5B9u;
	return v ^ v >> 32;
}

static struct cdp_str
key_of(uint64_t i, char ret[32])
{
	int n = snprintf(ret, 32, "p_%016llx%04llx", (unsigned long long)mix(i),
	    (unsigned long long)(i & 0xFFFF));

	return (struct cdp_str){ ret, (size_t)n };
}

static struct cdp_str
state_of(uint64_t i, uint64_t v, char ret[512])
{
	int n = snprintf(ret, 512,
	    "{\"born\":[1735689600000,\"m%llu\"],\"now\":%llu,\"ids\":"
	    "[[\"user_id\",\"u%llu\"],[\"email\",\"u%llx@example.com\"]],"
	    "\"traits\":{\"name\":[\"Person %llu\"],\"plan\":[\"%s\"]},"
	    "\"computed\":{\"orders\":%llu,\"spent\":\"%llu.%02llu\"}}",
	    (unsigned long long)i, (unsigned long long)(v * 86400000 + i),
	    (unsigned long long)i, (unsigned long long)mix(i) & 0xFFFFFFFF,
	    (unsigned long long)i, mix(i + v) % 3 != 0 ? "free" : "paid",
	    (unsigned long long)v, (unsigned long long)(mix(i ^ v) % 9999),
	    (unsigned long long)(mix(i * v) % 100));

	return (struct cdp_str){ ret, (size_t)n };
}

static struct cdp_log *
open_log(struct cdp_store *st, const char *stage, bool readonly)
{
	struct cdp_log_opt opt = { .stage = stage, .readonly = readonly };
	struct cdp_err err = { 0 };
	struct cdp_log *log;

	must(cdp_log_open(st, &opt, &log, &err), &err);
	return log;
}

/* A clock as the stages put it, once a version. */
static void
put_clock(struct cdp_log *log, uint64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld",
	    (long long)(START + (int64_t)v * 86400000));
	cdp_log_put(log, CDP_STR("c:now"), cdp_str_of(text), INT64_MAX);
}

static void
build(struct cdp_store *st, uint64_t nprofile, uint64_t nversion)
{
	struct cdp_log *merge = open_log(st, "merge", false);
	struct cdp_log *ingest = open_log(st, "ingest", false);
	struct cdp_log_key key = { .o = CDP_STR("main.ingest") }, hash = { 0 };
	struct cdp_err err = { 0 };
	char name[32], text[512];
	uint64_t n = 0, v, k, i;
	int64_t due;

	for (v = 1; v <= nversion; v++)
		for (k = 0; k < nprofile; k++) {
			i = (k * 2654435761u + v) % nprofile;
			key.n = ++n;
			hash.h = (struct cdp_hash128){ mix(n), mix(n + 1) };
			cdp_log_input(merge, &key);
			cdp_log_record(
			    merge, CDP_REC_PASS, (struct cdp_str){ 0 });
			due = START + (int64_t)v * 86400000 + 3600000;
			cdp_log_put(merge, key_of(i, name),
			    state_of(i, v, text), i % 4 != 0 ? INT64_MAX : due);
			cdp_log_input(ingest, &hash);
			cdp_log_record(
			    ingest, CDP_REC_PASS, (struct cdp_str){ 0 });
			if (k + 1 == nprofile)
				put_clock(merge, v);
			if (n % EPOCH != 0 && k + 1 != nprofile)
				continue;
			must(cdp_log_commit(merge, &err), &err);
			must(cdp_log_commit(ingest, &err), &err);
		}
	cdp_log_close(merge);
	cdp_log_close(ingest);
}

static int
count(void *arg, struct cdp_str key, int64_t due_ms)
{
	(void)key;
	(void)due_ms;
	++*(uint64_t *)arg;
	return 0;
}

/* Microseconds a look, for what the log knows or what it never met. */
static double
one_look(struct cdp_log *log, uint64_t nprofile, bool state, bool known)
{
	struct cdp_buf val = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_log_key in = { 0 };
	uint64_t n = state ? nprofile : cdp_log_last(log), i, q, r;
	char name[32];
	double t = now();
	int rc;

	for (i = 0; i < LOOKS; i++) {
		r = mix(i * 31 + 7) % n + (known ? 1 : n + 1);
		cdp_buf_reset(&val);
		in.h = (struct cdp_hash128){ mix(r), mix(r + 1) };
		rc = state ? cdp_log_get(log, key_of(r - 1, name), &val, &err)
			   : cdp_log_where(log, &in, &q);
		must(rc == (known ? 0 : CDP_END) ? 0 : CDP_EDATA, &err);
	}
	t = now() - t;
	cdp_buf_free(&val);
	return t / LOOKS * 1e6;
}

static void
look(struct cdp_store *st, const char *stage, uint64_t nprofile)
{
	struct cdp_err err = { 0 };
	struct cdp_buf val = { 0 };
	struct cdp_log *log;
	struct rusage ru;
	int64_t clock_ms = INT64_MIN;
	uint64_t ndue = 0;
	bool state = strcmp(stage, "merge") == 0;
	double t = now(), opened, told, known, new;

	log = open_log(st, stage, true);
	if (cdp_log_get(log, CDP_STR("c:now"), &val, &err) == 0)
		clock_ms = strtoll(cdp_buf_cstr(&val), NULL, 10);
	cdp_log_due_start(log, CDP_STR("c:now"), clock_ms);
	opened = now() - t;
	t = now();
	if (clock_ms != INT64_MIN)
		must(cdp_log_due(log, clock_ms + 7200000, count, &ndue, &err),
		    &err);
	told = now() - t;
	known = one_look(log, nprofile, state, true);
	new = one_look(log, nprofile, state, false);
	getrusage(RUSAGE_SELF, &ru);
	printf("%s: open %.1f ms, first clock %.1f ms (%llu told), a look "
	       "for %s %.2f us, for a new one %.2f us; %ld MiB\n",
	    stage, opened * 1e3, told * 1e3, (unsigned long long)ndue,
	    state ? "a state" : "an input", known, new, ru.ru_maxrss / 1024);
	cdp_log_close(log);
	cdp_buf_free(&val);
}

int
main(int argc, char *argv[])
{
	struct cdp_err err = { 0 };
	struct cdp_store *st;
	double t = now();
	int i;

	if (argc < 5) {
		fprintf(stderr,
		    "usage: bench_store build DIR PROFILES VERSIONS\n"
		    "       bench_store look DIR PROFILES LOG...\n");
		return 2;
	}
	must(cdp_store_open(
		 &cdp_io_unsynced, argv[2], CDP_STORE_WRITE, &st, &err),
	    &err);
	if (strcmp(argv[1], "build") == 0) {
		build(st, strtoull(argv[3], NULL, 10),
		    strtoull(argv[4], NULL, 10));
		printf("built in %.0f s\n", now() - t);
	} else {
		for (i = 4; i < argc; i++)
			look(st, argv[i], strtoull(argv[3], NULL, 10));
	}
	cdp_store_close(st);
	return 0;
}
