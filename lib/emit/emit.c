#include "lib/emit/emitint.h"

#include <stdlib.h>

#include "lib/base/mem.h"

/* ---- made from a project ---- */

static struct outlet *
find_outlet(struct cdp_emit *em, struct cdp_str name)
{
	for (size_t i = 0; i < em->pr->ndestination; i++)
		if (cdp_str_eq(em->pr->destination[i].name, name))
			return &em->outlet[i];
	return NULL;
}

static int
no_such(const struct cdp_project *pr, struct cdp_str name, struct cdp_err *err)
{
	struct cdp_str *v = cdp_xcalloc(pr->ndestination + 1, sizeof(*v)), near;
	int at;

	for (size_t i = 0; i < pr->ndestination; i++)
		v[i] = pr->destination[i].name;
	at = cdp_str_nearest(name, v, pr->ndestination);
	near = at >= 0 ? v[at] : CDP_STR("");
	free(v);
	return cdp_fail(err, CDP_ECONF,
	    "--only: no destination '%.*s' in the project%s%.*s%s", (int)name.n,
	    name.p, near.n != 0 ? "; did you mean '" : "", (int)near.n, near.p,
	    near.n != 0 ? "'?" : "");
}

static int
choose(struct cdp_emit *em, const char *only, struct cdp_err *err)
{
	struct outlet *o;
	size_t n;

	for (size_t i = 0; i < em->pr->ndestination; i++)
		em->outlet[i].wanted = only == NULL;
	for (; only != NULL && *only != '\0'; only += n + (only[n] == ',')) {
		n = strcspn(only, ",");
		o = find_outlet(em, (struct cdp_str){ only, n });
		if (o == NULL)
			return no_such(
			    em->pr, (struct cdp_str){ only, n }, err);
		o->wanted = true;
	}
	return 0;
}

static bool
is_wanted(void *arg, size_t i)
{
	const struct cdp_emit *em = arg;

	return em->outlet[i].wanted;
}

static int
make_sender(struct cdp_emit *em, struct cdp_err *err)
{
	const struct cdp_sender_opt so = { .pr = em->pr,
		.wanted = is_wanted,
		.wanted_arg = em,
		.secrets = em->opt.secrets,
		.others = &em->opt.others,
		.wait_ms = em->opt.wait_ms };
	bool any = false;

	for (size_t i = 0; i < em->pr->ndestination; i++)
		any |= em->outlet[i].def->via != CDP_VIA_FILE;
	if (!any || !em->opt.deliver || em->opt.dry_run ||
	    em->opt.spool != NULL)
		return 0;
	return em->opt.sending->new (&so, &em->sender, err);
}

int
cdp_emit_new(struct cdp_project *pr, const struct cdp_emit_opt *opt,
    struct cdp_emit **ret, struct cdp_err *err)
{
	struct cdp_emit *em = cdp_xcalloc(1, sizeof(*em));
	int rc;

	em->pr = pr;
	em->opt = *opt;
	em->desk = (struct cdp_desk){ .pr = pr,
		.render = { .jq = pr->jq },
		.kept = { .dry_run = opt->dry_run } };
	cdp_contacts_init(&em->desk.contacts, pr);
	cdp_feeds_init(&em->feeds, pr, &em->desk.kept);
	em->feeds.act = cdp_emit_fed;
	em->feeds.arg = em;
	em->outlet = cdp_xcalloc(pr->ndestination + 1, sizeof(*em->outlet));
	for (size_t i = 0; i < pr->ndestination; i++) {
		const struct cdp_destination *d = &pr->destination[i];

		em->outlet[i].def = d;
		cdp_spool_init(
		    &em->outlet[i].spool, opt->io, d->name, pr->dir, d->dir);
	}
	em->spool.fd = -1;
	if (opt->spool != NULL)
		cdp_spool_init(&em->spool, opt->io, CDP_STR("spool"),
		    opt->spool[0] == '/' ? CDP_STR("/") : CDP_STR("."),
		    cdp_str_of(opt->spool));
	if ((rc = choose(em, opt->only, err)) != 0 ||
	    (rc = make_sender(em, err)) != 0) {
		cdp_emit_free(em);
		return rc;
	}
	cdp_desk_want(pr);
	cdp_catalog_open(&em->catalog, pr, NULL);
	*ret = em;
	return 0;
}

void
cdp_emit_free(struct cdp_emit *em)
{
	if (em == NULL)
		return;
	for (size_t i = 0; i < em->pr->ndestination; i++)
		cdp_spool_free(&em->outlet[i].spool);
	free(em->outlet);
	cdp_spool_free(&em->spool);
	if (em->sender != NULL)
		em->opt.sending->free(em->sender);
	cdp_desk_free(&em->desk);
	cdp_feeds_free(&em->feeds);
	cdp_catalog_free(&em->catalog);
	cdp_buf_free(&em->woken);
	cdp_tape_free(&em->woken_tape);
	cdp_arena_free(&em->woken_mem);
	cdp_buf_free(&em->line);
	cdp_buf_free(&em->file);
	free(em);
}

static void
tally(struct cdp_emit *em, const struct cdp_delivery *d, struct cdp_outs *outs)
{
	struct outlet *o = find_outlet(em, d->destination);
	int moot = cdp_delivery_moot(d);

	if (o != NULL && moot >= 0)
		o->moot[moot]++;
	else if (o != NULL)
		o->count[d->status]++;
	if (d->status == CDP_FAILED && outs != NULL)
		cdp_outs_reject(outs, d->reason, d->destination, d->detail);
	else if (d->status == CDP_HELD && moot < 0)
		em->opt.held(em->opt.held_arg);
}

static struct cdp_spool *
spool_of(struct cdp_emit *em, const struct cdp_delivery *d)
{
	return em->opt.spool != NULL ? &em->spool
				     : &find_outlet(em, d->destination)->spool;
}

/* The same key twice is a fault of whoever wrote the input: say so. */
static int
enqueue(struct cdp_emit *em, struct cdp_delivery *d, struct cdp_err *err)
{
	size_t i = (size_t)(find_outlet(em, d->destination) - em->outlet);
	const struct cdp_order o = { .key = cdp_delivery_uuid(d),
		.profile = d->person,
		.req = d->request,
		.item = d->item,
		.stands = cdp_delivery_stands(d),
		.undo = d->way == CDP_GATE_UNDO,
		.undoes = d->undoes };
	int rc = em->opt.sending->add(em->sender, i, &o, err);

	if (rc != CDP_END)
		return rc;
	cdp_delivery_settle(d, CDP_HELD, "duplicate_key",
	    CDP_STR("the same activation was queued before"));
	return 0;
}

static bool
ends_here(enum cdp_type type)
{
	return cdp_type_is_event(type) || type == CDP_OBJECT_ROW ||
	    type == CDP_MERGE || type == CDP_PROFILE || type == CDP_CLOCK ||
	    type == CDP_WITHDRAW;
}

static int
decide(struct cdp_emit *em, const struct cdp_line *ln, enum cdp_came came,
    struct cdp_delivery *d, struct cdp_err *err)
{
	int rc = cdp_delivery_make(
	    &em->desk, ln, em->opt.deliver && !em->opt.dry_run, came, d, err);

	if (rc == 0 && d->status == CDP_QUEUED && em->opt.spool != NULL)
		d->status = CDP_SENT;
	if (rc == 0 && d->status == CDP_QUEUED)
		rc = enqueue(em, d, err);
	return rc;
}

void
cdp_emit_put(
    struct cdp_emit *em, const struct cdp_delivery *d, struct cdp_outs *outs)
{
	cdp_delivery_line(&em->line, d);
	if (outs != NULL)
		cdp_outs_line(outs, cdp_buf_str(&em->line));
	tally(em, d, outs);
}

static void
send_off(struct cdp_emit *em, const struct cdp_delivery *d)
{
	if (d->status <= CDP_QUEUED)
		cdp_delivery_out(&em->desk, d);
	if (d->status == CDP_SENT) {
		cdp_delivery_file_line(&em->file, d);
		cdp_spool_add(spool_of(em, d), cdp_buf_str(&em->file));
	}
}

int
cdp_emit_act(struct cdp_emit *em, const struct cdp_line *ln, enum cdp_came came,
    struct cdp_outs *outs, struct cdp_err *err)
{
	struct cdp_delivery d;
	int rc = decide(em, ln, came, &d, err);

	if (rc == 0 && d.way == CDP_GATE_UNDO)
		rc = cdp_emit_withdraw(em, ln, outs, err);
	if (rc != 0)
		return rc;
	cdp_emit_put(em, &d, outs);
	send_off(em, &d);
	return 0;
}

/* In memory of its own. */
int
cdp_emit_fed(void *arg, struct cdp_str line, struct cdp_str was,
    struct cdp_fed *ret, struct cdp_err *err)
{
	struct cdp_emit *em = arg;
	struct cdp_line ln;
	struct cdp_delivery d;
	int rc;

	cdp_arena_reset(&em->woken_mem);
	rc = cdp_line_parse(line, 0, &em->woken_tape, &em->woken_mem, &ln, err);
	if (rc == 0)
		rc = decide(em, &ln, CDP_CAME_FED, &d, err);
	if (rc != 0)
		return rc;
	ret->out = d.status <= CDP_QUEUED;
	ret->why = d.reason;
	memcpy(ret->key, d.key + 4, sizeof(ret->key));
	if (ret->out || !cdp_str_is(was, d.reason))
		cdp_emit_put(em, &d, em->outs);
	send_off(em, &d);
	return 0;
}

int
cdp_emit_step(void *self, const struct cdp_line *ln, struct cdp_outs *outs,
    struct cdp_err *err)
{
	struct cdp_emit *em = self;
	int rc;

	if (ln->type == CDP_OBJECT_ROW)
		return cdp_catalog_line(&em->catalog, ln, err);
	cdp_states_trim(&em->desk.contacts.all);
	if (cdp_contacts_wants(&em->desk.contacts, ln) &&
	    (rc = cdp_contacts_line(&em->desk.contacts, ln, err)) != 0)
		return rc;
	em->outs = outs;
	if (cdp_feeds_wants(&em->feeds, ln) &&
	    (rc = cdp_feeds_line(&em->feeds, ln, err)) != 0)
		return rc;
	if (ln->type == CDP_ACTIVATION)
		return cdp_emit_act(em, ln, CDP_CAME_NOW, outs, err);
	if (ln->type == CDP_CLOCK)
		return cdp_emit_wake(em, ln->ts_ms, outs, err);
	if (ln->type == CDP_WITHDRAW)
		return cdp_emit_withdraw(em, ln, outs, err);
	if (!ends_here(ln->type))
		cdp_outs_pass(outs);
	return 0;
}

/* What an earlier run held or failed makes this one's exit status, too. */
void
cdp_emit_replayed(void *self, struct cdp_str json)
{
	struct cdp_emit *em = self;

	if (cdp_delivery_is_held(json))
		em->opt.held(em->opt.held_arg);
}

/* ---- the input ---- */

int
cdp_emit_line(void *self, struct cdp_stage *sg, const struct cdp_line *ln,
    struct cdp_err *err)
{
	struct cdp_emit *em = self;
	const struct outlet *o;
	int rc;

	/* Who waits for what is to be known before anything is passed over. */
	if (ln->n != 0 && cdp_contacts_waits(&em->desk.contacts) &&
	    (rc = cdp_stage_ready(sg, err)) != 0)
		return rc;
	/* Without a number it is the stage that complains. */
	if (ln->n != 0 && ends_here(ln->type) &&
	    !cdp_contacts_wants(&em->desk.contacts, ln) &&
	    !cdp_feeds_wants(&em->feeds, ln) &&
	    (ln->type != CDP_OBJECT_ROW || em->pr->nentity == 0)) {
		cdp_stage_consume(sg);
		return 0;
	}
	if (ln->type == CDP_ACTIVATION) {
		o = find_outlet(em,
		    cdp_tape_str(ln->tape,
			cdp_tape_get(ln->tape, 0, CDP_STR("destination")),
			ln->mem));
		if (em->opt.only != NULL && (o == NULL || !o->wanted)) {
			em->elsewhere++;
			cdp_stage_consume(sg);
			return 0;
		}
	}
	return cdp_stage_line(sg, ln, err);
}

int
cdp_emit_wait(void *self, struct cdp_stage *sg, int fd, struct cdp_err *err)
{
	struct cdp_emit *em = self;

	return em->sender != NULL && cdp_stage_log(sg) != NULL
	    ? em->opt.sending->wait(em->sender, fd, err)
	    : 0;
}

int
cdp_emit_tick(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	struct cdp_emit *em = self;

	return em->sender != NULL && em->opt.sending->busy(em->sender)
	    ? cdp_stage_flush(sg, err)
	    : 0;
}

static int
revive(struct cdp_emit *em, struct cdp_err *err)
{
	int rc = 0;

	if (em->opt.resolve != NULL)
		rc = em->opt.sending->revive(em->sender,
		    strcmp(em->opt.resolve, "sent") == 0 ? CDP_RESOLVE_SENT
							 : CDP_RESOLVE_AGAIN,
		    err);
	if (rc == 0 && (em->opt.redrive || em->opt.resync))
		rc = em->opt.sending->revive(em->sender, CDP_REDRIVE, err);
	return rc;
}

int
cdp_emit_finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	struct cdp_emit *em = self;
	int rc;

	if (em->opt.dry_run || (em->sender == NULL && !em->opt.resync))
		return 0;
	if ((rc = cdp_stage_ready(sg, err)) != 0 ||
	    (rc = cdp_stage_flush(sg, err)) != 0)
		return rc;
	if (em->sender != NULL && (rc = revive(em, err)) != 0)
		return rc;
	if (em->opt.resync &&
	    (rc = cdp_emit_resync(em, cdp_stage_log(sg), err)) != 0)
		return rc;
	if (em->sender == NULL)
		return 0;
	if ((rc = em->opt.sending->drain(em->sender, err)) != 0)
		return rc;
	for (size_t i = 0; i < em->pr->ndestination; i++)
		if (em->outlet[i].wanted &&
		    em->outlet[i].def->via != CDP_VIA_FILE)
			cdp_emit_tell(em, i);
	return 0;
}
