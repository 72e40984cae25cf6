#ifndef CDP_BASE_ERR_H
#define CDP_BASE_ERR_H

/*
 * err: what went wrong, and what the caller can do about it.
 *
 * A function that can fail returns 0, CDP_END or one of the negative codes
 * and fills the struct cdp_err it was given.  The library never prints.
 */
enum {
	CDP_END = 1,       /* not an error: there is no (further) item */
	CDP_EDATA = -1,    /* this record is bad: skip it */
	CDP_EIO = -2,      /* the system refused: stop */
	CDP_ECORRUPT = -3, /* the store is damaged or does not fit */
	CDP_ECONF = -4,    /* a definition or an option is wrong */
	CDP_ELOCKED = -5,  /* somebody else has it: try again */
	CDP_EEARLY = -6    /* the input ended without an end line */
};

/* Exit statuses, the same in all tools. */
enum cdp_exit {
	CDP_EXIT_OK = 0,
	CDP_EXIT_SOME = 1,     /* some rejected or held; the answer is no */
	CDP_EXIT_USAGE = 2,    /* options or project */
	CDP_EXIT_EARLY = 69,   /* the input ended early */
	CDP_EXIT_DAMAGED = 73, /* the store is damaged or does not fit */
	CDP_EXIT_IO = 74,
	CDP_EXIT_BUSY = 75 /* the store is in use */
};

/* A caller's empty one is { 0 }.  msg is one line, lower case, no full stop. */
struct cdp_err {
	int code;
	char rule[64];  /* a code of its own, such as "id_required", or empty */
	char field[80]; /* the path of the offending field, or empty */
	char msg[512];
};

/* The same for one on a hot path: it is long, and nobody reads the rest. */
static inline void
cdp_err_clear(struct cdp_err *err)
{
	err->code = 0;
	err->rule[0] = err->field[0] = err->msg[0] = '\0';
}

/*
 * Fill err (NULL is allowed) and return code.  CDP_EIO appends ": " and the
 * text of errno when errno is not 0.
 */
int cdp_fail(struct cdp_err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a rule id and a field, each possibly NULL. */
int cdp_fail_rule(struct cdp_err *err, int code, const char *rule,
    const char *field, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* The exit status that belongs to a negative code. */
enum cdp_exit cdp_err_exit(int code);

#endif
