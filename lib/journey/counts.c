#include "lib/journey/counts.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"

static const char *const arms[CDP_NARMS] = { "treated", "control" };

void
cdp_counts_add(struct cdp_counts *c, struct cdp_str name, int64_t n)
{
	size_t i = 0;
	int cmp = 1;

	while (
	    i < c->n && (cmp = cdp_str_cmp(cdp_str_of(c->v[i].name), name)) < 0)
		i++;
	if (i < c->n && cmp == 0) {
		c->v[i].n += n;
		return;
	}
	c->v = cdp_xreallocarray(c->v, c->n + 1, sizeof(*c->v));
	memmove(c->v + i + 1, c->v + i, (c->n - i) * sizeof(*c->v));
	c->v[i] = (struct cdp_count){ cdp_xstrndup(name), n };
	c->n++;
}

int64_t
cdp_counts_sum(const struct cdp_counts *c)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < c->n; i++)
		sum += c->v[i].n;
	return sum;
}

void
cdp_counts_write(struct cdp_buf *b, const char *key, const struct cdp_counts *c)
{
	size_t i;

	if (c->n == 0)
		return;
	cdp_json_key(b, key);
	cdp_buf_putc(b, '{');
	for (i = 0; i < c->n; i++) {
		cdp_json_comma(b);
		cdp_json_str(b, cdp_str_of(c->v[i].name));
		cdp_buf_putc(b, ':');
		cdp_buf_i64(b, c->v[i].n);
	}
	cdp_buf_putc(b, '}');
}

void
cdp_counts_read(struct cdp_counts *c, const struct cdp_tape *t, uint32_t at)
{
	struct cdp_arena mem = { 0 };
	uint32_t it = 0, key, val;
	int64_t n;

	while (cdp_tape_next(t, at, &it, &key, &val))
		if (cdp_tape_i64(t, val, &n))
			cdp_counts_add(c, cdp_tape_str(t, key, &mem), n);
	cdp_arena_free(&mem);
}

void
cdp_counts_free(struct cdp_counts *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		free(c->v[i].name);
	free(c->v);
	*c = (struct cdp_counts){ 0 };
}

static void
write_goals(struct cdp_buf *b, const struct cdp_tally *t)
{
	int k;

	if (t->goals[0] == 0 && t->goals[1] == 0)
		return;
	cdp_json_key(b, "goals");
	cdp_buf_putc(b, '{');
	for (k = 0; k < CDP_NARMS; k++) {
		if (t->entered[k] == 0)
			continue;
		cdp_json_key(b, arms[k]);
		cdp_buf_putc(b, '{');
		cdp_json_ki64(b, "n", t->goals[k]);
		cdp_json_key(b, "value");
		cdp_dec_put(b, t->value[k]);
		cdp_buf_putc(b, '}');
	}
	cdp_buf_putc(b, '}');
}

int64_t
cdp_tally_running(const struct cdp_tally *t)
{
	return t->entered[0] + t->entered[1] + t->moved -
	    cdp_counts_sum(&t->outcome);
}

void
cdp_tally_write(struct cdp_buf *b, const struct cdp_tally *t)
{
	cdp_json_ki64(b, "entered", t->entered[0] + t->entered[1]);
	cdp_json_ki64(b, "control", t->entered[CDP_ARM_CONTROL]);
	cdp_json_ki64(b, "running", cdp_tally_running(t));
	if (t->moved != 0)
		cdp_json_ki64(b, "moved", t->moved);
	cdp_counts_write(b, "outcomes", &t->outcome);
	cdp_counts_write(b, "sent", &t->sent);
	cdp_counts_write(b, "undone", &t->undone);
	write_goals(b, t);
	cdp_counts_write(b, "skipped", &t->skipped);
	cdp_counts_write(b, "steps", &t->step);
	if (t->until_ms != 0)
		cdp_json_ki64(b, "until", t->until_ms);
}

static void
add_counts(struct cdp_counts *to, const struct cdp_counts *from)
{
	size_t i;

	for (i = 0; i < from->n; i++)
		cdp_counts_add(to, cdp_str_of(from->v[i].name), from->v[i].n);
}

void
cdp_tally_add(struct cdp_tally *to, const struct cdp_tally *from)
{
	int k;

	for (k = 0; k < CDP_NARMS; k++) {
		to->entered[k] += from->entered[k];
		to->goals[k] += from->goals[k];
		cdp_dec_add(&to->value[k], from->value[k]);
	}
	to->moved += from->moved;
	if (to->until_ms < from->until_ms)
		to->until_ms = from->until_ms;
	add_counts(&to->outcome, &from->outcome);
	add_counts(&to->step, &from->step);
	add_counts(&to->sent, &from->sent);
	add_counts(&to->undone, &from->undone);
	add_counts(&to->skipped, &from->skipped);
}

static void
get_i64(const struct cdp_tape *t, uint32_t at, const char *key, int64_t *ret)
{
	cdp_tape_i64(t, cdp_tape_get(t, at, cdp_str_of(key)), ret);
}

void
cdp_tally_read(struct cdp_tally *ret, const struct cdp_tape *t, uint32_t at)
{
	uint32_t goals = cdp_tape_get(t, at, CDP_STR("goals")), arm, val;
	int k;

	get_i64(t, at, "entered", &ret->entered[CDP_ARM_TREATED]);
	get_i64(t, at, "control", &ret->entered[CDP_ARM_CONTROL]);
	get_i64(t, at, "moved", &ret->moved);
	get_i64(t, at, "until", &ret->until_ms);
	ret->entered[CDP_ARM_TREATED] -= ret->entered[CDP_ARM_CONTROL];
	cdp_counts_read(
	    &ret->skipped, t, cdp_tape_get(t, at, CDP_STR("skipped")));
	cdp_counts_read(
	    &ret->outcome, t, cdp_tape_get(t, at, CDP_STR("outcomes")));
	cdp_counts_read(&ret->step, t, cdp_tape_get(t, at, CDP_STR("steps")));
	cdp_counts_read(&ret->sent, t, cdp_tape_get(t, at, CDP_STR("sent")));
	cdp_counts_read(
	    &ret->undone, t, cdp_tape_get(t, at, CDP_STR("undone")));
	for (k = 0; k < CDP_NARMS; k++) {
		arm = cdp_tape_get(t, goals, cdp_str_of(arms[k]));
		get_i64(t, arm, "n", &ret->goals[k]);
		val = cdp_tape_get(t, arm, CDP_STR("value"));
		if (cdp_tape_isa(t, val, CDP_NUM))
			cdp_dec_parse(cdp_tape_raw(t, val), &ret->value[k]);
	}
}

void
cdp_tally_free(struct cdp_tally *t)
{
	cdp_counts_free(&t->outcome);
	cdp_counts_free(&t->step);
	cdp_counts_free(&t->sent);
	cdp_counts_free(&t->undone);
	cdp_counts_free(&t->skipped);
}
