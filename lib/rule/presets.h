#ifndef CDP_RULE_PRESETS_H
#define CDP_RULE_PRESETS_H

#include "lib/rule/load.h"

/*
 * presets: destinations that somebody has written down before.
 *
 * A preset is a file of YAML in the directory of presets, of the form that a
 * destination has in a project, with three keys of its own: "about", a line for
 * people; "settings", what a destination may set and what it is if it does not
 * (null: it must); "secrets", the names of those it uses.  Programs see the
 * settings as $settings.
 */

/* A key of a destination over the same of its preset. */
struct cdp_preset {
	struct cdp_node *map;         /* the destination as if written out */
	struct cdp_str settings;      /* JSON */
	const struct cdp_str *secret; /* names that its programs use */
	size_t nsecret;
};

/*
 * Write out the destination map, which names its preset at name.  False, with
 * a diagnostic, if there is none of that name or its settings are wrong.
 */
bool cdp_preset_expand(struct cdp_loader *ld, const struct cdp_node *map,
    const struct cdp_node *name, struct cdp_preset *ret);

#endif
