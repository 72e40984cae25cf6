#include "lib/emit/emitint.h"

static int
open_log(void *self, struct cdp_log *log, struct cdp_err *err)
{
	struct cdp_emit *em = self;
	int rc;

	em->desk.kept.log = log;
	cdp_catalog_open(&em->catalog, em->pr, log);
	rc = cdp_feeds_open(&em->feeds, err);
	return rc != 0 ? rc : cdp_contacts_open(&em->desk.contacts, log, err);
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
		rc = em->opt.sending->open(em->sender, log, err);
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
		em->opt.sending->save(em->sender);
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
		rc = em->opt.sending->step(em->sender, err);
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
	.step = cdp_emit_step,
	.save = save_spool,
	.committed = show_spool,
	.replayed = cdp_emit_replayed,
};

const struct cdp_stage_ops cdp_emit_ops = {
	.name = "emit",
	.open = open_log,
	.step = cdp_emit_step,
	.save = save_state,
	.replayed = cdp_emit_replayed,
};

const struct cdp_stage_ops cdp_deliver_ops = {
	.name = "deliver",
	.open = open_spools,
	.step = cdp_emit_step,
	.save = save,
	.committed = committed,
	.replayed = cdp_emit_replayed,
};
