#ifndef CDP_RULE_LOAD_H
#define CDP_RULE_LOAD_H

#include "lib/rule/cond.h"
#include "lib/rule/diag.h"
#include "lib/rule/project.h"

/*
 * load: what the loaders of the sections share.
 *
 * Each section has a loader in a file of its own, which is called once per
 * file that holds the section, and a check that is called after all files
 * were read, when every name is known.
 */
struct cdp_loader {
	struct cdp_arena *mem; /* the project's */
	struct cdp_diags *diags;
	struct cdp_project *pr;
	struct cdp_jq *jq;
	struct cdp_map seen; /* what cdp_load_claim() was told */
	bool broken;	     /* a file could not be read */
	bool secrets;	     /* the program being loaded may use $secrets */
	bool strict;	     /* its strings must not say "null" */
	struct cdp_str settings; /* what $settings is in it: JSON, or empty */
	bool asks_groups;	 /* the condition being loaded may ask in_group */
	const struct cdp_str *in_group; /* its kind, of what stands in one */
	unsigned refers; /* enum cdp_ref_of: what operands may be */
	struct cdp_trail_def *trail; /* what the where being loaded is of */
	struct cdp_rows_def *rows;   /* or whose rows it is about */
};

/*
 * Say that section (such as "plan.events") defines key.  False, with a
 * diagnostic that names both places, if it was defined before, perhaps in
 * another file.
 */
bool cdp_load_claim(struct cdp_loader *ld, const char *section,
    const struct cdp_node *key);

/* Call fn(arg) when the project is freed: for what the arena cannot hold. */
void cdp_load_defer(struct cdp_loader *ld, void (*fn)(void *arg), void *arg);

void cdp_load_run_deferred(struct cdp_project *pr); /* by project_free */

/* Room for more objects behind n: a new array, cleared behind n. */
void *cdp_load_grow(struct cdp_loader *ld, const void *v, size_t n,
    size_t more, size_t size);

/*
 * A file of the project as text in *ret; it becomes part of the fingerprint.
 * node holds its name, relative to the project's directory and not above it.
 */
bool cdp_load_file(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, struct cdp_str *ret);

/* Scalars, each with a diagnostic and a false return if it is wrong. */
bool cdp_load_str(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, struct cdp_str *ret);
bool cdp_load_bool(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, bool *ret);
bool cdp_load_int(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int64_t min, int64_t max, int64_t *ret);
bool cdp_load_duration(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int64_t *ret);

/* Bytes: a number from 1 to max, perhaps with KB, MB or GB of 1024. */
bool cdp_load_size(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int64_t max, int64_t *ret);

/* The way to one value; or, many being told, maybe over "$" (each.h). */
bool cdp_load_path(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, struct cdp_path *ret);
bool cdp_load_each(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, struct cdp_path *ret, bool *many);

/* One of names (NULL-terminated); its index in *ret. */
bool cdp_load_choice(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, const char *const *names, int *ret);

/* A list of strings, or one string for a list of one; none if it is wrong. */
bool cdp_load_strs(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, const struct cdp_str **ret, size_t *n);

/* A list of paths, or one path. */
bool cdp_load_paths(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, const struct cdp_path **ret, size_t *n);

/* Register a jq program (a string); its number in *ret. */
bool cdp_load_jq(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, int *ret);

/* The same for a program that stands at a place of its own. */
int cdp_load_jq_text(struct cdp_loader *ld, struct cdp_str text,
    struct cdp_mark at);

/* The same, strict: its strings do not say "null" (jqlex.h). */
int cdp_load_jq_strict(struct cdp_loader *ld, struct cdp_str text,
    struct cdp_mark at);

/* A path, or, if it begins with a dot, a jq program: *jq is -1 for a path. */
bool cdp_load_path_or_jq(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, struct cdp_path *path, int *jq);

/* node must be a map; a diagnostic otherwise. */
bool cdp_load_is_map(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what);
bool cdp_load_is_seq(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what);

/* The sections: load.c calls them for each file that has one. */
void cdp_load_settings(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_ingest(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_clock(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_sources(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_transforms(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_plan(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_identity(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_groups(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_entities(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_traits(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_audiences(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_journeys(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_consent(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_subscriptions(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_limits(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_suppress(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_destinations(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_secrets(struct cdp_loader *ld, struct cdp_node *node);
void cdp_load_templates(struct cdp_loader *ld, struct cdp_node *node);

/* mail: or request: of a destination, and how what goes there is sent. */
void cdp_load_request(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d);
void cdp_load_mail(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d);
bool cdp_load_url(struct cdp_loader *ld, const struct cdp_node *map,
    const char *key, const char *const *schemes, struct cdp_destination *d);
void cdp_load_auth(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d);

/* What the stream itself brings to a destination. */
void cdp_load_feeds(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d);

void cdp_load_sending(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d);

/* vars of all files, with what -D says, to jq. */
void cdp_load_vars(struct cdp_loader *ld, const struct cdp_define *def,
    size_t ndef);

/* A map of "event" and "where"; NULL if it is wrong, or not there. */
struct cdp_trigger *cdp_load_trigger(struct cdp_loader *ld,
    struct cdp_node *map, const char *what);

/* A trait map ({name: {count: true, ...}}) into ret: also for groups. */
void cdp_load_trait_map(struct cdp_loader *ld, struct cdp_node *map,
    struct cdp_traits *ret);

/* After all files: defaults; references, cycles, reachability. */
void cdp_finish_identity(struct cdp_loader *ld);
void cdp_finish_plan(struct cdp_loader *ld);
void cdp_check_entities(struct cdp_loader *ld);
void cdp_check_tests(struct cdp_loader *ld);
void cdp_check_traits(struct cdp_loader *ld);
void cdp_check_audiences(struct cdp_loader *ld);
void cdp_check_journeys(struct cdp_loader *ld);
/*
 * The names that a preset uses for secrets; "secrets" of the destination map
 * says what they are called in the environment, if not the same.
 */
void cdp_load_own_secrets(struct cdp_loader *ld, const struct cdp_node *map,
    const struct cdp_str *name, size_t n, struct cdp_destination *d);
void cdp_check_secrets(struct cdp_loader *ld);
void cdp_check_destinations(struct cdp_loader *ld);
void cdp_check_feeds(struct cdp_loader *ld);
void cdp_check_outreach(struct cdp_loader *ld);

#endif
