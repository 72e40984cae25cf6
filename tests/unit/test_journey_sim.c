/*
 * Journeys against a simulation that goes minute by minute and knows no
 * timers, queues or states: random events of a few people, random rules.
 */
#include "tests/unit/journey_rig.h"

#define PEOPLE 4
#define MINUTES 240
#define CARTS 3

struct rules {
	int hold; /* minutes */
	bool restart;
	int max, up_to; /* of restarts: how many, minutes in all; 0: any */
	bool per;
	bool each;
	bool until; /* a second mail, at entry + 3 holds */
};

/* One cart of one person; with "each" several run beside each other. */
struct run {
	bool open;
	int who, cart;
	int start, here; /* of the hold, and its restarts */
	int deadline, ref;
	bool mailed;
};

struct sim {
	struct rules rules;
	struct run run[1024];
	size_t nrun;
	int entered, converted, done;
	char mails[32768]; /* "minute who cart step\n", sorted by the caller */
};

/* A generator of its own: the same on every machine. */
static unsigned
roll(uint64_t *seed, unsigned below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(*seed >> 33) % below;
}

static void
mail(struct sim *s, const struct run *r, int minute, const char *step)
{
	size_t n = strlen(s->mails);

	snprintf(s->mails + n, sizeof(s->mails) - n, "%04d p_%d %d %s\n",
	    minute, r->who, r->cart, step);
}

static void
time_comes(struct sim *s, int minute, int who)
{
	struct run *r;
	size_t i;

	for (i = 0; i < s->nrun; i++) {
		r = &s->run[i];
		if (!r->open || r->who != who || minute < r->deadline)
			continue;
		if (!r->mailed) {
			mail(s, r, r->deadline, "first");
			r->mailed = true;
			if (s->rules.until) {
				r->deadline = r->ref + 3 * s->rules.hold;
				if (minute < r->deadline)
					continue;
			}
		}
		if (s->rules.until)
			mail(s, r, r->deadline, "second");
		r->open = false;
		s->done++;
	}
}

static bool
same(const struct sim *s, const struct run *r, int who, int cart)
{
	return r->open && r->who == who &&
	    (!s->rules.per || cart < 0 || r->cart == cart);
}

static void
bought(struct sim *s, int who, int cart)
{
	size_t i;

	for (i = 0; i < s->nrun; i++)
		if (same(s, &s->run[i], who, cart)) {
			s->run[i].open = false;
			s->converted++;
		}
}

static void
again(const struct sim *s, struct run *r, int minute)
{
	if (s->rules.max != 0 && r->here == s->rules.max)
		return;
	r->here++;
	r->ref = minute;
	r->deadline = minute + s->rules.hold;
	if (s->rules.up_to != 0 && r->deadline > r->start + s->rules.up_to)
		r->deadline = r->start + s->rules.up_to;
}

static void
added(struct sim *s, int minute, int who, int cart)
{
	bool runs = false;
	size_t i;

	if (s->rules.restart)
		for (i = 0; i < s->nrun; i++)
			if (same(s, &s->run[i], who, cart) && !s->run[i].mailed)
				again(s, &s->run[i], minute);
	if (s->rules.per && cart < 0)
		return;
	for (i = 0; i < s->nrun; i++)
		runs = runs || same(s, &s->run[i], who, cart);
	if (runs && !s->rules.each)
		return;
	assert_true(s->nrun < 1024);
	s->run[s->nrun++] = (struct run){ .open = true,
		.who = who,
		.cart = s->rules.per ? cart : 0,
		.start = minute,
		.deadline = minute + s->rules.hold,
		.ref = minute };
	s->entered++;
}

static void
load_rules(struct rig *r, const struct rules *k)
{
	char yaml[1024], restart[96] = "", max[24] = "", up_to[24] = "";

	if (k->max != 0)
		snprintf(max, sizeof(max), ", max: %d", k->max);
	if (k->up_to != 0)
		snprintf(up_to, sizeof(up_to), ", up_to: %dm", k->up_to);
	if (k->restart)
		snprintf(restart, sizeof(restart),
		    ", restart_on: {event: add%s%s}", max, up_to);
	snprintf(yaml, sizeof(yaml),
	    "journeys:\n"
	    "  cart:\n"
	    "    enter:\n"
	    "      event: add\n"
	    "      again: %s\n"
	    "%s"
	    "    exit: [{id: converted, event: buy}]\n"
	    "    steps:\n"
	    "      - {id: h, hold: %dm%s}\n"
	    "      - {id: first, send: email}\n"
	    "%s",
	    k->each ? "each" : "after_exit",
	    k->per ? "      per: properties.cart\n" : "", k->hold, restart,
	    k->until ? "" : "      - {id: e, end: done}\n");
	if (k->until)
		snprintf(yaml + strlen(yaml), sizeof(yaml) - strlen(yaml),
		    "      - {id: u, until: %dm}\n"
		    "      - {id: second, send: sms}\n"
		    "      - {id: e, end: done}\n",
		    3 * k->hold);
	rig_init(r, yaml);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of text, sorted, joined. */
static void
sort_lines(char *text)
{
	char *copy = cdp_xstrdup(text), *at[1024], *p;
	size_t n = 0, i;

	for (p = strtok(copy, "\n"); p != NULL; p = strtok(NULL, "\n")) {
		assert_true(n < 1024);
		at[n++] = p;
	}
	qsort(at, n, sizeof(at[0]), by_text);
	text[0] = '\0';
	for (i = 0; i < n; i++) {
		strcat(text, at[i]);
		strcat(text, "\n");
	}
	free(copy);
}

/* The activations of the rig's last output, as the simulation writes them. */
static void
mails_of(struct rig *r, bool per, char *ret, size_t size)
{
	struct cdp_arena mem = { 0 };
	struct cdp_tape t = { 0 };
	struct cdp_err err = { 0 };
	struct cdp_line ln;
	const char *p, *nl;
	struct cdp_str step;
	int64_t cart;
	uint32_t at;
	size_t n = 0;

	ret[0] = '\0';
	for (p = r->out.p; p < r->out.p + r->out.n; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(r->out.p + r->out.n - p));
		assert_int_equal(
		    cdp_line_parse((struct cdp_str){ p, (size_t)(nl - p) }, 1,
			&t, &mem, &ln, &err),
		    0);
		if (ln.type != CDP_ACTIVATION)
			continue;
		at = cdp_tape_get(&t, 0, CDP_STR("event"));
		at = cdp_tape_get(&t, at, CDP_STR("properties"));
		cart = 0;
		if (per)
			cdp_tape_i64(
			    &t, cdp_tape_get(&t, at, CDP_STR("cart")), &cart);
		step = cdp_tape_str(
		    &t, cdp_tape_get(&t, 0, CDP_STR("step")), &mem);
		n += (size_t)snprintf(ret + n, size - n, "%04d %.*s %d %.*s\n",
		    (int)((ln.ts_ms - BASE) / 60000), (int)ln.profile_id.n,
		    ln.profile_id.p, (int)cart, (int)step.n, step.p);
		assert_true(n < size);
	}
	cdp_arena_free(&mem);
	cdp_tape_free(&t);
}

static void
one_round(uint64_t seed, bool stored)
{
	struct sim *s = cdp_xcalloc(1, sizeof(*s));
	static char got[32768];
	char who[16], props[32], want[128];
	struct rig r;
	int minute, p, cart, kind;

	s->rules = (struct rules){ .hold = 5 + (int)roll(&seed, 30),
		.restart = roll(&seed, 3) != 0,
		.per = roll(&seed, 2),
		.each = roll(&seed, 4) == 0,
		.until = roll(&seed, 2) };
	if (roll(&seed, 2))
		s->rules.max = 1 + (int)roll(&seed, 3);
	if (roll(&seed, 2))
		s->rules.up_to = s->rules.hold + (int)roll(&seed, 60);
	load_rules(&r, &s->rules);
	for (minute = 0; minute < MINUTES; minute++) {
		for (p = 0; p < PEOPLE; p++)
			time_comes(s, minute, p);
		if (roll(&seed, 10) == 0)
			rig_clock(&r, minute);
		if (roll(&seed, 4) != 0)
			continue;
		p = (int)roll(&seed, PEOPLE);
		kind = (int)roll(&seed, 5);
		cart = (int)roll(&seed, CARTS);
		if (kind == 4 && roll(&seed, 2))
			cart = -1;
		snprintf(who, sizeof(who), "%d", p);
		snprintf(
		    props, sizeof(props), cart < 0 ? "" : "\"cart\":%d", cart);
		rig_event(&r, minute, who,
		    kind == 4       ? "buy"
			: kind == 3 ? "look"
				    : "add",
		    props, "");
		if (kind == 4)
			bought(s, p, cart);
		else if (kind != 3)
			added(s, minute, p, cart);
	}
	for (; minute < 2 * MINUTES; minute++)
		for (p = 0; p < PEOPLE; p++)
			time_comes(s, minute, p);
	rig_clock(&r, 2 * MINUTES);
	if (stored)
		rig_run(&r);
	else
		rig_once(&r, NULL, 0, false, &r.out);
	mails_of(&r, s->rules.per, got, sizeof(got));
	sort_lines(got);
	sort_lines(s->mails);
	assert_string_equal(got, s->mails);
	snprintf(want, sizeof(want), "\"entered\":%d,", s->entered);
	rig_counts(&r, want);
	snprintf(want, sizeof(want), "\"converted\":%d,", s->converted);
	if (s->converted != 0 && s->done != 0)
		rig_counts(&r, want);
	snprintf(want, sizeof(want), "\"done\":%d}", s->done);
	if (s->done != 0)
		rig_counts(&r, want);
	rig_free(&r);
	free(s);
}

static void
test_journey_is_what_a_simulation_says(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 300; seed++)
		one_round(seed, seed % 100 == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_journey_is_what_a_simulation_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
