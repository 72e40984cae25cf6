#ifndef CDP_TOOL_ADMIN_H
#define CDP_TOOL_ADMIN_H

#include "lib/rule/project.h"
#include "lib/store/log.h"

/*
 * admin: what cdp-store does.
 *
 * Each command prints its answer on standard output and faults, one a line,
 * on standard error.  It returns 0, CDP_END if the answer is no, or a
 * negative code.
 */
struct cdp_admin {
	/* ---- set by the caller ---- */
	const char *project;  /* -C, or NULL */
	const char *store;    /* -s, or NULL */
	const char *env;      /* CDP_STORE, or NULL */
	const char *format;   /* --format, or NULL */
	const char *dir;      /* --dir, or NULL */
	const char *key_file; /* --key-file, or NULL */
	const char *as_of;    /* --as-of, or NULL */
	const char *id;       /* --id, or NULL */
	const char *outputs;  /* --outputs-older-than, or NULL */
	const char *ids;      /* --ids-older-than, or NULL */
	const char *memory;   /* --memory, or NULL */
	bool reads;           /* the command only looks at the store */
	char **name;          /* operands behind the command */
	int n;

	/* ---- its own ---- */
	struct cdp_arena mem;
	struct cdp_diags diags;
	struct cdp_project *pr;
	struct cdp_store *st;
	const char *log; /* to name in each line, or NULL */
	int64_t as_of_ms;
	bool found; /* get: something was printed */
};

/* How it is called, and what --help says behind that. */
extern const char cdp_admin_usage[], cdp_admin_help[];

/* What every log keeps about each operand, a profile. */
int cdp_admin_get(struct cdp_admin *a, struct cdp_err *err);

/* The meaning of each log named, or of all. */
int cdp_admin_cat(struct cdp_admin *a, struct cdp_err *err);

/* Read every byte of the store and check every checksum. */
int cdp_admin_verify(struct cdp_admin *a, struct cdp_err *err);

/*
 * Copy what is good of each log named, or of all, if anything of it is not.
 * CDP_END if something was lost.
 */
int cdp_admin_repair(struct cdp_admin *a, struct cdp_err *err);

/* Load the project, compile its jq, and say what was found. */
int cdp_admin_check(struct cdp_admin *a, struct cdp_err *err);

/* Load the project into a->pr, once. */
int cdp_admin_project(struct cdp_admin *a, struct cdp_err *err);

/* Where the store is, or is to be. */
const char *cdp_admin_path(struct cdp_admin *a);

/*
 * The logs to look at: those named by the operands, else all.  Opening one of
 * those that does not exist is CDP_ECONF if it was named, else 0 and NULL.
 */
int cdp_admin_logs(struct cdp_admin *a, const char *const **ret, size_t *n,
    struct cdp_err *err);
int cdp_admin_log_open(struct cdp_admin *a, const char *name,
    struct cdp_log **ret, struct cdp_err *err);

/* Open the store for reading into a->st; CDP_ECONF if there is none. */
int cdp_admin_open(struct cdp_admin *a, struct cdp_err *err);

void cdp_admin_free(struct cdp_admin *a);

#endif
