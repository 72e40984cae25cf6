#ifndef CDP_JSON_SCHEMA_INT_H
#define CDP_JSON_SCHEMA_INT_H

#include "lib/base/buf.h"
#include "lib/base/map.h"
#include "lib/base/regex.h"
#include "lib/json/schema.h"

/*
 * schema_int: a compiled schema, between its compiler (schema.c, its keywords
 * in schema_keys.c, its names in schema_id.c) and its judge
 * (schema_check.c).
 *
 * The schema keeps a copy of its own text and tape: what stands in it as a
 * value (const, enum, limits) is a token of that tape, so numbers are compared
 * as they were written.
 */
enum { /* limits on numbers */
	CDP_SCH_MAX,
	CDP_SCH_XMAX,
	CDP_SCH_MIN,
	CDP_SCH_XMIN,
	CDP_SCH_MULTIPLE,
	CDP_SCH_NNUM
};

enum { /* limits on counts */
	CDP_SCH_MAXLEN,
	CDP_SCH_MINLEN,
	CDP_SCH_MAXITEMS,
	CDP_SCH_MINITEMS,
	CDP_SCH_MAXPROPS,
	CDP_SCH_MINPROPS,
	CDP_SCH_NCOUNT
};

enum { /* keywords with one schema */
	CDP_SCH_ITEMS,
	CDP_SCH_MOREITEMS,
	CDP_SCH_CONTAINS,
	CDP_SCH_MOREPROPS,
	CDP_SCH_NAMES,
	CDP_SCH_IF,
	CDP_SCH_THEN,
	CDP_SCH_ELSE,
	CDP_SCH_NOT,
	CDP_SCH_NSUB
};

enum { /* keywords with a list of schemas */
	CDP_SCH_ALL,
	CDP_SCH_ANY,
	CDP_SCH_ONE,
	CDP_SCH_TUPLE,
	CDP_SCH_NLIST
};

/* Bits of snode.types beside 1 << enum cdp_kind. */
#define CDP_SCH_INTEGER 0x80

struct cdp_snodes {
	struct cdp_snode **v;
	size_t n;
};

struct cdp_sprop { /* of properties and patternProperties */
	struct cdp_str name;
	struct cdp_regex *re; /* of patternProperties */
	struct cdp_snode *node;
};

struct cdp_sdep {
	struct cdp_str name;
	struct cdp_snode *node; /* or the names that must be there too */
	const struct cdp_str *need;
	size_t nneed;
};

struct cdp_snode {
	enum { CDP_SCH_RULES, CDP_SCH_TRUE, CDP_SCH_FALSE } kind;
	uint32_t at;
	struct cdp_snode *ref; /* then nothing else counts */
	unsigned types;        /* 0: any */
	uint32_t types_at;     /* as written, for messages */
	uint32_t const_at, enum_at;
	uint32_t num[CDP_SCH_NNUM];
	int64_t count[CDP_SCH_NCOUNT];
	struct cdp_snode *sub[CDP_SCH_NSUB];
	struct cdp_snodes list[CDP_SCH_NLIST];
	const struct cdp_str *need; /* required */
	size_t nneed;
	struct cdp_sprop *prop, *pat;
	size_t nprop, npat;
	struct cdp_map by_name; /* of prop */
	struct cdp_sdep *dep;
	size_t ndep;
	struct cdp_regex *pattern;
	struct cdp_str pattern_text;
	bool (*format)(struct cdp_str s);
	struct cdp_str format_text;
	bool unique;
	bool has_list[CDP_SCH_NLIST];
};

struct cdp_schema {
	struct cdp_arena mem;
	char *text;
	struct cdp_tape tape;
	struct cdp_snode **node; /* by token; NULL: no schema there */
	struct cdp_snode *root;
	struct cdp_regex **re; /* all, to be freed */
	size_t nre, cap_re;
};

/* Compiling; err is the caller's of cdp_schema_compile(). */
struct cdp_scomp {
	struct cdp_schema *s;
	struct cdp_err *err;
	uint32_t root;        /* the schema's token */
	struct cdp_str *base; /* by token of a schema: what names there are
				 relative to; p == NULL elsewhere */
	struct cdp_map names; /* absolute URI to struct cdp_tok */
};

/* ---- names (schema_id.c) ---- */

extern const char cdp_schema_meta[]; /* the schema of draft-07 schemas */

/*
 * The schema that ref means where token k stands, or CDP_NOTOK; *pointer is
 * the JSON pointer that leads on from it, perhaps empty.
 */
uint32_t cdp_schema_find(struct cdp_scomp *c, uint32_t k, struct cdp_str ref,
    struct cdp_str *pointer);

/* The schema at that token, compiled if it is not yet (schema_keys.c). */
int cdp_schema_node(struct cdp_scomp *c, uint32_t at, struct cdp_snode **ret);

/* Set n->ref to what the $ref at val leads to (schema_ref.c). */
int cdp_schema_ref(struct cdp_scomp *c, struct cdp_snode *n, uint32_t val);

/* CDP_ECONF at token k, which the error names as a JSON pointer. */
int cdp_schema_fault(struct cdp_scomp *c, uint32_t k, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- judging ---- */

struct cdp_sway { /* from the root to where we are */
	const struct cdp_sway *up;
	struct cdp_str name;
	size_t index;
	bool is_index;
};

struct cdp_judge {
	const struct cdp_schema *s;
	const struct cdp_tape *t;
	struct cdp_arena *mem;
	struct cdp_violation **tail; /* NULL: only the verdict is asked for */
	unsigned depth;
	bool limit, deep;
};

/* As text of the schema, for "%.*s". */
#define CDP_SCH_RAW(j, at)                                                     \
	(int)cdp_tape_raw(&(j)->s->tape, at).n,                                \
	    cdp_tape_raw(&(j)->s->tape, at).p
#define CDP_SCH_STR(s) (int)(s).n, (s).p

/* Where we are, as "properties.price", or "(root)". */
struct cdp_str cdp_schema_field(
    struct cdp_judge *j, const struct cdp_sway *way);

/* Note a violation, if violations are asked for; always false. */
bool cdp_schema_wrong(struct cdp_judge *j, const struct cdp_sway *way,
    uint32_t at, const char *type, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

bool cdp_schema_matches(
    struct cdp_judge *j, const struct cdp_regex *re, struct cdp_str s);

/* What a schema says of a value of that kind, but for its subschemas. */
bool cdp_schema_type(struct cdp_judge *j, const struct cdp_snode *n,
    uint32_t at, const struct cdp_sway *way);
bool cdp_schema_values(struct cdp_judge *j, const struct cdp_snode *n,
    uint32_t at, const struct cdp_sway *way);
bool cdp_schema_number(struct cdp_judge *j, const struct cdp_snode *n,
    uint32_t at, const struct cdp_sway *way);
bool cdp_schema_string(struct cdp_judge *j, const struct cdp_snode *n,
    uint32_t at, const struct cdp_sway *way);

#endif
