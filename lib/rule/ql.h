#ifndef CDP_RULE_QL_H
#define CDP_RULE_QL_H

#include "lib/rule/yaml.h"

/*
 * ql: words of Segment's query language, and the nodes made of them; for
 * segment.c alone.  What returns a node returns NULL after a fault, and the
 * first fault is the one that is told.
 */
struct cdp_loader;

struct cdp_ql {
	struct cdp_loader *ld;
	const struct cdp_node *node; /* the text's */
	struct cdp_str s;
	size_t at;
	int depth;
	int scope; /* in how many where() it is */
	bool rows; /* of rows, not of events */
	bool bad;
};

/* Say what is wrong at a byte of the text; NULL. */
void *cdp_ql_fault(struct cdp_ql *q, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A name or number; an empty map or sequence. */
struct cdp_node *cdp_ql_word(struct cdp_ql *q, const char *text);
struct cdp_node *cdp_ql_list(struct cdp_ql *q, enum cdp_node_kind kind);

/* Put behind the others of a map, or, without key, of a sequence. */
void cdp_ql_add(struct cdp_ql *q, struct cdp_node *to, struct cdp_node *key,
    struct cdp_node *item);

/* {key: item} */
struct cdp_node *cdp_ql_pair(
    struct cdp_ql *q, const char *key, struct cdp_node *item);

/*
 * {how: [a, b]}, or the one that is not NULL.  *seq, at first NULL, is the
 * list: a that has been joined by it gets one more.
 */
struct cdp_node *cdp_ql_join(struct cdp_ql *q, const char *how,
    struct cdp_node *a, struct cdp_node *b, struct cdp_node **seq);

/* The next character behind space, or 0; to take it if it is c, or complain. */
char cdp_ql_peek(struct cdp_ql *q);
bool cdp_ql_take(struct cdp_ql *q, char c);
bool cdp_ql_want(struct cdp_ql *q, char c);

/* The next word, perhaps none; to take it if it is text. */
struct cdp_str cdp_ql_name(struct cdp_ql *q);
bool cdp_ql_keyword(struct cdp_ql *q, const char *text);

/* 'path') behind an opening bracket, with lead before it. */
struct cdp_node *cdp_ql_path(struct cdp_ql *q, const char *lead);

/* A number, a string, a date, true or false; a list of them. */
struct cdp_node *cdp_ql_literal(struct cdp_ql *q);
struct cdp_node *cdp_ql_literals(struct cdp_ql *q);

/* 'text'; "30 days" as 30d. */
struct cdp_node *cdp_ql_string(struct cdp_ql *q);
struct cdp_node *cdp_ql_duration(struct cdp_ql *q);

/*
 * A comparison, as an operator of ours and what it takes; omits: the contrary
 * of it.
 */
struct cdp_node *cdp_ql_compare(struct cdp_ql *q, const char **op, bool *omits);

#endif
