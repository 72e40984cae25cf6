#include "lib/ingest/field.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/ingest/infer.h"
#include "lib/json/format.h"
#include "lib/json/num.h"
#include "lib/json/write.h"

/* Formats that no other string has by chance, the narrowest first. */
static const char *const formats[] = { "date-time", "date", "uuid", "email",
	"ipv4", "ipv6", "uri" };

#define NFORMATS (sizeof(formats) / sizeof(formats[0]))
#define ENUM_TIMES 10 /* as many values of an enumeration as distinct ones */

void
cdp_fields_free(struct cdp_fields *fs)
{
	for (struct cdp_field *f = fs->all; f != NULL; f = f->next)
		cdp_map_free(&f->kid);
	cdp_arena_free(&fs->mem);
}

/* ---- seeing ---- */

static struct cdp_field *
make(struct cdp_fields *fs)
{
	struct cdp_field *f;

	if (fs->n >= CDP_INFER_FIELDS)
		return NULL;
	f = cdp_arena_calloc(&fs->mem, 1, sizeof(*f));
	f->formats = (1u << NFORMATS) - 1;
	f->next = fs->all;
	fs->all = f;
	fs->n++;
	return f;
}

static void
see_string(struct cdp_fields *fs, struct cdp_field *f, struct cdp_str s)
{
	size_t i;

	f->strings++;
	for (i = 0; i < NFORMATS; i++)
		if ((f->formats & 1u << i) != 0 &&
		    !cdp_format_find(cdp_str_of(formats[i]))(s))
			f->formats &= ~(1u << i);
	for (i = 0; i < f->nvalue && i < CDP_FIELD_VALUES; i++)
		if (cdp_str_eq(f->value[i], s))
			return;
	if (f->nvalue < CDP_FIELD_VALUES && s.n <= CDP_FIELD_VALUE_BYTES)
		f->value[f->nvalue++] = cdp_arena_dup(&fs->mem, s);
	else
		f->nvalue = CDP_FIELD_VALUES + 1;
}

static void
see_object(struct cdp_fields *fs, struct cdp_field *f, const struct cdp_tape *t,
    uint32_t at, unsigned depth)
{
	uint32_t it = 0, key, val;
	struct cdp_arena mem = { 0 };
	struct cdp_field *kid;
	struct cdp_str name;

	while (!f->wide && cdp_tape_next(t, at, &it, &key, &val)) {
		name = cdp_tape_str(t, key, &mem);
		if (cdp_tape_get(t, at, name) != val)
			continue; /* of equal names the last counts */
		kid = cdp_map_get(&f->kid, name);
		if (kid == NULL) {
			f->wide = f->kid.n >= CDP_INFER_NAMES ||
			    (kid = make(fs)) == NULL;
			if (f->wide)
				break;
			kid->name = cdp_arena_dup(&fs->mem, name);
			*cdp_map_at(&f->kid, kid->name) = kid;
		}
		cdp_field_see(fs, &kid, t, val, depth + 1);
	}
	cdp_arena_free(&mem);
}

void
cdp_field_see(struct cdp_fields *fs, struct cdp_field **ret,
    const struct cdp_tape *t, uint32_t at, unsigned depth)
{
	enum cdp_kind kind = cdp_tape_kind(t, at);
	struct cdp_arena mem = { 0 };
	uint32_t it = 0, key, val;
	struct cdp_field *f = *ret;

	if (f == NULL && (f = *ret = make(fs)) == NULL)
		return;
	f->n++;
	f->kinds |= 1u << kind;
	if (kind == CDP_NUM && !cdp_num_whole(cdp_tape_raw(t, at)))
		f->fraction = true;
	if (kind == CDP_STRING)
		see_string(fs, f, cdp_tape_str(t, at, &mem));
	cdp_arena_free(&mem);
	if (kind == CDP_OBJECT)
		f->objects++;
	if (depth >= CDP_INFER_DEPTH)
		f->wide = true;
	else if (kind == CDP_OBJECT)
		see_object(fs, f, t, at, depth);
	while (kind == CDP_ARRAY && depth < CDP_INFER_DEPTH &&
	    cdp_tape_next(t, at, &it, &key, &val))
		cdp_field_see(fs, &f->item, t, val, depth + 1);
}

/* ---- writing ---- */

static int
by_name(const void *a, const void *b)
{
	const struct cdp_field *x = *(const struct cdp_field *const *)a;
	const struct cdp_field *y = *(const struct cdp_field *const *)b;

	return cdp_str_cmp(x->name, y->name);
}

static int
by_bytes(const void *a, const void *b)
{
	return cdp_str_cmp(
	    *(const struct cdp_str *)a, *(const struct cdp_str *)b);
}

/* The words that YAML does not take for strings. */
static bool
is_word(struct cdp_str s)
{
	static const char *const taken[] = { "true", "false", "null", "yes",
		"no", "on", "off", "y", "n" };
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!(s.p[i] == '_' || (s.p[i] | 32) == ' ' ||
			((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z') ||
			(i > 0 && s.p[i] >= '0' && s.p[i] <= '9')))
			return false;
	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (s.n == strlen(taken[i]) &&
		    strncasecmp(s.p, taken[i], s.n) == 0)
			return false;
	return s.n != 0 && s.p[0] != ' ' && s.p[s.n - 1] != ' ' &&
	    memchr(s.p, '\0', s.n) == NULL;
}

void
cdp_field_put_name(struct cdp_buf *b, struct cdp_str s)
{
	if (is_word(s))
		cdp_buf_put(b, s);
	else
		cdp_json_str(b, s);
}

bool
cdp_field_is_bare(const struct cdp_field *f)
{
	return f->wide || f->kid.n == 0;
}

static void
put_types(struct cdp_buf *b, const struct cdp_field *f)
{
	static const struct {
		unsigned bits;
		const char *name;
	} types[] = {
		{ 1 << CDP_STRING, "string" },
		{ 1 << CDP_NUM, "number" },
		{ 1 << CDP_FALSE | 1 << CDP_TRUE, "boolean" },
		{ 1 << CDP_ARRAY, "array" },
		{ 1 << CDP_OBJECT, "object" },
		{ 1 << CDP_NULL, "\"null\"" },
	};
	const char *sep = "";
	size_t n = 0;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		n += (f->kinds & types[i].bits) != 0;
	cdp_buf_puts(b, n == 1 ? "type: " : "type: [");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if ((f->kinds & types[i].bits) == 0)
			continue;
		cdp_buf_puts(b, sep);
		cdp_buf_puts(
		    b, i == 1 && !f->fraction ? "integer" : types[i].name);
		sep = ", ";
	}
	if (n != 1)
		cdp_buf_putc(b, ']');
}

/* Strings of one format; or few of them, if there is nothing else. */
static void
put_strings(struct cdp_buf *b, const struct cdp_field *f)
{
	struct cdp_str v[CDP_FIELD_VALUES];

	for (size_t i = 0; i < NFORMATS && f->strings != 0; i++)
		if ((f->formats & 1u << i) != 0) {
			cdp_buf_printf(b, ", format: %s", formats[i]);
			return;
		}
	if (f->kinds != 1 << CDP_STRING || f->nvalue > CDP_FIELD_VALUES ||
	    f->strings < ENUM_TIMES * f->nvalue)
		return;
	memcpy(v, f->value, sizeof(v));
	qsort(v, f->nvalue, sizeof(v[0]), by_bytes);
	cdp_buf_puts(b, ", enum: [");
	for (size_t i = 0; i < f->nvalue; i++) {
		cdp_buf_puts(b, i == 0 ? "" : ", ");
		cdp_field_put_name(b, v[i]);
	}
	cdp_buf_putc(b, ']');
}

/* What a value must be: behind its name, or on lines of its own below it. */
static void
put_value(struct cdp_buf *b, const struct cdp_field *f, size_t in)
{
	bool object = f->objects != 0 && !cdp_field_is_bare(f);

	if (!object && f->item == NULL) {
		cdp_buf_puts(b, " {");
		put_types(b, f);
		put_strings(b, f);
		cdp_buf_puts(b, "}\n");
		return;
	}
	cdp_buf_printf(b, "\n%*s", (int)in, "");
	put_types(b, f);
	cdp_buf_putc(b, '\n');
	if (object)
		cdp_field_put_object(b, f, f->objects, in);
	if (f->item != NULL) {
		cdp_buf_printf(b, "%*sitems:", (int)in, "");
		put_value(b, f->item, in + 2);
	}
}

static void
put_required(struct cdp_buf *b, const struct cdp_field *const *v, size_t nv,
    uint64_t n, size_t in)
{
	size_t shown = 0;

	for (size_t i = 0; i < nv; i++) {
		if (v[i]->n != n)
			continue;
		if (shown++ == 0)
			cdp_buf_printf(b, "%*srequired: [", (int)in, "");
		else
			cdp_buf_puts(b, ", ");
		cdp_field_put_name(b, v[i]->name);
	}
	if (shown != 0)
		cdp_buf_puts(b, "]\n");
}

void
cdp_field_put_object(
    struct cdp_buf *b, const struct cdp_field *f, uint64_t n, size_t in)
{
	const struct cdp_field **v = cdp_xcalloc(f->kid.n, sizeof(*v));
	struct cdp_map_ent *e;
	size_t i = 0, nv = 0;

	while ((e = cdp_map_next(&f->kid, &i)) != NULL)
		v[nv++] = e->val;
	qsort(v, nv, sizeof(*v), by_name);
	put_required(b, v, nv, n, in);
	cdp_buf_printf(b, "%*sproperties:\n", (int)in, "");
	for (i = 0; i < nv; i++) {
		cdp_buf_printf(b, "%*s", (int)in + 2, "");
		cdp_field_put_name(b, v[i]->name);
		cdp_buf_putc(b, ':');
		put_value(b, v[i], in + 4);
	}
	free(v);
}
