#include "lib/rule/file.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/hash.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

#define MAX_BYTES ((size_t)16 << 20) /* of YAML less: yaml.c */

struct cdp_str
cdp_file_shown(struct cdp_loader *ld, struct cdp_str name)
{
	struct cdp_str dir = ld->pr->dir;

	if (cdp_str_is(dir, "."))
		return cdp_arena_dup(ld->mem, name);
	return cdp_arena_printf(
	    ld->mem, "%.*s/%.*s", (int)dir.n, dir.p, (int)name.n, name.p);
}

static struct cdp_file *
find(const struct cdp_project *pr, struct cdp_str name)
{
	struct cdp_file *f = pr->file;

	while (f != NULL && !cdp_str_eq(f->name, name))
		f = f->next;
	return f;
}

/* Append a file to the project's. */
static struct cdp_file *
append(struct cdp_loader *ld, struct cdp_str name, struct cdp_str text)
{
	struct cdp_file *f = cdp_arena_calloc(ld->mem, 1, sizeof(*f));
	struct cdp_file **tail = &ld->pr->file;

	f->name = cdp_arena_dup(ld->mem, name);
	f->text = cdp_arena_dup(ld->mem, text);
	while (*tail != NULL)
		tail = &(*tail)->next;
	*tail = f;
	return f;
}

int
cdp_file_read(struct cdp_loader *ld, struct cdp_str name, struct cdp_file **ret,
    struct cdp_err *err)
{
	struct cdp_buf b = { 0 };
	int rc;

	rc = cdp_io_read_file(cdp_file_shown(ld, name).p, MAX_BYTES, &b, err);
	if (rc == 0)
		*ret = append(ld, name, cdp_buf_str(&b));
	cdp_buf_free(&b);
	return rc;
}

int
cdp_file_none(struct cdp_loader *ld, struct cdp_str name)
{
	(void)append(ld, name, CDP_STR(""));
	return 0;
}

void
cdp_file_parse(struct cdp_loader *ld, struct cdp_file *f)
{
	size_t before = ld->diags->nerrors;

	cdp_yaml_parse(f->text, cdp_file_shown(ld, f->name).p, ld->mem,
	    ld->diags, &f->root);
	if (f->root == NULL && ld->diags->nerrors != before)
		ld->broken = true;
}

/* ---- names ---- */

bool
cdp_file_inside(struct cdp_str name)
{
	const char *p = name.p, *end = p + name.n, *slash;

	if (name.n == 0 || *p == '/' || memchr(p, '\0', name.n) != NULL)
		return false;
	for (; p < end; p = slash + 1) {
		slash = memchr(p, '/', (size_t)(end - p));
		if (slash == NULL)
			slash = end;
		if (slash - p == 2 && p[0] == '.' && p[1] == '.')
			return false;
	}
	return true;
}

/* Whether what shown leads to, links followed, is below the project. */
static bool
leads_inside(const struct cdp_loader *ld, const char *shown)
{
	char dir[PATH_MAX], file[PATH_MAX];
	size_t n;

	if (realpath(ld->pr->dir.p, dir) == NULL ||
	    realpath(shown, file) == NULL)
		return false;
	n = strlen(dir);
	return strncmp(dir, file, n) == 0 && (file[n] == '/' || n == 1);
}

static int
by_bytes(const void *a, const void *b)
{
	return cdp_str_cmp(
	    *(const struct cdp_str *)a, *(const struct cdp_str *)b);
}

/* "no file 'x'", with the nearest of its directory. */
static void
no_file(struct cdp_loader *ld, const struct cdp_node *node)
{
	struct cdp_str shown = cdp_file_shown(ld, node->text);
	struct cdp_str *names = NULL;
	const char *slash = memrchr(shown.p, '/', shown.n);
	const char *own = memrchr(node->text.p, '/', node->text.n);
	size_t head = own != NULL ? (size_t)(own - node->text.p) + 1 : 0, n = 0;
	struct dirent *e;
	DIR *d;

	d = opendir(slash == NULL
		? "."
		: cdp_arena_dup(ld->mem,
		      (struct cdp_str){ shown.p, (size_t)(slash - shown.p) })
		      .p);
	while (d != NULL && n < 1000 && (e = readdir(d)) != NULL) {
		names = cdp_xreallocarray(names, n + 1, sizeof(*names));
		names[n++] = cdp_arena_printf(
		    ld->mem, "%.*s%s", (int)head, node->text.p, e->d_name);
	}
	if (d != NULL)
		closedir(d);
	if (n != 0)
		qsort(names, n, sizeof(*names), by_bytes);
	cdp_diag_name(
	    ld->diags, node, "unknown-file", "no file", node->text, names, n);
	free(names);
}

static bool
check_inside(
    struct cdp_loader *ld, const struct cdp_node *node, const char *what)
{
	if (cdp_file_inside(node->text))
		return true;
	cdp_diag_error(ld->diags, node, "unknown-file",
	    "%s '%.*s' must be below the project's directory", what,
	    (int)node->text.n, node->text.p);
	return false;
}

/* Read a file that node asked for. */
static struct cdp_file *
read_for(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_str name)
{
	struct cdp_str shown = cdp_file_shown(ld, name);
	struct cdp_err err = { 0 };
	struct cdp_file *f;

	if (!leads_inside(ld, shown.p)) {
		cdp_diag_error(ld->diags, node, "unknown-file",
		    "'%.*s' leads out of the project's directory", (int)name.n,
		    name.p);
		return NULL;
	}
	if (cdp_file_read(ld, name, &f, &err) == 0)
		return f;
	cdp_diag_error(ld->diags, node, "unknown-file", "%s", err.msg);
	return NULL;
}

bool
cdp_load_file(struct cdp_loader *ld, const struct cdp_node *node,
    const char *what, struct cdp_str *ret)
{
	struct cdp_file *f;
	struct cdp_str name, shown;
	struct stat st;

	if (!cdp_load_str(ld, node, what, &name) ||
	    !check_inside(ld, node, what))
		return false;
	shown = cdp_file_shown(ld, name);
	if (stat(shown.p, &st) != 0 || !S_ISREG(st.st_mode)) {
		no_file(ld, node);
		return false;
	}
	f = find(ld->pr, name);
	if (f == NULL && (f = read_for(ld, node, name)) == NULL)
		return false;
	*ret = f->text;
	return true;
}

/* ---- include ---- */

/* The project's directory must not be read as a pattern. */
static char *
pattern(const struct cdp_loader *ld, struct cdp_str glob_text)
{
	struct cdp_str dir = ld->pr->dir;
	char *ret = cdp_xmalloc(dir.n * 2 + glob_text.n + 2), *p = ret;
	size_t i;

	for (i = 0; i < dir.n; i++) {
		if (strchr("*?[\\", dir.p[i]) != NULL)
			*p++ = '\\';
		*p++ = dir.p[i];
	}
	*p++ = '/';
	if (glob_text.n != 0)
		memcpy(p, glob_text.p, glob_text.n);
	p[glob_text.n] = '\0';
	return ret;
}

static void
include_one(
    struct cdp_loader *ld, const struct cdp_node *node, struct cdp_str name)
{
	struct cdp_file *f;

	if (find(ld->pr, name) != NULL)
		return;
	if ((f = read_for(ld, node, name)) == NULL) {
		ld->broken = true;
		return;
	}
	cdp_file_parse(ld, f);
}

/* What pat matches: nothing may, but it must be possible to look. */
static bool
look_for(struct cdp_loader *ld, const struct cdp_node *node, const char *pat,
    glob_t *ret)
{
	int rc = glob(pat, GLOB_NOSORT | GLOB_ERR, NULL, ret);

	if (rc == GLOB_NOSPACE || (rc == GLOB_ABORTED && errno == ENOMEM))
		cdp_mem_short(strlen(pat));
	if (rc != 0)
		ret->gl_pathc = 0;
	if (rc != GLOB_ABORTED || errno == ENOENT)
		return true;
	cdp_diag_error(ld->diags, node, "unknown-file",
	    "cannot look for '%.*s': %s", (int)node->text.n, node->text.p,
	    strerrordesc_np(errno));
	ld->broken = true;
	return false;
}

static void
include_pattern(struct cdp_loader *ld, const struct cdp_node *node)
{
	char *pat = pattern(ld, node->text);
	struct cdp_str *names;
	struct stat st;
	glob_t g = { 0 };
	size_t i, n = 0;
	bool looked = look_for(ld, node, pat, &g);

	names = cdp_xcalloc(g.gl_pathc + 1, sizeof(*names));
	for (i = 0; i < g.gl_pathc; i++)
		if (stat(g.gl_pathv[i], &st) == 0 && S_ISREG(st.st_mode))
			names[n++] =
			    cdp_str_of(g.gl_pathv[i] + ld->pr->dir.n + 1);
	qsort(names, n, sizeof(*names), by_bytes);
	for (i = 0; i < n; i++)
		include_one(ld, node, names[i]);
	if (n == 0 && looked && strpbrk(pat, "*?[") != NULL)
		cdp_diag_warn(ld->diags, node, "unknown-file",
		    "no file matches '%.*s'", (int)node->text.n, node->text.p);
	else if (n == 0 && looked) {
		ld->broken = true;
		no_file(ld, node);
	}
	free(names);
	globfree(&g);
	free(pat);
}

void
cdp_file_include(struct cdp_loader *ld, const struct cdp_node *node)
{
	struct cdp_str text;
	size_t i;

	if (node == NULL || !cdp_load_is_seq(ld, node, "include"))
		return;
	for (i = 0; i < node->n; i++)
		if (cdp_load_str(
			ld, node->item[i], "a file to include", &text) &&
		    check_inside(ld, node->item[i], "include"))
			include_pattern(ld, node->item[i]);
}

/* ---- fingerprint ---- */

/* Kind, name and content, told apart by the lengths that the hash adds. */
struct entry {
	struct cdp_str part[3];
};

static int
by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = cdp_str_cmp(x->part[0], y->part[0]);

	return c != 0 ? c : cdp_str_cmp(x->part[1], y->part[1]);
}

static bool
overridden(const struct cdp_define *def, size_t ndef, size_t i)
{
	size_t j;

	for (j = i + 1; j < ndef; j++)
		if (cdp_str_eq(def[i].name, def[j].name))
			return true;
	return false;
}

void
cdp_file_fingerprint(
    struct cdp_project *pr, const struct cdp_define *def, size_t ndef)
{
	const struct cdp_file *f;
	struct entry *e;
	size_t i, n = ndef;

	for (f = pr->file; f != NULL; f = f->next)
		n++;
	e = cdp_xcalloc(n + 1, sizeof(*e));
	n = 0;
	for (f = pr->file; f != NULL; f = f->next)
		e[n++] =
		    (struct entry){ { CDP_STR("file"), f->name, f->text } };
	for (i = 0; i < ndef; i++)
		if (!overridden(def, ndef, i))
			e[n++] = (struct entry){ { CDP_STR("define"),
			    def[i].name, def[i].value } };
	qsort(e, n, sizeof(*e), by_name);
	cdp_hash_sha256(e[0].part, n * 3, pr->fingerprint, 64);
	free(e);
}
