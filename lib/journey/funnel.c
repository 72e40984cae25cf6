#include "lib/journey/chart.h"

#include <math.h>

#include "lib/json/num.h"
#include "lib/json/write.h"

#define Z 1.959963984540054 /* of a normal distribution: 95 % */

static const char *const arms[CDP_NARMS] = { "treated", "control" };

/* Wilson's interval of k successes in n. */
static void
wilson(double k, double n, double *low, double *high)
{
	double p = k / n, z2 = Z * Z / n;
	double mid = (p + z2 / 2) / (1 + z2);
	double half = Z * sqrt(p * (1 - p) / n + z2 / (4 * n)) / (1 + z2);

	*low = k == 0 ? 0 : mid - half;
	*high = k == n ? 1 : mid + half;
}

/* Four digits are what anybody can use. */
static void
put_share(struct cdp_buf *b, const char *key, double v)
{
	cdp_json_key(b, key);
	cdp_num_put_double(b, round(v * 10000) / 10000 + 0.0);
}

void
cdp_chart_difference(
    const int64_t k[2], const int64_t n[2], double *low, double *high)
{
	double p[2], l[2], u[2];
	int i;

	for (i = 0; i < 2; i++) {
		p[i] = (double)k[i] / (double)n[i];
		wilson((double)k[i], (double)n[i], &l[i], &u[i]);
	}
	*low = p[0] - p[1] - hypot(p[0] - l[0], u[1] - p[1]);
	*high = p[0] - p[1] + hypot(u[0] - p[0], p[1] - l[1]);
}

static void
put_lift(struct cdp_buf *b, const struct cdp_tally *t)
{
	double p, q, low, high;

	/* Who was moved has been in two versions: neither can be compared. */
	if (t->entered[0] == 0 || t->entered[1] == 0 || t->moved != 0 ||
	    t->goals[0] > t->entered[0] || t->goals[1] > t->entered[1])
		return;
	p = (double)t->goals[0] / (double)t->entered[0];
	q = (double)t->goals[1] / (double)t->entered[1];
	cdp_chart_difference(t->goals, t->entered, &low, &high);
	cdp_json_key(b, "lift");
	cdp_buf_putc(b, '{');
	put_share(b, "difference", p - q);
	put_share(b, "low", low);
	put_share(b, "high", high);
	if (q > 0)
		put_share(b, "relative", (p - q) / q);
	cdp_json_kraw(b, "confidence", CDP_STR("0.95"));
	cdp_json_kstr(b, "method", CDP_STR("newcombe"));
	cdp_buf_putc(b, '}');
}

static void
put_arms(
    struct cdp_buf *b, const struct cdp_journey *jr, const struct cdp_tally *t)
{
	int k;

	if (!jr->has_goal)
		return;
	cdp_json_key(b, "goal");
	cdp_buf_putc(b, '{');
	for (k = 0; k < CDP_NARMS; k++) {
		if (t->entered[k] == 0)
			continue;
		cdp_json_key(b, arms[k]);
		cdp_buf_putc(b, '{');
		cdp_json_ki64(b, "entered", t->entered[k]);
		cdp_json_ki64(b, "reached", t->goals[k]);
		put_share(
		    b, "share", (double)t->goals[k] / (double)t->entered[k]);
		if (jr->goal_value.n != 0) {
			cdp_json_key(b, "value");
			cdp_dec_put(b, t->value[k]);
		}
		cdp_buf_putc(b, '}');
	}
	put_lift(b, t);
	cdp_buf_putc(b, '}');
}

static int64_t
count(const struct cdp_counts *c, struct cdp_str name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (cdp_str_is(name, c->v[i].name))
			return c->v[i].n;
	return 0;
}

static void
put_step(struct cdp_buf *b, const struct cdp_step *st,
    const struct cdp_tally *t, int64_t entered)
{
	int64_t n = count(&t->step, st->id);

	cdp_json_comma(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "step", st->id);
	cdp_json_ki64(b, "reached", n);
	if (entered != 0)
		put_share(b, "share", (double)n / (double)entered);
	if (st->kind == CDP_STEP_SEND)
		cdp_json_ki64(b, "sent", count(&t->sent, st->id));
	if (st->undo.n != 0)
		cdp_json_ki64(b, "undone", count(&t->undone, st->id));
	cdp_buf_putc(b, '}');
}

void
cdp_chart_funnel(struct cdp_buf *b, const struct cdp_journey *jr,
    const struct cdp_tally *t, bool all)
{
	int64_t entered = t->entered[0] + t->entered[1];
	size_t i;

	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "journey", jr->key);
	if (!all)
		cdp_json_kstr(b, "version", cdp_str_of(jr->version));
	cdp_json_ki64(b, "entered", entered);
	if (jr->holdout_bp != 0)
		cdp_json_ki64(b, "control", t->entered[CDP_ARM_CONTROL]);
	if (t->moved != 0)
		cdp_json_ki64(b, "moved", t->moved);
	cdp_json_ki64(b, "running", cdp_tally_running(t));
	cdp_json_key(b, "steps");
	cdp_buf_putc(b, '[');
	for (i = 0; i < jr->nstep; i++)
		put_step(b, &jr->step[i], t, entered);
	cdp_buf_putc(b, ']');
	cdp_counts_write(b, "outcomes", &t->outcome);
	cdp_counts_write(b, "skipped", &t->skipped);
	put_arms(b, jr, t);
	cdp_buf_puts(b, "}\n");
}
