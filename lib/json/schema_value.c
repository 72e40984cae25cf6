#include <stdarg.h>
#include <stdio.h>

#include "lib/json/num.h"
#include "lib/json/schema_int.h"

static void
put_way(struct cdp_buf *b, const struct cdp_sway *way)
{
	if (way == NULL)
		return;
	put_way(b, way->up);
	if (b->n != 0)
		cdp_buf_putc(b, '.');
	if (way->is_index)
		cdp_buf_u64(b, way->index);
	else
		cdp_buf_put(b, way->name);
}

struct cdp_str
cdp_schema_field(struct cdp_judge *j, const struct cdp_sway *way)
{
	struct cdp_buf b = { 0 };
	struct cdp_str s;

	put_way(&b, way);
	s = b.n != 0 ? cdp_arena_dup(j->mem, cdp_buf_str(&b))
		     : CDP_STR("(root)");
	cdp_buf_free(&b);
	return s;
}

bool
cdp_schema_wrong(struct cdp_judge *j, const struct cdp_sway *way, uint32_t at,
    const char *type, const char *fmt, ...)
{
	struct cdp_violation *v;
	char small[256], *p = small;
	va_list ap;
	int n;

	if (j->tail == NULL || j->deep)
		return false;
	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if ((size_t)n >= sizeof(small)) {
		p = cdp_arena_alloc(j->mem, (size_t)n + 1);
		va_start(ap, fmt);
		vsnprintf(p, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	v = cdp_arena_calloc(j->mem, 1, sizeof(*v));
	v->type = type;
	v->field = cdp_schema_field(j, way);
	v->text = cdp_arena_dup(j->mem, (struct cdp_str){ p, (size_t)n });
	v->at = at;
	*j->tail = v;
	j->tail = &v->next;
	return false;
}

/* ---- any value ---- */

static const char *
type_name(const struct cdp_tape *t, uint32_t at)
{
	static const char *const name[] = { "null", "boolean", "boolean",
		"number", "string", "array", "object" };

	if (cdp_tape_kind(t, at) == CDP_NUM &&
	    cdp_num_whole(cdp_tape_raw(t, at)))
		return "integer";
	return name[cdp_tape_kind(t, at)];
}

/* "integer", or "[string,null]" of several, as gojsonschema has it. */
static struct cdp_str
expected(struct cdp_judge *j, const struct cdp_snode *n)
{
	const struct cdp_tape *t = &j->s->tape;
	uint32_t it = 0, key, v;
	struct cdp_buf b = { 0 };
	struct cdp_str s;

	if (!cdp_tape_isa(t, n->types_at, CDP_ARRAY))
		return cdp_tape_str(t, n->types_at, j->mem);
	while (cdp_tape_next(t, n->types_at, &it, &key, &v)) {
		cdp_buf_putc(&b, b.n == 0 ? '[' : ',');
		cdp_buf_put(&b, cdp_tape_str(t, v, j->mem));
	}
	cdp_buf_putc(&b, ']');
	s = cdp_arena_dup(j->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return s;
}

bool
cdp_schema_type(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	enum cdp_kind kind = cdp_tape_kind(j->t, at);
	struct cdp_str want;

	if (n->types == 0 || (n->types & 1u << kind) != 0)
		return true;
	if ((n->types & CDP_SCH_INTEGER) != 0 && kind == CDP_NUM &&
	    cdp_num_whole(cdp_tape_raw(j->t, at)))
		return true;
	if (j->tail == NULL)
		return false;
	want = expected(j, n);
	return cdp_schema_wrong(j, way, at, "Invalid Type",
	    "Invalid type. Expected: %.*s, given: %s", CDP_SCH_STR(want),
	    type_name(j->t, at));
}

static struct cdp_str
allowed(struct cdp_judge *j, const struct cdp_snode *n)
{
	uint32_t it = 0, key, v;
	struct cdp_buf b = { 0 };
	struct cdp_str s;

	while (cdp_tape_next(&j->s->tape, n->enum_at, &it, &key, &v)) {
		if (b.n != 0)
			cdp_buf_puts(&b, ", ");
		cdp_buf_put(&b, cdp_tape_raw(&j->s->tape, v));
	}
	s = cdp_arena_dup(j->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return s;
}

bool
cdp_schema_values(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	const struct cdp_tape *t = &j->s->tape;
	uint32_t it = 0, key, v;
	struct cdp_str f, a;
	bool ok = true;

	if (n->const_at != CDP_NOTOK &&
	    !cdp_tape_equal(j->t, at, t, n->const_at)) {
		f = cdp_schema_field(j, way);
		ok = cdp_schema_wrong(j, way, at, "Const",
		    "%.*s does not match: %.*s", CDP_SCH_STR(f),
		    CDP_SCH_RAW(j, n->const_at));
	}
	if (n->enum_at == CDP_NOTOK)
		return ok;
	while (cdp_tape_next(t, n->enum_at, &it, &key, &v))
		if (cdp_tape_equal(j->t, at, t, v))
			return ok;
	if (j->tail == NULL)
		return false;
	f = cdp_schema_field(j, way);
	a = allowed(j, n);
	return cdp_schema_wrong(j, way, at, "Enum",
	    "%.*s must be one of the following: %.*s", CDP_SCH_STR(f),
	    CDP_SCH_STR(a));
}

/* ---- scalars ---- */

bool
cdp_schema_number(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	static const struct {
		const char *type, *text;
		int want; /* the sign of value - limit that is allowed */
		bool equal;
	} rule[] = {
		[CDP_SCH_MAX] = { "Number Lte", "Must be less than or equal to",
		    -1, true },
		[CDP_SCH_XMAX] = { "Number Lt", "Must be less than", -1,
		    false },
		[CDP_SCH_MIN] = { "Number Gte",
		    "Must be greater than or equal to", 1, true },
		[CDP_SCH_XMIN] = { "Number Gt", "Must be greater than", 1,
		    false },
	};
	struct cdp_str v = cdp_tape_raw(j->t, at);
	bool ok = true;
	uint32_t lim;

	for (int i = 0; i < CDP_SCH_MULTIPLE; i++) {
		int sign;

		if ((lim = n->num[i]) == CDP_NOTOK)
			continue;
		sign = cdp_num_cmp(v, cdp_tape_raw(&j->s->tape, lim));
		if (sign != rule[i].want && !(sign == 0 && rule[i].equal))
			ok = cdp_schema_wrong(j, way, at, rule[i].type,
			    "%s %.*s", rule[i].text, CDP_SCH_RAW(j, lim));
	}
	lim = n->num[CDP_SCH_MULTIPLE];
	if (lim != CDP_NOTOK &&
	    !cdp_num_multiple(v, cdp_tape_raw(&j->s->tape, lim)))
		ok = cdp_schema_wrong(j, way, at, "Multiple Of",
		    "Must be a multiple of %.*s", CDP_SCH_RAW(j, lim));
	return ok;
}

bool
cdp_schema_matches(
    struct cdp_judge *j, const struct cdp_regex *re, struct cdp_str s)
{
	bool limit, ok = cdp_regex_match(re, s, &limit);

	j->limit = j->limit || limit;
	return ok;
}

bool
cdp_schema_string(struct cdp_judge *j, const struct cdp_snode *n, uint32_t at,
    const struct cdp_sway *way)
{
	const int64_t *lim = n->count;
	struct cdp_str s;
	int64_t len = 0;
	bool ok = true;

	if (lim[CDP_SCH_MAXLEN] < 0 && lim[CDP_SCH_MINLEN] < 0 &&
	    n->pattern == NULL && n->format == NULL)
		return true;
	s = cdp_tape_str(j->t, at, j->mem);
	for (size_t i = 0; i < s.n; i++)
		len += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	if (len < lim[CDP_SCH_MINLEN])
		ok = cdp_schema_wrong(j, way, at, "String Gte",
		    "String length must be greater than or equal to %lld",
		    (long long)lim[CDP_SCH_MINLEN]);
	if (lim[CDP_SCH_MAXLEN] >= 0 && len > lim[CDP_SCH_MAXLEN])
		ok = cdp_schema_wrong(j, way, at, "String Lte",
		    "String length must be less than or equal to %lld",
		    (long long)lim[CDP_SCH_MAXLEN]);
	if (n->pattern != NULL && !cdp_schema_matches(j, n->pattern, s))
		ok = cdp_schema_wrong(j, way, at, "Pattern",
		    "Does not match pattern '%.*s'",
		    CDP_SCH_STR(n->pattern_text));
	if (n->format != NULL && !n->format(s))
		ok = cdp_schema_wrong(j, way, at, "Format",
		    "Does not match format '%.*s'",
		    CDP_SCH_STR(n->format_text));
	return ok;
}
