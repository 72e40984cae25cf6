#ifndef CDP_EMIT_GATE_H
#define CDP_EMIT_GATE_H

#include "lib/rule/project.h"

/*
 * gate: whether somebody allowed what is about to be sent.
 */
enum cdp_gate_why {
	CDP_GATE_OPEN,
	CDP_GATE_REFUSED,  /* false */
	CDP_GATE_CONFLICT, /* merged profiles that differ */
	CDP_GATE_UNKNOWN   /* nothing known, and the project says deny */
};

/*
 * Ask the profile at in t (its member "consent") for the destination: open if
 * every category that names it is true there.  A category of which nothing is
 * known is decided by the project's "unknown"; a destination that no category
 * names is always open.
 *
 * category  receives the first that is closed
 */
enum cdp_gate_why cdp_gate_consent(const struct cdp_consent *con,
    struct cdp_str destination, const struct cdp_tape *t, uint32_t profile,
    struct cdp_str *category);

/*
 * Whether the event at in t lets that destination have what it causes, by its
 * "integrations": a destination that it names, unless with false; another one
 * unless "All" is false.
 */
bool cdp_gate_integrations(
    const struct cdp_tape *t, uint32_t event, struct cdp_str destination);

/* Whether an identifier of the profile is suppressed: nothing is sent. */
bool cdp_gate_suppressed(const struct cdp_project *pr, const struct cdp_tape *t,
    uint32_t profile, struct cdp_arena *mem);

/* Whether the project's file has it: an identifier, or an address, with mail
 * in lower case. */
bool cdp_gate_listed(const struct cdp_project *pr, struct cdp_str value);

/* Whether the category needs to be true for the destination. */
bool cdp_gate_names(const struct cdp_category *cat, struct cdp_str destination);

/*
 * Of a line that does not say so: whether the action can be taken back, or
 * takes back what its step did: it is what the step names as its undo, or
 * "remove" of a step that the project no longer has.  An action that stands in
 * its step for itself, "remove" too, is neither.
 */
enum cdp_gate_way { CDP_GATE_PLAIN, CDP_GATE_UNDOABLE, CDP_GATE_UNDO };
enum cdp_gate_way cdp_gate_way(const struct cdp_project *pr,
    struct cdp_str journey, struct cdp_str step, struct cdp_str action);

/* The same of an activation: as its line says, or, of one that does not, as the
 * project does. */
enum cdp_gate_way cdp_gate_way_of(const struct cdp_project *pr,
    const struct cdp_tape *t, struct cdp_str journey, struct cdp_str step,
    struct cdp_str action);

#endif
