#ifndef CDP_JSON_JQ_H
#define CDP_JSON_JQ_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * jq: the jq programs of a project, joined into one and run in libjq.
 *
 * libjq links its builtins anew for each program it compiles (16 ms), so the
 * programs that a tool wants are compiled as one, when the first of them runs.
 * They see no environment, files, modules, input, clock or home directory;
 * $vars and (where allowed) $secrets are bound, never pasted.  A run longer
 * than the limit ends the process with a message that names the program.
 *
 * jv stays inside jq.c, jqrun.c and jqcall.c: values go in and come out as JSON text.
 */
struct cdp_jq; /* opaque */

struct cdp_jq *cdp_jq_new(void);
void cdp_jq_free(struct cdp_jq *jq);

/* $vars: a JSON object, copied.  Before the first compile. */
void cdp_jq_vars(struct cdp_jq *jq, struct cdp_str json);

/*
 * $secrets: a JSON object, copied; {} if not called.  Before the first compile,
 * and only of one whose programs reach no output.
 */
void cdp_jq_secrets(struct cdp_jq *jq, struct cdp_str json);

/*
 * How number, currency and date write: a locale that cdp_locale_find() knows, a
 * currency's code and a zone's name; borrowed.  Empty: en-US, none, UTC.
 */
void cdp_jq_locale(struct cdp_jq *jq, struct cdp_str locale,
    struct cdp_str currency, struct cdp_str zone);

/* One without programs that has the same $vars. */
struct cdp_jq *cdp_jq_like(const struct cdp_jq *jq);

/*
 * What a function that is ours answers: args is a JSON array of its arguments
 * (of a function without any, of its input), the value goes to ret as JSON.
 * 0, or CDP_EDATA with a message, which the program may catch.
 */
typedef int cdp_jq_host(
    void *arg, struct cdp_str args, struct cdp_buf *ret, struct cdp_err *err);

/*
 * Answer calls of lookup(NAME; KEY); null, if nobody does.
 */
void cdp_jq_on_lookup(struct cdp_jq *jq, cdp_jq_host *fn, void *arg);

/* The same call from here: args is [NAME, KEY].  0, ret maybe empty. */
int cdp_jq_lookup(struct cdp_jq *jq, struct cdp_str args, struct cdp_buf *ret,
    struct cdp_err *err);

/* Whether a program may look something up: it is more than its input. */
bool cdp_jq_looks_up(const struct cdp_jq *jq, int id);

/* Processor time that one run may take, in ms; 2000 if not called. */
void cdp_jq_limit(struct cdp_jq *jq, int cpu_ms);

/*
 * Remember a program.  text and place (such as "journeys.yaml:12:7", for
 * messages) are copied.  Returns its number, from 0; the same text at the same
 * place has one.  Equal texts are compiled once.
 */
int cdp_jq_add(struct cdp_jq *jq, struct cdp_str text, struct cdp_str place);

/*
 * The same for one that sees settings, a JSON object, copied, as $__settings:
 * of equal texts with other settings one is compiled, too.
 */
int cdp_jq_add_with(struct cdp_jq *jq, struct cdp_str text,
    struct cdp_str place, struct cdp_str settings);

/* Say that this tool will run program id; idempotent. */
void cdp_jq_want(struct cdp_jq *jq, int id);

/* How many programs there are. */
int cdp_jq_count(const struct cdp_jq *jq);
struct cdp_str cdp_jq_place(const struct cdp_jq *jq, int id);
struct cdp_str cdp_jq_text(const struct cdp_jq *jq, int id);
struct cdp_str cdp_jq_settings(const struct cdp_jq *jq, int id);

/*
 * Compile the one program id by itself, to check it: 0, or CDP_ECONF with
 * jq's message and, where jq tells it, the line within the text.
 */
int cdp_jq_check(struct cdp_jq *jq, int id, struct cdp_err *err);

/*
 * Run program id on input (JSON text) and give its first output.
 *
 * mem   receives the output as JSON text in *ret, without white space, its
 *       members in jq's order, a whole number below 2^53 without a point
 *
 * 0; CDP_END if it has no output; CDP_EDATA with jq's error message;
 * CDP_ECONF if it was never wanted or does not compile.
 */
int cdp_jq_run(struct cdp_jq *jq, int id, struct cdp_str input,
    struct cdp_arena *mem, struct cdp_str *ret, struct cdp_err *err);

/*
 * Close the holes that libjq leaves open: clears the environment of the
 * process.  Once, at the start of main(), after reading what the tool needs.
 */
void cdp_jq_sandbox(void);

#endif
