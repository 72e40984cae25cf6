#include "lib/rule/load.h"

void
cdp_load_mail(struct cdp_loader *ld, const struct cdp_node *map,
    struct cdp_destination *d)
{
	static const char *const known[] = { "server", "tls", "user",
		"password", NULL };
	static const char *const schemes[] = { "smtp://", "smtps://", NULL };
	static const char *const tls[] = { "always", "never", NULL };
	const struct cdp_node *v;
	int k = 0;

	if (!cdp_load_is_map(ld, map, "mail"))
		return;
	cdp_diag_keys(ld->diags, map, "mail", known);
	cdp_load_url(ld, map, "server", schemes, d);
	if ((v = cdp_node_get(map, "tls")) != NULL)
		cdp_load_choice(ld, v, "tls", tls, &k);
	d->plain = k == 1;
	d->method = CDP_STR("MAIL");
	if ((v = cdp_node_get(map, "user")) != NULL)
		cdp_load_jq(ld, v, "user", &d->user);
	if ((v = cdp_node_get(map, "password")) != NULL)
		cdp_load_str(ld, v, "password", &d->password);
	if ((d->user < 0) != (d->password.n == 0))
		cdp_diag_error(ld->diags, map, "missing-key",
		    "a mail's server wants user and password, or neither");
	if (d->to < 0 || d->from < 0)
		cdp_diag_error(ld->diags, map, "missing-key",
		    "destination '%.*s' needs to and from, as all mail does",
		    (int)d->name.n, d->name.p);
}
