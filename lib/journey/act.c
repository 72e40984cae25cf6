#include "lib/journey/engine.h"

#include "lib/json/write.h"

/* What an activation says beside what its instance knows. */
struct act {
	struct cdp_str step, destination, action, template;
	struct cdp_str undo; /* the action that will take it back, or empty */
	bool undoes;         /* it takes back what its step did */
	int64_t visit;
	struct cdp_str why; /* the last reason, or empty */
};

static void
put_id(struct cdp_buf *b, const struct cdp_instance *in, const struct act *a)
{
	char hex[25], visit[24];
	struct cdp_str s[6];

	snprintf(visit, sizeof(visit), "%lld", (long long)a->visit);
	s[0] = in->jr->key;
	s[1] = cdp_str_of(in->jr->version);
	s[2] = cdp_str_of(in->id);
	s[3] = a->step;
	s[4] = cdp_str_of(visit);
	s[5] = a->action;
	cdp_hash_sha256(s, 6, hex, 24);
	cdp_buf_puts(b, ",\"messageId\":\"act_");
	cdp_buf_puts(b, hex);
	cdp_buf_putc(b, '"');
}

static void
put_reason(struct cdp_buf *b, struct cdp_arena *mem, const char *what,
    int64_t ms, const char *by)
{
	char when[CDP_TIME_SIZE];

	cdp_time_format(ms, when);
	cdp_json_comma(b);
	cdp_json_str(
	    b, cdp_arena_printf(mem, "%s at %s by %s", what, when, by));
}

void
cdp_act_why(struct cdp_buf *b, struct cdp_arena *mem,
    const struct cdp_instance *in, struct cdp_str last)
{
	const struct cdp_way *w = &in->way;
	size_t i;

	cdp_json_key(b, "why");
	cdp_buf_putc(b, '[');
	put_reason(b, mem, "entered", in->entered_ms, in->by);
	if (w->restarts > 0)
		put_reason(b, mem,
		    w->restarts == 1
			? "restarted"
			: cdp_arena_printf(mem, "restarted %lld times, last",
			      (long long)w->restarts)
			      .p,
		    cdp_way_restarted(w, in->entered_ms),
		    w->restart_by != NULL ? w->restart_by : in->by);
	for (i = 0; i < w->nnote; i++) {
		cdp_json_comma(b);
		cdp_json_str(b, cdp_way_text(w, i, in->jr, mem));
	}
	if (last.n != 0) {
		cdp_json_comma(b);
		cdp_json_str(b, last);
	}
	cdp_buf_putc(b, ']');
}

static void
tell(const struct cdp_scene *sc, const struct cdp_instance *in,
    const struct act *a)
{
	struct cdp_passage p = { .journey = in->jr->key,
		.profile = sc->p->k.due.id,
		.step = a->step,
		.action = a->action,
		.at_ms = sc->t_ms };

	if (sc->js->watch != NULL)
		sc->js->watch(sc->js->watch_arg, &p);
}

/*
 * An instance may run under a version that nobody behind us knows any more, so
 * its lines say which of them belong together.
 */
static void
put_undo(struct cdp_buf *b, const struct act *a)
{
	if (a->undoes)
		cdp_json_kraw(b, "undo", CDP_STR("true"));
	else if (a->undo.n != 0)
		cdp_json_kstr(b, "undo", a->undo);
	else if (cdp_str_is(a->action, "remove"))
		cdp_json_kraw(b, "undo", CDP_STR("false"));
}

static void
put_line(
    struct cdp_scene *sc, const struct cdp_instance *in, const struct act *a)
{
	struct cdp_buf *b = &sc->js->scratch;

	cdp_buf_reset(b);
	cdp_buf_puts(b, "{\"type\":\"activation\"");
	put_id(b, in, a);
	cdp_json_ktime(b, "timestamp", sc->t_ms);
	cdp_json_kstr(b, "journey", in->jr->key);
	cdp_json_kstr(b, "step", a->step);
	cdp_json_kstr(b, "instance", cdp_str_of(in->id));
	cdp_json_kstr(b, "destination", a->destination);
	cdp_json_kstr(b, "action", a->action);
	put_undo(b, a);
	if (a->template.n != 0)
		cdp_json_kstr(b, "template", a->template);
	if (in->control)
		cdp_json_kraw(b, "holdout", CDP_STR("true"));
	cdp_json_kraw(b, "profile", cdp_scene_profile(sc));
	cdp_json_kraw(b, "kept",
	    in->kept.n != 0 ? cdp_buf_str(&in->kept) : CDP_STR("{}"));
	if (in->event.n != 0)
		cdp_json_kraw(b, "event", cdp_buf_str(&in->event));
	cdp_act_why(b, sc->mem, in, a->why);
	cdp_buf_putc(b, '}');
	cdp_outs_line(sc->outs, cdp_buf_str(b));
}

void
cdp_act_send(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_step *st)
{
	struct act a = { .step = st->id,
		.destination = st->send,
		.action = st->action,
		.template = st->template,
		.visit = in->visit[st - in->jr->step] };

	/* Of who is in the control group nothing is taken back. */
	if (!in->control)
		a.undo = st->undo;
	put_line(sc, in, &a);
	if (in->control)
		return; /* it goes nowhere */
	tell(sc, in, &a);
	cdp_counts_add(&cdp_scene_tally(sc, in)->sent, st->id, 1);
}

void
cdp_act_exit(struct cdp_scene *sc, struct cdp_instance *in,
    const struct cdp_exit_def *x, struct cdp_str why)
{
	struct cdp_buf entry = in->event;
	struct act a = { .step = x->id,
		.destination = x->send,
		.action = x->action,
		.template = x->template,
		.visit = 1,
		.why = why };

	if (sc->ln != NULL) {
		in->event = (struct cdp_buf){ 0 };
		cdp_scene_event(sc, in);
	}
	put_line(sc, in, &a);
	if (sc->ln != NULL) {
		cdp_buf_free(&in->event);
		in->event = entry;
	}
	if (in->control)
		return;
	tell(sc, in, &a);
	cdp_counts_add(&cdp_scene_tally(sc, in)->sent, x->id, 1);
}

/* It went nowhere yet, and it is not to. */
static void
withdraw(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_undo *u, struct cdp_str why)
{
	struct cdp_buf *b = &sc->js->scratch;

	cdp_buf_reset(b);
	cdp_buf_puts(b, "{\"type\":\"withdraw\"");
	cdp_json_ktime(b, "timestamp", sc->t_ms);
	cdp_json_kstr(b, "journey", in->jr->key);
	cdp_json_kstr(b, "step", cdp_str_of(u->step));
	cdp_json_kstr(b, "instance", cdp_str_of(in->id));
	cdp_json_kstr(b, "destination", cdp_str_of(u->destination));
	cdp_json_key(b, "profile");
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "id", sc->p->k.due.id);
	cdp_buf_putc(b, '}');
	cdp_act_why(b, sc->mem, in, why);
	cdp_buf_putc(b, '}');
	cdp_outs_line(sc->outs, cdp_buf_str(b));
}

void
cdp_act_undo(struct cdp_scene *sc, const struct cdp_instance *in,
    const struct cdp_undo *u, struct cdp_str why)
{
	struct act a = { .step = cdp_str_of(u->step),
		.destination = cdp_str_of(u->destination),
		.action = cdp_str_of(u->action),
		.undoes = true,
		.visit = u->visit,
		.why = why };

	if (a.action.n == 0) {
		withdraw(sc, in, u, why);
		return;
	}
	put_line(sc, in, &a);
	tell(sc, in, &a);
	cdp_counts_add(&cdp_scene_tally(sc, in)->undone, a.step, 1);
}
