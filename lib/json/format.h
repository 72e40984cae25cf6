#ifndef CDP_JSON_FORMAT_H
#define CDP_JSON_FORMAT_H

#include <stdbool.h>
#include <string.h>

#include "lib/base/str.h"

/*
 * format: the formats of draft-07, all of them.
 */

/* The check of a format, or NULL if draft-07 has none of that name. */
bool (*cdp_format_find(struct cdp_str name))(struct cdp_str s);

/* Their names, and how many they are. */
const struct cdp_str *cdp_format_names(size_t *n);

/* Of the names of machines (format_net.c). */
bool cdp_format_ipv4(struct cdp_str s);
bool cdp_format_ipv6(struct cdp_str s);
bool cdp_format_hostname(struct cdp_str s);
bool cdp_format_idn_hostname(struct cdp_str s);
bool cdp_format_email(struct cdp_str s);
bool cdp_format_idn_email(struct cdp_str s);

/* Of the names of things (format_uri.c). */
bool cdp_format_uri(struct cdp_str s);
bool cdp_format_uri_reference(struct cdp_str s);
bool cdp_format_iri(struct cdp_str s);
bool cdp_format_iri_reference(struct cdp_str s);
bool cdp_format_uri_template(struct cdp_str s);

/* ---- for the files of this name ---- */

static inline bool
cdp_format_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
cdp_format_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
cdp_format_is_alnum(char c)
{
	return cdp_format_is_digit(c) || cdp_format_is_alpha(c);
}

static inline bool
cdp_format_is_hex(char c)
{
	return cdp_format_is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static inline bool
cdp_format_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static inline struct cdp_str
cdp_format_cut(struct cdp_str s, size_t from, size_t to)
{
	return (struct cdp_str){ s.p + from, to - from };
}

#endif
