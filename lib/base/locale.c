#include "lib/base/locale.h"

#include <string.h>
#include <strings.h>

#define DAY_MS ((int64_t)86400000)
#define UNIT ((__int128)1000000000000) /* of struct cdp_dec */

struct cdp_locale {
	const char *name;
	const char *point, *group;
	int group_from;   /* so many digits before the point, to be grouped */
	const char *home; /* the currency that has the short sign there */
	const char *sign; /* that sign */
	bool behind;      /* the sign is behind the number */
	const char *gap;  /* between the two */
	const char *shortly, *at_length, *time;
	const char *month[12], *day[7]; /* from January, from Sunday */
	size_t abbr;                    /* letters of a short name */
};

#define MONTHS_PT                                                              \
	{                                                                      \
		"janeiro", "fevereiro", "março", "abril", "maio", "junho",     \
		    "julho", "agosto", "setembro", "outubro", "novembro",      \
		    "dezembro"                                                 \
	}
#define DAYS_PT                                                                \
	{                                                                      \
		"domingo", "segunda-feira", "terça-feira", "quarta-feira",     \
		    "quinta-feira", "sexta-feira", "sábado"                   \
	}
#define MONTHS_EN                                                              \
	{                                                                      \
		"January", "February", "March", "April", "May", "June",        \
		    "July", "August", "September", "October", "November",      \
		    "December"                                                 \
	}
#define DAYS_EN                                                                \
	{                                                                      \
		"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",        \
		    "Friday", "Saturday"                                       \
	}
#define MONTHS_ES                                                              \
	{                                                                      \
		"enero", "febrero", "marzo", "abril", "mayo", "junio",         \
		    "julio", "agosto", "septiembre", "octubre", "noviembre",   \
		    "diciembre"                                                \
	}
#define DAYS_ES                                                                \
	{                                                                      \
		"domingo", "lunes", "martes", "miércoles", "jueves",           \
		    "viernes", "sábado"                                       \
	}
#define MONTHS_DE                                                              \
	{                                                                      \
		"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli",   \
		    "August", "September", "Oktober", "November", "Dezember"   \
	}
#define DAYS_DE                                                                \
	{                                                                      \
		"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag",     \
		    "Freitag", "Samstag"                                       \
	}
#define MONTHS_FR                                                              \
	{                                                                      \
		"janvier", "février", "mars", "avril", "mai", "juin",          \
		    "juillet", "août", "septembre", "octobre", "novembre",     \
		    "décembre"                                                \
	}
#define DAYS_FR                                                                \
	{                                                                      \
		"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", \
		    "samedi"                                                   \
	}

/* The first of a language is what its name alone means. */
static const struct cdp_locale table[] = {
	{ "en-US", ".", ",", 4, "USD", "$", false, "", "%m/%d/%Y", "%B %-d, %Y",
	    "%-I:%M %p", MONTHS_EN, DAYS_EN, 3 },
	{ "en-GB", ".", ",", 4, "GBP", "£", false, "", "%d/%m/%Y", "%-d %B %Y",
	    "%H:%M", MONTHS_EN, DAYS_EN, 3 },
	{ "pt-BR", ",", ".", 4, "BRL", "R$", false, " ", "%d/%m/%Y",
	    "%-d de %B de %Y", "%H:%M", MONTHS_PT, DAYS_PT, 3 },
	{ "pt-PT", ",", " ", 5, "EUR", "€", true, " ", "%d/%m/%Y",
	    "%-d de %B de %Y", "%H:%M", MONTHS_PT, DAYS_PT, 3 },
	{ "es-ES", ",", ".", 5, "EUR", "€", true, " ", "%-d/%-m/%Y",
	    "%-d de %B de %Y", "%-H:%M", MONTHS_ES, DAYS_ES, 3 },
	{ "es-AR", ",", ".", 4, "ARS", "$", false, " ", "%-d/%-m/%Y",
	    "%-d de %B de %Y", "%H:%M", MONTHS_ES, DAYS_ES, 3 },
	{ "es-MX", ".", ",", 4, "MXN", "$", false, "", "%d/%m/%Y",
	    "%-d de %B de %Y", "%H:%M", MONTHS_ES, DAYS_ES, 3 },
	{ "de-DE", ",", ".", 4, "EUR", "€", true, " ", "%d.%m.%Y", "%-d. %B %Y",
	    "%H:%M", MONTHS_DE, DAYS_DE, 3 },
	{ "fr-FR", ",", " ", 4, "EUR", "€", true, " ", "%d/%m/%Y", "%-d %B %Y",
	    "%H:%M", MONTHS_FR, DAYS_FR, 4 },
};
#define NTABLE (sizeof(table) / sizeof(*table))

const char *const cdp_locale_names[] = { "en-US", "en-GB", "pt-BR", "pt-PT",
	"es-ES", "es-AR", "es-MX", "de-DE", "fr-FR", NULL };

const struct cdp_locale *
cdp_locale_find(struct cdp_str name)
{
	for (size_t i = 0; i < NTABLE; i++) {
		const char *z = table[i].name;

		if ((name.n == 5 || name.n == 2) &&
		    strncasecmp(z, name.p, 2) == 0 &&
		    (name.n == 2 ||
			((name.p[2] == '-' || name.p[2] == '_') &&
			    strncasecmp(z + 3, name.p + 3, 2) == 0)))
			return &table[i];
	}
	return NULL;
}

/* ---- numbers ---- */

static void
put_grouped(struct cdp_buf *b, const struct cdp_locale *lo, __int128 v)
{
	char digit[48];
	int n = 0;

	do {
		digit[n++] = (char)('0' + (int)(v % 10));
		v /= 10;
	} while (v != 0);
	for (int i = n; i-- > 0;) {
		cdp_buf_putc(b, digit[i]);
		if (i % 3 == 0 && i != 0 && n >= lo->group_from)
			cdp_buf_puts(b, lo->group);
	}
}

/* Of a number that is not negative. */
static void
put_positive(
    struct cdp_buf *b, const struct cdp_locale *lo, __int128 v, int digits)
{
	__int128 rest = v % UNIT, place = UNIT;
	size_t end;

	put_grouped(b, lo, v / UNIT);
	if (digits == 0 || (digits < 0 && rest == 0))
		return;
	cdp_buf_puts(b, lo->point);
	for (int i = 0; i < (digits < 0 ? 12 : digits); i++) {
		place /= 10;
		cdp_buf_putc(b, (char)('0' + (int)(rest / place % 10)));
	}
	for (end = b->n; digits < 0 && b->p[end - 1] == '0';)
		b->n = --end;
}

static __int128
rounded(__int128 v, int digits)
{
	__int128 unit = UNIT;

	if (digits < 0 || digits >= 12)
		return v;
	for (int i = 0; i < digits; i++)
		unit /= 10;
	return (v + unit / 2) / unit * unit;
}

static __int128
take_minus(struct cdp_buf *b, struct cdp_dec d, int digits)
{
	__int128 v = rounded(d.v < 0 ? -d.v : d.v, digits);

	if (d.v < 0 && v != 0)
		cdp_buf_putc(b, '-');
	return v;
}

void
cdp_locale_number(struct cdp_buf *b, const struct cdp_locale *lo,
    struct cdp_dec d, int digits)
{
	__int128 v;

	digits = digits > 12 ? 12 : digits;
	v = take_minus(b, d, digits);
	put_positive(b, lo, v, digits);
}

/* ---- money ---- */

/* ISO 4217: those that are not of a hundred parts. */
static int
parts(struct cdp_str code)
{
	static const char none[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF "
				   "UGX UYI VND VUV XAF XOF XPF";
	static const char mille[] = "BHD IQD JOD KWD LYD OMR TND";

	if (memmem(none, sizeof(none) - 1, code.p, code.n) != NULL)
		return 0;
	return memmem(mille, sizeof(mille) - 1, code.p, code.n) != NULL ? 3 : 2;
}

static const char *
sign_of(const struct cdp_locale *lo, struct cdp_str code)
{
	static const struct {
		const char *code, *sign;
	} known[] = { { "BRL", "R$" }, { "EUR", "€" }, { "GBP", "£" },
		{ "USD", "US$" }, { "JPY", "¥" }, { "INR", "₹" } };

	if (cdp_str_is(code, lo->home))
		return lo->sign;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (cdp_str_is(code, known[i].code))
			return known[i].sign;
	return NULL;
}

int
cdp_locale_money(struct cdp_buf *b, const struct cdp_locale *lo,
    struct cdp_dec d, struct cdp_str code, struct cdp_err *err)
{
	const char *sign;
	__int128 v;
	bool bad = code.n != 3;

	for (size_t i = 0; i < code.n; i++)
		bad = bad || code.p[i] < 'A' || code.p[i] > 'Z';
	if (bad)
		return cdp_fail(err, CDP_EDATA,
		    "a currency is three capital letters, such as BRL, not "
		    "'%.*s'",
		    (int)code.n, code.p);
	sign = sign_of(lo, code);
	v = take_minus(b, d, parts(code));
	if (!lo->behind && sign != NULL)
		cdp_buf_puts(b, sign);
	else if (!lo->behind)
		cdp_buf_put(b, code);
	if (!lo->behind)
		cdp_buf_puts(b, sign != NULL ? lo->gap : " ");
	put_positive(b, lo, v, parts(code));
	if (lo->behind)
		cdp_buf_puts(b, lo->gap);
	if (lo->behind && sign != NULL)
		cdp_buf_puts(b, sign);
	else if (lo->behind)
		cdp_buf_put(b, code);
	return 0;
}

/* ---- dates ---- */

struct day {
	int64_t year;
	int month, day, weekday, yearday; /* from 0, but for day: from 1 */
	int hour, min, sec;
};

/* The calendar, from days since 1970; years begin in March meanwhile. */
static struct day
split(int64_t ms)
{
	int64_t days = ms / DAY_MS - (ms % DAY_MS < 0);
	int64_t rest = ms - days * DAY_MS, z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp;
	struct day d = { .year = yoe + era * 400 };
	bool leap;

	mp = (5 * doy + 2) / 153;
	d.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	d.month = (int)(mp < 10 ? mp + 2 : mp - 10);
	d.year += d.month <= 1;
	leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
	d.yearday = (int)(d.month >= 2 ? doy + 59 + leap : doy - 306);
	d.weekday = (int)(((days + 4) % 7 + 7) % 7);
	d.hour = (int)(rest / 3600000);
	d.min = (int)(rest / 60000 % 60);
	d.sec = (int)(rest / 1000 % 60);
	return d;
}

/* Its first letters, whole ones. */
static void
put_short(struct cdp_buf *b, const char *name, size_t letters)
{
	for (; *name != '\0'; name++) {
		if (((unsigned char)*name & 0xc0) != 0x80 && letters-- == 0)
			return;
		cdp_buf_putc(b, *name);
	}
}

static bool
put_field(struct cdp_buf *b, const struct cdp_locale *lo, const struct day *d,
    char c, bool bare)
{
	int v, width = bare ? 1 : 2;

	switch (c) {
	case 'Y':
		cdp_buf_i64(b, d->year);
		return true;
	case 'B':
		cdp_buf_puts(b, lo->month[d->month]);
		return true;
	case 'b':
		put_short(b, lo->month[d->month], lo->abbr);
		return true;
	case 'A':
		cdp_buf_puts(b, lo->day[d->weekday]);
		return true;
	case 'a':
		put_short(b, lo->day[d->weekday], 3);
		return true;
	case 'p':
		cdp_buf_puts(b, d->hour < 12 ? "AM" : "PM");
		return true;
	case '%':
		cdp_buf_putc(b, '%');
		return true;
	case 'y':
		v = (int)(d->year % 100);
		break;
	case 'm':
		v = d->month + 1;
		break;
	case 'd':
		v = d->day;
		break;
	case 'H':
		v = d->hour;
		break;
	case 'I':
		v = d->hour % 12 == 0 ? 12 : d->hour % 12;
		break;
	case 'M':
		v = d->min;
		break;
	case 'S':
		v = d->sec;
		break;
	case 'j':
		v = d->yearday + 1;
		width = bare ? 1 : 3;
		break;
	default:
		return false;
	}
	cdp_buf_printf(b, "%0*d", width, v);
	return true;
}

int
cdp_locale_date(struct cdp_buf *b, const struct cdp_locale *lo,
    int64_t local_ms, struct cdp_str form, struct cdp_err *err)
{
	const struct day d = split(local_ms);
	bool bare;

	if (cdp_str_is(form, "short"))
		form = cdp_str_of(lo->shortly);
	else if (cdp_str_is(form, "long"))
		form = cdp_str_of(lo->at_length);
	else if (cdp_str_is(form, "time"))
		form = cdp_str_of(lo->time);
	for (size_t i = 0; i < form.n; i++) {
		if (form.p[i] != '%') {
			cdp_buf_putc(b, form.p[i]);
			continue;
		}
		bare = i + 1 < form.n && form.p[i + 1] == '-';
		i += bare ? 2 : 1;
		if (i >= form.n || !put_field(b, lo, &d, form.p[i], bare))
			return cdp_fail(err, CDP_EDATA,
			    "a date has no '%.*s': %%d %%m %%Y %%H %%M and "
			    "their like, or short, long, time",
			    (int)form.n, form.p);
	}
	return 0;
}
