#include "lib/rule/ident.h"

#include "lib/base/utf8.h"
#include "lib/rule/phone.h"

static struct cdp_str
trim(struct cdp_str s)
{
	while (s.n != 0 && (unsigned char)s.p[0] <= ' ')
		s.p++, s.n--;
	while (s.n != 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

/* One @ with something on both sides and no blank within: else no address. */
static int
normalize_email(struct cdp_str s, struct cdp_arena *mem, struct cdp_str *ret)
{
	struct cdp_err ignored = { 0 };
	const char *sign;
	size_t i;

	s = trim(s);
	sign = s.n != 0 ? memchr(s.p, '@', s.n) : NULL;
	if (sign == NULL || sign == s.p || sign == s.p + s.n - 1 ||
	    memchr(sign + 1, '@', (size_t)(s.p + s.n - sign - 1)) != NULL)
		return CDP_EDATA;
	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ')
			return CDP_EDATA;
	return cdp_utf8_fold(s, mem, ret, &ignored);
}

int
cdp_ident_normalize(const struct cdp_identifier *rule, struct cdp_str raw,
    struct cdp_arena *mem, struct cdp_str *ret)
{
	switch (rule->normalize) {
	case CDP_NORM_EMAIL:
		return normalize_email(raw, mem, ret);
	case CDP_NORM_PHONE:
		return cdp_phone_normalize(trim(raw), rule->region, mem, ret);
	case CDP_NORM_NONE:
		break;
	}
	*ret = raw;
	return raw.n != 0 ? 0 : CDP_EDATA;
}

bool
cdp_ident_blocked(const struct cdp_identity *rules, struct cdp_str value)
{
	size_t i;

	for (i = 0; i < rules->nblock; i++)
		if (cdp_str_eq(rules->block[i], value))
			return true;
	for (i = 0; i < rules->npattern; i++)
		if (cdp_regex_match(rules->pattern[i], value, NULL))
			return true;
	return false;
}

struct cdp_str
cdp_ident_text(const struct cdp_tape *t, uint32_t at, struct cdp_arena *mem)
{
	if (cdp_tape_isa(t, at, CDP_STRING))
		return cdp_tape_str(t, at, mem);
	if (cdp_tape_isa(t, at, CDP_NUM))
		return cdp_tape_raw(t, at);
	return (struct cdp_str){ NULL, 0 };
}

struct found {
	const struct cdp_identity *rules;
	const struct cdp_line *ln;
	struct cdp_ident_value *v;
	size_t n;
	bool more;
};

static void
add(struct found *f, size_t type, uint32_t at)
{
	struct cdp_str raw = cdp_ident_text(f->ln->tape, at, f->ln->mem), s;
	size_t i;

	if (raw.n == 0 ||
	    cdp_ident_normalize(&f->rules->id[type], raw, f->ln->mem, &s) !=
		0 ||
	    cdp_ident_blocked(f->rules, raw) ||
	    (s.p != raw.p && cdp_ident_blocked(f->rules, s)))
		return;
	for (i = 0; i < f->n; i++)
		if (f->v[i].type == type && cdp_str_eq(f->v[i].value, s))
			return;
	if (f->n == CDP_IDENTS_MAX)
		f->more = true;
	else
		f->v[f->n++] = (struct cdp_ident_value){ type, s };
}

/* The member of the type's own name: a value, or a list of them. */
static void
add_named(struct found *f, size_t type)
{
	const struct cdp_tape *t = f->ln->tape;
	uint32_t at = cdp_tape_get(t, 0, f->rules->id[type].name);
	uint32_t it = 0, key, val;

	if (!cdp_tape_isa(t, at, CDP_ARRAY)) {
		add(f, type, at);
		return;
	}
	while (cdp_tape_next(t, at, &it, &key, &val))
		add(f, type, val);
}

int
cdp_ident_values(const struct cdp_identity *rules, const struct cdp_line *ln,
    struct cdp_ident_value ret[CDP_IDENTS_MAX], size_t *n, struct cdp_err *err)
{
	struct found f = { rules, ln, ret, 0, false };
	bool command = cdp_type_is_command(ln->type);
	size_t i, j;

	for (i = 0; i < rules->nid; i++) {
		for (j = 0; j < rules->id[i].nfrom; j++)
			add(&f, i,
			    cdp_tape_path(ln->tape, 0, &rules->id[i].from[j]));
		if (command)
			add_named(&f, i);
	}
	*n = f.n;
	if (command && f.more)
		return cdp_fail_rule(err, CDP_EDATA, "bad_request", NULL,
		    "names more than %d identifiers", CDP_IDENTS_MAX);
	if (command && f.n == 0)
		return cdp_fail_rule(err, CDP_EDATA, "id_required", NULL,
		    "names no identifier of the project");
	return 0;
}
