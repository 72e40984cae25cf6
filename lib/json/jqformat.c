#include "lib/json/jqformat.h"

#include <math.h>

#include "lib/base/time.h"
#include "lib/base/zone.h"
#include "lib/json/num.h"

#define MILLIS 1e11 /* a number from here on is not seconds */

static const struct cdp_locale *
locale_of(const struct cdp_jqformat *f)
{
	return f->locale != NULL ? f->locale
				 : cdp_locale_find(CDP_STR("en-US"));
}

/* Borrows v. */
static struct cdp_str
text_of(jv v)
{
	return (struct cdp_str){ jv_string_value(v),
		(size_t)jv_string_length_bytes(jv_copy(v)) };
}

/* Borrows v: a number, or a string that is one. */
static int
amount(jv v, const char *name, struct cdp_dec *ret, struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	int rc = CDP_EDATA;

	if (jv_get_kind(v) == JV_KIND_STRING) {
		rc = cdp_dec_parse(text_of(v), ret);
	} else if (jv_get_kind(v) == JV_KIND_NUMBER &&
	    isfinite(jv_number_value(v))) {
		cdp_num_put_double(&b, jv_number_value(v));
		rc = cdp_dec_parse(cdp_buf_str(&b), ret);
	}
	cdp_buf_free(&b);
	if (rc != 0)
		return cdp_fail(err, CDP_EDATA, "%s needs a number, not %s",
		    name, jv_kind_name(jv_get_kind(v)));
	return 0;
}

static int
number(struct cdp_jqformat *f, jv v, jv digits, struct cdp_err *err)
{
	struct cdp_dec d;
	int n = -1, rc = amount(v, "number", &d, err);

	if (rc == 0 && jv_get_kind(digits) == JV_KIND_NUMBER)
		n = (int)jv_number_value(digits);
	if (rc == 0 && n > 12)
		rc = cdp_fail(err, CDP_EDATA, "number has up to 12 decimals");
	if (rc == 0)
		cdp_locale_number(&f->out, locale_of(f), d, n);
	return rc;
}

static int
currency(struct cdp_jqformat *f, jv v, jv code, struct cdp_err *err)
{
	struct cdp_str name = f->currency;
	struct cdp_dec d;
	int rc = amount(v, "currency", &d, err);

	if (jv_get_kind(code) == JV_KIND_STRING)
		name = text_of(code);
	if (rc == 0 && name.n == 0)
		rc = cdp_fail(err, CDP_EDATA,
		    "currency of what? give a code, such as "
		    "currency(\"BRL\"), or project.currency");
	return rc != 0 ? rc
		       : cdp_locale_money(&f->out, locale_of(f), d, name, err);
}

static const struct cdp_zone *
zone_of(struct cdp_jqformat *f, jv given)
{
	struct cdp_str name = f->zone.n != 0 ? f->zone : CDP_STR("UTC");
	struct cdp_zone *z;

	if (jv_get_kind(given) == JV_KIND_STRING)
		name = text_of(given);
	z = cdp_map_get(&f->zones, name);
	if (z == NULL && (z = cdp_zone_open(name)) != NULL)
		*cdp_map_at(&f->zones, cdp_zone_name(z)) = z;
	return z;
}

static int
instant(jv v, int64_t *ret, struct cdp_err *err)
{
	double n;

	if (jv_get_kind(v) == JV_KIND_STRING &&
	    cdp_time_parse(text_of(v), ret) == 0)
		return 0;
	if (jv_get_kind(v) == JV_KIND_NUMBER) {
		n = jv_number_value(v);
		n = fabs(n) < MILLIS ? n * 1000 : n;
		if (n >= (double)CDP_TIME_MIN && n <= (double)CDP_TIME_END) {
			*ret = (int64_t)floor(n);
			return 0;
		}
	}
	return cdp_fail(err, CDP_EDATA,
	    "no instant, such as 2026-01-31T12:00:00Z or seconds");
}

static int
date(struct cdp_jqformat *f, jv v, jv form, jv zone, struct cdp_err *err)
{
	const struct cdp_zone *z = zone_of(f, zone);
	int64_t ms;
	int rc = instant(v, &ms, err);

	if (rc != 0)
		return rc;
	if (z == NULL)
		return cdp_fail(err, CDP_EDATA, "date knows no zone '%s'",
		    jv_string_value(zone));
	if (jv_get_kind(form) != JV_KIND_STRING)
		return cdp_fail(err, CDP_EDATA,
		    "date needs a form, such as \"short\" or \"%%d/%%m\"");
	return cdp_locale_date(&f->out, locale_of(f),
	    ms + cdp_zone_offset_ms(z, ms), text_of(form), err);
}

jv
cdp_jqformat_call(struct cdp_jqformat *f, const char *name, jv args)
{
	jv v = jv_array_get(jv_copy(args), 0);
	jv one = jv_array_get(jv_copy(args), 1);
	jv two = jv_array_get(args, 2);
	struct cdp_err err = { 0 };
	int64_t ms = CDP_TIME_NONE;
	int rc;

	cdp_buf_reset(&f->out);
	if (strcmp(name, "seconds") == 0)
		rc = instant(v, &ms, &err);
	else if (strcmp(name, "number") == 0)
		rc = number(f, v, one, &err);
	else if (strcmp(name, "currency") == 0)
		rc = currency(f, v, one, &err);
	else
		rc = date(f, v, one, two, &err);
	jv_free(v);
	jv_free(one);
	jv_free(two);
	if (rc != 0)
		return jv_invalid_with_msg(jv_string(err.msg));
	return ms != CDP_TIME_NONE
	    ? jv_number((double)ms / 1000)
	    : jv_string_sized(f->out.p, (int)f->out.n);
}

void
cdp_jqformat_free(struct cdp_jqformat *f)
{
	struct cdp_map_ent *e;
	size_t i = 0;

	while ((e = cdp_map_next(&f->zones, &i)) != NULL)
		cdp_zone_close(e->val);
	cdp_map_free(&f->zones);
	cdp_buf_free(&f->out);
}
