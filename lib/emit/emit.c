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
			return cdp_fail(err, CDP_ECONF,
			    "--only: no destination '%.*s' in the project",
			    (int)n, only);
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
		.wait_ms = em->opt.wait_ms };
	bool any = false;

	for (size_t i = 0; i < em->pr->ndestination; i++)
		any |= em->outlet[i].wanted &&
		    em->outlet[i].def->via != CDP_VIA_FILE;
	if (!any || !em->opt.deliver || em->opt.dry_run ||
	    em->opt.spool != NULL)
		return 0;
	return cdp_sender_new(&so, &em->sender, err);
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
		.owed = { .dry_run = opt->dry_run } };
	cdp_contacts_init(&em->desk.contacts, pr);
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
	cdp_sender_free(em->sender);
	cdp_desk_free(&em->desk);
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
	if (d->status == CDP_FAILED)
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
	int rc = cdp_sender_add(em->sender, i, cdp_delivery_uuid(d),
	    d->ln->profile_id, d->request, d->item, d->way == CDP_GATE_UNDO,
	    err);

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

void
cdp_emit_put(
    struct cdp_emit *em, const struct cdp_delivery *d, struct cdp_outs *outs)
{
	cdp_delivery_line(&em->line, d);
	cdp_outs_line(outs, cdp_buf_str(&em->line));
	tally(em, d, outs);
}

int
cdp_emit_act(struct cdp_emit *em, const struct cdp_line *ln, bool again,
    struct cdp_outs *outs, struct cdp_err *err)
{
	struct cdp_delivery d;
	int rc = cdp_delivery_make(
	    &em->desk, ln, em->opt.deliver && !em->opt.dry_run, again, &d, err);

	if (rc == 0 && d.status == CDP_QUEUED && em->opt.spool != NULL)
		d.status = CDP_SENT;
	if (rc == 0 && d.status == CDP_QUEUED)
		rc = enqueue(em, &d, err);
	if (rc == 0 && d.way == CDP_GATE_UNDO)
		rc = cdp_emit_withdraw(em, ln, outs, err);
	if (rc != 0)
		return rc;
	cdp_emit_put(em, &d, outs);
	if (d.status <= CDP_QUEUED)
		cdp_delivery_out(&em->desk, &d);
	if (d.status == CDP_SENT) {
		cdp_delivery_file_line(&em->file, &d);
		cdp_spool_add(spool_of(em, &d), cdp_buf_str(&em->file));
	}
	return 0;
}

static int
step(void *self, const struct cdp_line *ln, struct cdp_outs *outs,
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
	if (ln->type == CDP_ACTIVATION)
		return cdp_emit_act(em, ln, false, outs, err);
	if (ln->type == CDP_CLOCK)
		return cdp_emit_wake(em, ln->ts_ms, outs, err);
	if (ln->type == CDP_WITHDRAW)
		return cdp_emit_withdraw(em, ln, outs, err);
	if (!ends_here(ln->type))
		cdp_outs_pass(outs);
	return 0;
}

/* What an earlier run held or failed makes this one's exit status, too. */
static void
replayed(void *self, struct cdp_str json)
{
	struct cdp_emit *em = self;

	if (cdp_delivery_is_held(json))
		em->opt.held(em->opt.held_arg);
}

/* ---- sending ---- */

static int
open_log(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_emit *em = self;

	em->desk.owed.log = log;
	cdp_catalog_open(&em->catalog, em->pr, log);
	return cdp_contacts_open(&em->desk.contacts, log, err);
}

static int
save_state(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_emit *em = self;

	(void)log;
	(void)err;
	cdp_states_save(&em->desk.contacts.all);
	return 0;
}

static int
open_spools(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_emit *em = self;
	int rc = open_log(self, log, err);

	for (size_t i = 0; i < em->pr->ndestination && rc == 0; i++)
		if (!em->opt.dry_run && em->outlet[i].def->via == CDP_VIA_FILE)
			rc = cdp_spool_open(&em->outlet[i].spool, log, err);
	if (rc == 0 && em->sender != NULL)
		rc = cdp_sender_open(em->sender, log, err);
	return rc;
}

static int
save(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_emit *em = self;
	int rc = save_state(self, log, err);

	for (size_t i = 0; i < em->pr->ndestination && rc == 0; i++)
		rc = cdp_spool_write(&em->outlet[i].spool, log, err);
	if (rc == 0 && em->sender != NULL)
		cdp_sender_save(em->sender);
	return rc;
}

static int
committed(void *self, struct cdp_err *err)
{
	struct cdp_emit *em = self;
	int rc = 0;

	for (size_t i = 0; i < em->pr->ndestination && rc == 0; i++)
		rc = cdp_spool_show(&em->outlet[i].spool, err);
	if (rc == 0 && em->sender != NULL)
		rc = cdp_sender_step(em->sender, err);
	return rc;
}

static int
open_spool(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_emit *em = self;
	int rc = open_log(self, log, err);

	return rc != 0 || em->opt.dry_run
	    ? rc
	    : cdp_spool_open(&em->spool, log, err);
}

static int
save_spool(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_emit *em = self;

	save_state(self, log, err);
	return cdp_spool_write(&em->spool, log, err);
}

static int
show_spool(void *self, struct cdp_err *err)
{
	struct cdp_emit *em = self;

	return cdp_spool_show(&em->spool, err);
}

const struct cdp_stage_ops cdp_spool_ops = {
	.name = "spool",
	.open = open_spool,
	.step = step,
	.save = save_spool,
	.committed = show_spool,
	.replayed = replayed,
};

const struct cdp_stage_ops cdp_emit_ops = {
	.name = "emit",
	.open = open_log,
	.step = step,
	.save = save_state,
	.replayed = replayed,
};

const struct cdp_stage_ops cdp_deliver_ops = {
	.name = "deliver",
	.open = open_spools,
	.step = step,
	.save = save,
	.committed = committed,
	.replayed = replayed,
};

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
	    ? cdp_sender_wait(em->sender, fd, err)
	    : 0;
}

int
cdp_emit_tick(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	struct cdp_emit *em = self;

	return em->sender != NULL && cdp_sender_busy(em->sender)
	    ? cdp_stage_flush(sg, err)
	    : 0;
}

static int
revive(struct cdp_emit *em, struct cdp_err *err)
{
	int rc = 0;

	if (em->opt.resolve != NULL)
		rc = cdp_sender_revive(em->sender,
		    strcmp(em->opt.resolve, "sent") == 0 ? CDP_RESOLVE_SENT
							 : CDP_RESOLVE_AGAIN,
		    err);
	if (rc == 0 && em->opt.redrive)
		rc = cdp_sender_revive(em->sender, CDP_REDRIVE, err);
	return rc;
}

int
cdp_emit_finish(void *self, struct cdp_stage *sg, struct cdp_err *err)
{
	struct cdp_emit *em = self;
	int rc;

	if (em->sender == NULL)
		return 0;
	if ((rc = cdp_stage_ready(sg, err)) != 0 ||
	    (rc = cdp_stage_flush(sg, err)) != 0 ||
	    (rc = revive(em, err)) != 0 ||
	    (rc = cdp_sender_drain(em->sender, err)) != 0)
		return rc;
	for (size_t i = 0; i < em->pr->ndestination; i++)
		if (em->outlet[i].wanted &&
		    em->outlet[i].def->via != CDP_VIA_FILE)
			cdp_emit_tell(em, i);
	return 0;
}
