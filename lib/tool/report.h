#ifndef CDP_TOOL_REPORT_H
#define CDP_TOOL_REPORT_H

#include <stdio.h>

#include "lib/base/buf.h"
#include "lib/base/map.h"
#include "lib/rule/diag.h"

/*
 * report: what a check found, for people and for machines.
 *
 * Findings are grouped by what was wrong with which field of which event, ten
 * of each kept and the others counted, so that memory does not follow the
 * input.  All is written at the end.
 */
#define CDP_REPORT_SHOWN 10
#define CDP_REPORT_GROUPS 2000 /* more fall into one for each code */
#define CDP_REPORT_ASKS 8

enum cdp_report_form {
	CDP_REPORT_TEXT,
	CDP_REPORT_JSON,
	CDP_REPORT_JUNIT,
	CDP_REPORT_GITHUB
};

struct cdp_report_ask {
	enum cdp_report_form form;
	const char *path; /* NULL: standard output */
	FILE *fp;
};

/* Of a definition, a record, or all of the input. */
struct cdp_finding {
	bool warning;
	struct cdp_str code;
	struct cdp_str event; /* name or type of the call, or empty */
	struct cdp_str field; /* or empty */
	struct cdp_str text;
	struct cdp_str detail; /* lines for people, or empty */
	const char *file;          /* or NULL */
	uint64_t line;             /* 0: none */
	uint64_t col;              /* byte, from 1; 0: none */
	bool alone;                /* a group of its own, by its place */
	struct cdp_finding *next;  /* of its group */
	struct cdp_finding *later; /* of all */
};

struct cdp_finding_group {
	struct cdp_finding *first, **last; /* at most CDP_REPORT_SHOWN */
	uint64_t n;
	struct cdp_finding_group *next;
};

/* Something that is expected of the whole input. */
struct cdp_expected {
	struct cdp_finding at; /* its id as the code; the text says what is */
	bool ok;
	struct cdp_expected *next;
};

struct cdp_report {
	const char *tool;
	struct cdp_report_ask ask[CDP_REPORT_ASKS];
	size_t nask;
	struct cdp_arena mem;
	struct cdp_map by_key; /* to struct cdp_finding_group */
	struct cdp_finding *finding, **last_finding;
	struct cdp_finding_group *group, **last_group;
	size_t ngroup;
	struct cdp_expected *expected, **last_expected;
	uint64_t errors, warnings; /* findings, unmet expectations too */
	/* For the summary, set by the caller before cdp_report_write(). */
	bool records_read;
	bool testing;           /* tests are what is reported */
	uint64_t tests, broken; /* of those, how many failed */
	uint64_t records, rejected;
	bool failed;
};

/* Read "FORM[:FILE]" into the next ask: false if that is none, or too many. */
bool cdp_report_option(struct cdp_report *r, const char *val);

/* Open the files.  0 or CDP_EIO. */
int cdp_report_open(
    struct cdp_report *r, const char *tool, struct cdp_err *err);

/* Note a finding, or an expectation; copied. */
void cdp_report_add(struct cdp_report *r, const struct cdp_finding *f);
void cdp_report_expect(
    struct cdp_report *r, const struct cdp_finding *f, bool ok);

/* What is wrong with the definitions. */
void cdp_report_diags(struct cdp_report *r, const struct cdp_diags *d);

/*
 * Write what was asked for; if none of it is on standard output, and unless
 * quiet, the text goes to standard error.  0 or CDP_EIO.
 */
int cdp_report_write(struct cdp_report *r, bool quiet, struct cdp_err *err);
void cdp_report_free(struct cdp_report *r);

/* ---- the forms (report_form.c) ---- */

void cdp_report_text(const struct cdp_report *r, FILE *fp);
void cdp_report_json(const struct cdp_report *r, FILE *fp);
void cdp_report_junit(const struct cdp_report *r, FILE *fp);
void cdp_report_github(const struct cdp_report *r, FILE *fp);

#endif
