#include "lib/rule/presets.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/rule/file.h"

#define PRESET_MAX ((size_t)256 << 10)
#define BUILT_IN 1 /* names before those of files */

/* One for the process: what the environment says is gone when it is asked. */
static char share[4096];

/* ---- where they are ---- */

static bool
is_share(const char *dir)
{
	char path[sizeof(share) + 16];
	struct stat st;

	snprintf(path, sizeof(path), "%s/destinations", dir);
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/*
 * CDP_SHARE; or what was installed, or stands in the source tree, beside the
 * program.
 */
void
cdp_project_share(const char *env)
{
	static const char *const from[] = { "../share/cdp", "../share" };
	char exe[sizeof(share) - 32], *slash;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	snprintf(share, sizeof(share), "%s", CDP_DATADIR);
	if (env != NULL && *env != '\0') {
		snprintf(share, sizeof(share), "%s", env);
		return;
	}
	if (n <= 0)
		return;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	*slash = '\0';
	for (size_t i = 0; i < 2; i++) {
		char dir[sizeof(share)];

		snprintf(dir, sizeof(dir), "%s/%s", exe, from[i]);
		if (!is_share(dir))
			continue;
		memcpy(share, dir, sizeof(share));
		return;
	}
}

static bool
is_name(struct cdp_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!islower((unsigned char)s.p[i]) &&
		    !isdigit((unsigned char)s.p[i]) && s.p[i] != '-')
			return false;
	return s.n != 0 && s.n < 64;
}

/* The names of all there are, "file" first; made in mem. */
static size_t
list(struct cdp_arena *mem, struct cdp_str **ret)
{
	char path[sizeof(share) + 16];
	struct cdp_str *v = cdp_arena_calloc(mem, 1024, sizeof(*v));
	struct dirent *e;
	size_t n = BUILT_IN;
	DIR *d;

	if (share[0] == '\0')
		cdp_project_share(NULL);
	v[0] = CDP_STR("file");
	snprintf(path, sizeof(path), "%s/destinations", share);
	d = opendir(path);
	while (d != NULL && n < 1024 && (e = readdir(d)) != NULL) {
		struct cdp_str s = cdp_str_of(e->d_name);

		if (s.n < 6 || strcmp(e->d_name + s.n - 5, ".yaml") != 0)
			continue;
		s.n -= 5;
		if (is_name(s))
			v[n++] = cdp_arena_dup(mem, s);
	}
	if (d != NULL)
		closedir(d);
	*ret = v;
	return n;
}

/* ---- one of them ---- */

/* It counts for the fingerprint, as any file of the project. */
static struct cdp_file *
read_preset(struct cdp_loader *ld, struct cdp_str name, struct cdp_err *err)
{
	struct cdp_str as =
	    cdp_arena_printf(ld->mem, "preset %.*s", (int)name.n, name.p);
	struct cdp_file *f, **tail = &ld->pr->file;
	struct cdp_buf b = { 0 };
	char path[sizeof(share) + 96];

	if (share[0] == '\0')
		cdp_project_share(NULL);
	for (; *tail != NULL; tail = &(*tail)->next)
		if (cdp_str_eq((*tail)->name, as))
			return *tail;
	snprintf(path, sizeof(path), "%s/destinations/%.*s.yaml", share,
	    (int)name.n, name.p);
	if (cdp_io_read_file(path, PRESET_MAX, &b, err) != 0) {
		cdp_buf_free(&b);
		return NULL;
	}
	f = *tail = cdp_arena_calloc(ld->mem, 1, sizeof(*f));
	f->name = as;
	f->text = cdp_arena_dup(ld->mem, cdp_buf_str(&b));
	cdp_diags_source(ld->diags, as.p, f->text);
	cdp_buf_free(&b);
	return f;
}

static struct cdp_node *
find_preset(struct cdp_loader *ld, const struct cdp_node *at)
{
	struct cdp_node *root = NULL;
	struct cdp_err err = { 0 };
	struct cdp_file *f = NULL;
	struct cdp_str *names;
	size_t n;

	if (is_name(at->text))
		f = read_preset(ld, at->text, &err);
	if (f == NULL) {
		n = list(ld->mem, &names);
		cdp_diag_name(ld->diags, at, "unknown-preset", "no preset",
		    at->text, names, n);
		return NULL;
	}
	cdp_yaml_parse(f->text, f->name.p, ld->mem, ld->diags, &root);
	if (root != NULL && !cdp_load_is_map(ld, root, "a preset"))
		return NULL;
	return root;
}

/* ---- settings ---- */

static void
check_known(struct cdp_loader *ld, const struct cdp_node *known,
    const struct cdp_node *given, struct cdp_str preset)
{
	size_t n = known != NULL ? known->n : 0;
	struct cdp_str *names = cdp_xcalloc(n + 1, sizeof(*names));
	const char *what = cdp_arena_printf(
	    ld->mem, "preset '%.*s' has no setting", (int)preset.n, preset.p)
			       .p;

	for (size_t i = 0; i < n; i++)
		names[i] = known->key[i]->text;
	for (size_t i = 0; i < given->n; i++) {
		size_t k = 0;

		while (k < n && !cdp_str_eq(names[k], given->key[i]->text))
			k++;
		if (k == n)
			cdp_diag_name(ld->diags, given->key[i], "unknown-key",
			    what, given->key[i]->text, names, n);
	}
	free(names);
}

static void
put(struct cdp_buf *b, const struct cdp_node *key, const struct cdp_node *v)
{
	cdp_json_comma(b);
	cdp_json_str(b, key->text);
	cdp_buf_putc(b, ':');
	cdp_node_json(b, v);
}

/* What the destination says, else what the preset does. */
static bool
settle(struct cdp_loader *ld, const struct cdp_node *root,
    const struct cdp_node *map, const struct cdp_node *name,
    struct cdp_str *ret)
{
	const struct cdp_node *known = cdp_node_get(root, "settings");
	const struct cdp_node *given = cdp_node_get(map, "settings"), *v;
	struct cdp_buf b = { 0 };
	bool ok = true;

	if (given != NULL && !cdp_load_is_map(ld, given, "settings"))
		return false;
	if (given != NULL)
		check_known(ld, known, given, name->text);
	cdp_buf_putc(&b, '{');
	for (size_t i = 0; known != NULL && i < known->n; i++) {
		struct cdp_str key = known->key[i]->text;
		const char *z = cdp_arena_dup(ld->mem, key).p;

		v = cdp_node_get(given, z);
		if (v == NULL)
			v = known->item[i];
		if (cdp_node_is_null(v)) {
			cdp_diag_error(ld->diags, given != NULL ? given : name,
			    "missing-key",
			    "preset '%.*s' needs settings: {%s: ...}",
			    (int)name->text.n, name->text.p, z);
			ok = false;
		}
		put(&b, known->key[i], v);
	}
	cdp_buf_putc(&b, '}');
	*ret = cdp_arena_dup(ld->mem, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return ok;
}

/* ---- both together ---- */

static bool
is_own(struct cdp_str key)
{
	return cdp_str_is(key, "about") || cdp_str_is(key, "settings") ||
	    cdp_str_is(key, "secrets") || cdp_str_is(key, "preset");
}

static struct cdp_node *
join(struct cdp_loader *ld, const struct cdp_node *root,
    const struct cdp_node *map)
{
	struct cdp_node *both = cdp_arena_calloc(ld->mem, 1, sizeof(*both));
	const struct cdp_node *from[] = { map, root };

	*both = *map;
	both->key =
	    cdp_arena_calloc(ld->mem, root->n + map->n + 1, sizeof(*both->key));
	both->item = cdp_arena_calloc(
	    ld->mem, root->n + map->n + 1, sizeof(*both->item));
	both->n = 0;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < from[k]->n; i++) {
			struct cdp_str key = from[k]->key[i]->text;

			if (is_own(key) ||
			    (k == 1 &&
				cdp_node_get(map,
				    cdp_arena_dup(ld->mem, key).p) != NULL))
				continue;
			both->key[both->n] = from[k]->key[i];
			both->item[both->n++] = from[k]->item[i];
		}
	return both;
}

bool
cdp_preset_expand(struct cdp_loader *ld, const struct cdp_node *map,
    const struct cdp_node *name, struct cdp_preset *ret)
{
	const struct cdp_node *root = find_preset(ld, name);
	const struct cdp_node *secrets = cdp_node_get(root, "secrets");

	*ret = (struct cdp_preset){ 0 };
	if (root == NULL || !settle(ld, root, map, name, &ret->settings))
		return false;
	if (secrets != NULL &&
	    !cdp_load_strs(ld, secrets, "secrets", &ret->secret, &ret->nsecret))
		return false;
	ret->map = join(ld, root, map);
	return true;
}
