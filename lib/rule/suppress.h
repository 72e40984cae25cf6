#ifndef CDP_RULE_SUPPRESS_H
#define CDP_RULE_SUPPRESS_H

#include "lib/base/map.h"
#include "lib/json/tape.h"
#include "lib/rule/ident.h"
#include "lib/store/log.h"

/*
 * suppress: the identifiers of whom nothing is to be known.
 *
 * A stage keeps them in its log, under "s:" and 64 hex digits: HMAC-SHA256 of
 * "TYPE:VALUE", keyed by the store's secret.  Never the value itself: who has
 * the log and not the secret cannot even test a guess.
 */
struct cdp_suppressed {
	int64_t since_ms;  /* suppressed since; CDP_TIME_NONE: it is not */
	int64_t until_ms;  /* deleted: what is not later is not taken in */
	int64_t erased_ms; /* and up to here not replayed, either */
};

struct cdp_suppress {
	struct cdp_log *log; /* NULL: kept in mem */
	int64_t n; /* identifiers that the log has; 0: no need to ask */
	struct cdp_map by_key; /* without a log: to struct cdp_suppressed */
	struct cdp_buf text;
	struct cdp_tape tape;
	struct cdp_arena mem;
};

/* How many there are: an empty one is { 0 }.  0 or fatal. */
int cdp_suppress_open(
    struct cdp_suppress *s, struct cdp_log *log, struct cdp_err *err);
void cdp_suppress_free(struct cdp_suppress *s);

/* 0 with what is known of it, CDP_END (and ret says so), or fatal. */
int cdp_suppress_get(struct cdp_suppress *s, struct cdp_str type,
    struct cdp_str value, struct cdp_suppressed *ret, struct cdp_err *err);

/* Into the epoch that is being gathered; one that says nothing goes. */
int cdp_suppress_set(struct cdp_suppress *s, struct cdp_str type,
    struct cdp_str value, const struct cdp_suppressed *v, struct cdp_err *err);

/*
 * The identifier under that key of the log was erased: what is not later than
 * until_ms is not taken in, and not replayed.
 */
int cdp_suppress_erase(struct cdp_suppress *s, struct cdp_str key,
    struct cdp_str type, int64_t until_ms, struct cdp_err *err);

/*
 * What a command of that type says about n identifiers: suppress, until
 * unsuppress; delete, what is not later than at_ms.
 */
int cdp_suppress_apply(struct cdp_suppress *s, enum cdp_type type,
    const struct cdp_ident_value *v, size_t n, int64_t at_ms,
    struct cdp_err *err);

enum cdp_suppress_why {
	CDP_SUPPRESS_NO,
	CDP_SUPPRESS_SINCE, /* an identifier is suppressed */
	CDP_SUPPRESS_UNTIL, /* it is not later than a delete */
	CDP_SUPPRESS_ERASED
};

/* Why the event must not be taken in, and because of which type. */
int cdp_suppress_judge(struct cdp_suppress *s, const struct cdp_identity *rules,
    const struct cdp_line *ln, int64_t ts_ms, enum cdp_suppress_why *why,
    struct cdp_str *type, struct cdp_err *err);

#endif
