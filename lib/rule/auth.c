#include "lib/rule/load.h"

static void
load_name(struct cdp_loader *ld, const struct cdp_node *map, const char *key,
    bool must, struct cdp_str *ret)
{
	const struct cdp_node *v = cdp_node_get(map, key);

	if (v != NULL)
		cdp_load_str(ld, v, key, ret);
	else if (must)
		cdp_diag_error(ld->diags, map, "missing-key",
		    "%s is missing: the name of a secret", key);
}

static void
load_program(struct cdp_loader *ld, const struct cdp_node *map, const char *key,
    bool must, int *ret)
{
	const struct cdp_node *v = cdp_node_get(map, key);

	*ret = -1;
	if (v != NULL)
		cdp_load_jq(ld, v, key, ret);
	else if (must)
		cdp_diag_error(ld->diags, map, "missing-key",
		    "%s is missing: jq that gives it", key);
}

static void
load_oauth(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_auth_rule *au)
{
	static const char *const known[] = { "url", "id", "secret", "refresh",
		"scope", NULL };
	static const char *const schemes[] = { "https://", "http://", NULL };
	struct cdp_destination where = { .url = -1 };

	au->kind = CDP_AUTH_OAUTH;
	cdp_diag_keys(ld->diags, map, "oauth", known);
	cdp_load_url(ld, map, "url", schemes, &where);
	au->url = where.url;
	load_name(ld, map, "id", true, &au->id);
	load_name(ld, map, "refresh", false, &au->refresh);
	load_name(ld, map, "secret", au->refresh.n == 0, &au->secret);
	load_program(ld, map, "scope", false, &au->scope);
}

static void
load_google(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_auth_rule *au)
{
	static const char *const known[] = { "account", "scope", NULL };

	au->kind = CDP_AUTH_GOOGLE;
	cdp_diag_keys(ld->diags, map, "google", known);
	load_name(ld, map, "account", true, &au->secret);
	load_program(ld, map, "scope", true, &au->scope);
}

static void
load_apns(
    struct cdp_loader *ld, const struct cdp_node *map, struct cdp_auth_rule *au)
{
	static const char *const known[] = { "key", "key_id", "team_id", NULL };

	au->kind = CDP_AUTH_APNS;
	cdp_diag_keys(ld->diags, map, "apns", known);
	load_name(ld, map, "key", true, &au->secret);
	load_program(ld, map, "key_id", true, &au->key_id);
	load_program(ld, map, "team_id", true, &au->team_id);
}

static const struct {
	const char *name;
	void (*load)(struct cdp_loader *ld, const struct cdp_node *map,
	    struct cdp_auth_rule *au);
} kinds[] = {
	{ "oauth", load_oauth },
	{ "google", load_google },
	{ "apns", load_apns },
};

void
cdp_load_auth(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	static const char *const known[] = { "oauth", "google", "apns", NULL };
	const struct cdp_node *v = cdp_node_get(map, "auth"), *k;

	d->auth = (struct cdp_auth_rule){
		.url = -1, .scope = -1, .key_id = -1, .team_id = -1
	};
	if (v == NULL ||
	    (v->kind == CDP_NODE_SCALAR && cdp_str_is(v->text, "none")) ||
	    !cdp_load_is_map(ld, v, "auth"))
		return;
	cdp_diag_keys(ld->diags, v, "auth", known);
	if (d->via != CDP_VIA_HTTP) {
		cdp_diag_error(ld->diags, v, "bad-value",
		    "auth is for what is sent by a request");
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if ((k = cdp_node_get(v, kinds[i].name)) != NULL &&
		    cdp_load_is_map(ld, k, kinds[i].name))
			kinds[i].load(ld, k, &d->auth);
	if (v->n != 1)
		cdp_diag_error(ld->diags, v, "bad-value",
		    "auth has one of oauth, google and apns");
}
