#ifndef CDP_PROFILE_IDENTIFIERS_H
#define CDP_PROFILE_IDENTIFIERS_H

#include "lib/profile/profile.h"
#include "lib/rule/ident.h"

/*
 * identifiers: which values in an event say who somebody is.
 *
 * They are those of lib/rule/ident.h, in the spelling of their type, and not
 * blocked.  What is known already costs one look into a table.
 */
#define CDP_IDS_MAX CDP_IDENTS_MAX

struct cdp_id {
	uint32_t type;
	struct cdp_str key;      /* "i:TYPE:VALUE", in the record's arena */
	struct cdp_str raw;      /* as written, if the value is not */
	struct cdp_ident *known; /* or NULL: nobody's yet */
};

/* Name the types; after identity is known and before anything else. */
void cdp_identifiers_init(struct cdp_merge *m);

/* The index of a type by name; one that the project lacks is added. */
uint32_t cdp_identifiers_type(struct cdp_merge *m, struct cdp_str name);

/*
 * The identifiers of an event in the order of priority, at most CDP_IDS_MAX.
 * Violations are counted, and m->consent is set.  0 or what reading the log
 * failed with.
 */
int cdp_identifiers_extract(struct cdp_merge *m, const struct cdp_line *ln,
    struct cdp_id *ret, size_t *nret, struct cdp_err *err);

/* "i:TYPE:VALUE", made in mem. */
struct cdp_str cdp_identifiers_key(const struct cdp_merge *m, uint32_t type,
    struct cdp_str value, struct cdp_arena *mem);

/*
 * The known identifier of that key, from memory or the log; or NULL.  One that
 * was taken back has no owner.
 */
int cdp_identifiers_find(struct cdp_merge *m, struct cdp_str key, uint32_t type,
    struct cdp_ident **ret, struct cdp_err *err);

/* A new one, not anybody's yet; in the table and to be saved. */
struct cdp_ident *cdp_identifiers_new(
    struct cdp_merge *m, uint32_t type, struct cdp_str key, int64_t first_ms);

/* It was never anybody's: also in the log. */
void cdp_identifiers_forget(struct cdp_merge *m, struct cdp_ident *id);

static inline struct cdp_str
cdp_ident_value(const struct cdp_ident *id)
{
	return (
	    struct cdp_str){ id->key.p + id->prefix, id->key.n - id->prefix };
}

#endif
