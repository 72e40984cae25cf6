#ifndef CDP_EMIT_DELIVERY_H
#define CDP_EMIT_DELIVERY_H

#include "lib/emit/contact.h"
#include "lib/emit/gate.h"
#include "lib/emit/owed.h"
#include "lib/emit/quiet.h"
#include "lib/emit/render.h"
#include "lib/json/line.h"

/*
 * delivery: one activation, and what becomes of it.
 *
 * It goes through the gates in their order, suppression, consent, subscription,
 * quiet hours, caps, holdout, address, template, to the first that is closed;
 * what it would say is rendered on the way.  What takes back something that
 * went out needs no consent and goes to the address that it went to; if nothing
 * went out it is held, and that is no fault.
 */
enum cdp_status {
	CDP_READY,
	CDP_SENT,
	CDP_QUEUED,
	CDP_DEFERRED,
	CDP_HELD,
	CDP_FAILED,
	CDP_NSTATUS
};

extern const char *const cdp_status_names[CDP_NSTATUS];

/* Reasons for which something is held as it should be: nobody is at fault. */
enum cdp_moot {
	CDP_NOTHING_TO_UNDO,
	CDP_HOLDOUT,   /* of a journey's control group */
	CDP_WITHDRAWN, /* its journey took it back while it was deferred */
	CDP_NMOOT
};

extern const char *const cdp_moot_names[CDP_NMOOT];

/* An empty one has its project and render.jq set. */
struct cdp_desk {
	struct cdp_project *pr;
	struct cdp_render render;
	struct cdp_buf input; /* what programs see */
	struct cdp_kept kept;
	struct cdp_contacts contacts;
	struct cdp_hush hush;
};

/* Tell jq of every program of the project's destinations and templates. */
void cdp_desk_want(struct cdp_project *pr);
void cdp_desk_free(struct cdp_desk *desk);

/* How an activation came to us. */
enum cdp_came {
	CDP_CAME_NOW,
	CDP_CAME_AGAIN, /* it was deferred, and its time has come */
	CDP_CAME_FED    /* feed.h: nobody is written to */
};

/* Lives as long as its line. */
struct cdp_delivery {
	const struct cdp_line *ln;
	struct cdp_arena *mem;
	struct cdp_str journey, step, instance, destination, action, template;
	struct cdp_str person; /* in whose turn it leaves: a profile's id */
	struct cdp_str undoes; /* of an undo: the UUID of what it takes back */
	const struct cdp_destination *to; /* NULL: there is none */
	char key[4 + 36 + 1];             /* "dlv_" and a UUID */
	enum cdp_gate_way way;
	struct cdp_contact *contact; /* NULL: nothing is asked of it */
	enum cdp_status status;
	int64_t until_ms;   /* of a deferred one */
	const char *reason; /* why it is held or failed, and more of it */
	struct cdp_str detail;
	struct cdp_str warning; /* it goes out all the same; or empty */
	struct cdp_str address, from, body;
	struct cdp_str message; /* {"subject":...}, or empty */
	struct cdp_str request; /* cdp_request_make()'s, or empty */
	struct cdp_str item;    /* what a batch gets of it, or empty */
	bool has_address, has_from, has_body;
	enum cdp_came came;
};

/*
 * Read the activation ln and decide.
 *
 * deliver  if no gate is closed it is not "ready" but on its way
 *
 * 0; CDP_EDATA if it is no activation of ours; CDP_ECONF if a program does not
 * compile.
 */
int cdp_delivery_make(struct cdp_desk *desk, const struct cdp_line *ln,
    bool deliver, enum cdp_came came, struct cdp_delivery *ret,
    struct cdp_err *err);

/*
 * The same as far as its address and its text do not matter: the destination
 * is there, and the gates of cdp_delivery_ask().
 */
int cdp_delivery_gates(struct cdp_desk *desk, const struct cdp_line *ln,
    bool deliver, enum cdp_came came, struct cdp_delivery *ret,
    struct cdp_err *err);

/*
 * The same without asking any gate: what ln would say, to whom.  CDP_EDATA if
 * its template cannot be filled.
 */
int cdp_delivery_render(struct cdp_desk *desk, const struct cdp_line *ln,
    struct cdp_delivery *ret, struct cdp_err *err);

/* The same of one that waited, ln, and that by takes back. */
int cdp_delivery_withdraw(struct cdp_desk *desk, const struct cdp_line *ln,
    const struct cdp_line *by, struct cdp_delivery *ret, struct cdp_err *err);

/* It goes out: note that it can be taken back, or was. */
void cdp_delivery_out(struct cdp_desk *desk, const struct cdp_delivery *a);

/* Its UUID. */
struct cdp_str cdp_delivery_uuid(const struct cdp_delivery *a);

/*
 * The key of the log under which is kept that it was said, made in a->mem:
 * while that stands it may be said again.  Empty: it always may.
 */
struct cdp_str cdp_delivery_stands(const struct cdp_delivery *a);

/* What becomes of it, and why. */
void cdp_delivery_settle(struct cdp_delivery *a, enum cdp_status status,
    const char *reason, struct cdp_str detail);

/*
 * The gates of ask.c: whether the person may be sent it, wants it, now, and not
 * too much of it; and for an undo, whether there is anything to take back.  One
 * that is closed settles it.  0 or fatal.
 */
int cdp_delivery_ask(
    struct cdp_desk *desk, struct cdp_delivery *a, struct cdp_err *err);

/* Append whose list it is about: the audience, and what it is called there. */
void cdp_delivery_list(struct cdp_buf *b, const struct cdp_delivery *a);

/* Held, but as it should be: its place in cdp_moot_names; or -1. */
int cdp_delivery_moot(const struct cdp_delivery *a);

/* Write the delivery line, without "cdp", or the line for a file. */
void cdp_delivery_line(struct cdp_buf *b, const struct cdp_delivery *a);
void cdp_delivery_file_line(struct cdp_buf *b, const struct cdp_delivery *a);

/* Whether a delivery line was held (and not moot) or failed. */
bool cdp_delivery_is_held(struct cdp_str json);

#endif
