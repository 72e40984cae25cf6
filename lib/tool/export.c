#include "lib/tool/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/json/write.h"
#include "lib/profile/tables.h"
#include "lib/store/move.h"
#include "lib/tool/input.h"

struct export
{
	bool csv;
	const char *ext;
	struct cdp_tables_opt opt;
	FILE *f[CDP_NTABLES];
	int dir;
	struct cdp_arena mem;
	struct cdp_buf line;
};

/* RFC 4180; NULL is nothing at all and an empty text is "". */
static void
csv_cell(struct cdp_buf *b, const struct cdp_cell *c)
{
	size_t i;
	bool plain = c->s.n != 0;

	if (c->kind == CDP_CELL_NULL)
		return;
	for (i = 0; plain && i < c->s.n; i++)
		plain = memchr(",\"\r\n\\", c->s.p[i], 5) == NULL;
	if (plain) {
		cdp_buf_put(b, c->s);
		return;
	}
	cdp_buf_putc(b, '"');
	for (i = 0; i < c->s.n; i++) {
		if (c->s.p[i] == '"')
			cdp_buf_putc(b, '"');
		cdp_buf_putc(b, c->s.p[i]);
	}
	cdp_buf_putc(b, '"');
}

static void
json_cell(struct cdp_buf *b, const char *name, const struct cdp_cell *c)
{
	if (c->kind == CDP_CELL_NULL)
		cdp_json_kraw(b, name, CDP_STR("null"));
	else if (c->kind == CDP_CELL_TEXT)
		cdp_json_kstr(b, name, c->s);
	else
		cdp_json_kraw(b, name, c->s);
}

static int
write_line(struct export *x, enum cdp_table table)
{
	cdp_buf_puts(&x->line, x->csv ? "\r\n" : "\n");
	return fwrite(x->line.p, 1, x->line.n, x->f[table]) == x->line.n
	    ? 0
	    : CDP_EIO;
}

static int
write_row(void *arg, enum cdp_table table, const struct cdp_cell *cell)
{
	const struct cdp_table_def *def = &cdp_tables[table];
	struct export *x = arg;
	size_t i;

	cdp_buf_reset(&x->line);
	if (!x->csv)
		cdp_buf_putc(&x->line, '{');
	for (i = 0; i < def->ncolumn; i++) {
		if (!x->csv)
			json_cell(&x->line, def->column[i], &cell[i]);
		else if (i != 0)
			cdp_buf_putc(&x->line, ',');
		if (x->csv)
			csv_cell(&x->line, &cell[i]);
	}
	if (!x->csv)
		cdp_buf_putc(&x->line, '}');
	return write_line(x, table);
}

static int
write_header(struct export *x, enum cdp_table table)
{
	const struct cdp_table_def *def = &cdp_tables[table];
	size_t i;

	cdp_buf_reset(&x->line);
	for (i = 0; i < def->ncolumn; i++)
		cdp_buf_printf(
		    &x->line, "%s%s", i != 0 ? "," : "", def->column[i]);
	return write_line(x, table);
}

/* ---- files ------------------------------------------------------- */

static const char *
file_name(struct export *x, enum cdp_table table, const char *end)
{
	return cdp_arena_printf(
	    &x->mem, "%s.%s%s", cdp_tables[table].name, x->ext, end)
	    .p;
}

/* What is in a table is personal: for the owner's eyes. */
static int
open_file(struct export *x, enum cdp_table table, struct cdp_err *err)
{
	const char *name = file_name(x, table, ".tmp");
	int fd = openat(x->dir, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd == -1)
		return cdp_fail(err, CDP_EIO, "cannot make '%s'", name);
	x->f[table] = fdopen(fd, "w");
	return 0;
}

/* A table has its name only when it is whole. */
static int
finish_file(struct export *x, enum cdp_table table, struct cdp_err *err)
{
	const char *tmp = file_name(x, table, ".tmp");
	const char *name = file_name(x, table, "");
	int rc = fclose(x->f[table]);

	x->f[table] = NULL;
	if (rc != 0)
		return cdp_fail(err, CDP_EIO, "cannot write '%s'", tmp);
	if (renameat(x->dir, tmp, x->dir, name) != 0)
		return cdp_fail(err, CDP_EIO, "cannot make '%s'", name);
	return 0;
}

static int
open_dir(struct export *x, const char *dir, struct cdp_err *err)
{
	int t, rc = 0;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return cdp_fail(err, CDP_EIO, "cannot make '%s'", dir);
	x->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->dir == -1)
		return cdp_fail(err, CDP_EIO, "cannot open '%s'", dir);
	for (t = 0; rc == 0 && t < CDP_NTABLES; t++)
		if (x->opt.want[t])
			rc = open_file(x, (enum cdp_table)t, err);
	return rc;
}

static int
choose(struct export *x, const struct cdp_admin *a, struct cdp_err *err)
{
	struct cdp_str names[CDP_NTABLES];
	int i, t, near, last = 0;

	for (t = 0; t < CDP_NTABLES; t++) {
		names[t] = cdp_str_of(cdp_tables[t].name);
		x->opt.want[t] = a->n == 0;
	}
	for (i = 0; i < a->n; i++) {
		for (t = 0; t < CDP_NTABLES; t++)
			if (cdp_str_is(names[t], a->name[i]))
				break;
		if (t < CDP_NTABLES) {
			x->opt.want[last = t] = true;
			continue;
		}
		near =
		    cdp_str_nearest(cdp_str_of(a->name[i]), names, CDP_NTABLES);
		if (near >= 0)
			return cdp_fail(err, CDP_ECONF,
			    "no table '%s', did you mean '%s'?", a->name[i],
			    names[near].p);
		return cdp_fail(err, CDP_ECONF,
		    "no table '%s': there are user_traits, user_identifiers, "
		    "id_graph_updates and profile_merges; a directory is named "
		    "with --dir",
		    a->name[i]);
	}
	if (a->dir == NULL && a->n != 1)
		return cdp_fail(err, CDP_ECONF,
		    "export: name one table, or a directory with --dir");
	if (a->dir == NULL)
		x->f[last] = stdout;
	return 0;
}

static int
write_tables(struct export *x, struct cdp_log *log, struct cdp_err *err)
{
	int t, rc = 0;

	for (t = 0; rc == 0 && x->csv && t < CDP_NTABLES; t++)
		if (x->opt.want[t])
			rc = write_header(x, (enum cdp_table)t);
	if (rc == 0)
		rc = cdp_tables_write(log, &x->opt, err);
	if (rc == CDP_EIO && err->code == 0)
		cdp_fail(err, rc, "cannot write the tables");
	for (t = 0; rc == 0 && x->dir != -1 && t < CDP_NTABLES; t++)
		if (x->opt.want[t])
			rc = finish_file(x, (enum cdp_table)t, err);
	return rc;
}

static void
close_all(struct export *x)
{
	int t;

	for (t = 0; t < CDP_NTABLES; t++)
		if (x->f[t] != NULL && x->f[t] != stdout)
			fclose(x->f[t]);
	if (x->dir != -1)
		close(x->dir);
	cdp_arena_free(&x->mem);
	cdp_buf_free(&x->line);
}

static int
export_tables(struct cdp_admin *a, bool csv, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = "merge", .readonly = true };
	struct export x = { .csv = csv,
		.ext = csv ? "csv" : "ndjson",
		.opt = { .row = write_row },
		.dir = -1 };
	struct cdp_log *log = NULL;
	int rc;

	x.opt.arg = &x;
	if ((rc = choose(&x, a, err)) != 0 ||
	    (rc = cdp_admin_open(a, err)) != 0)
		return rc;
	rc = cdp_log_open(a->st, &opt, &log, err);
	if (rc == CDP_END)
		rc = cdp_fail(err, CDP_ECONF,
		    "the store '%s' has no log 'merge'", a->st->path);
	if (rc == 0 && a->dir != NULL)
		rc = open_dir(&x, a->dir, err);
	if (rc == 0)
		rc = write_tables(&x, log, err);
	cdp_log_close(log);
	close_all(&x);
	return rc;
}

/* ---- the whole store --------------------------------------------- */

static int
print_line(void *arg, struct cdp_str line)
{
	struct cdp_err *err = arg;

	if (fwrite(line.p, 1, line.n, stdout) != line.n || putchar('\n') == EOF)
		return cdp_fail(err, CDP_EIO, "cannot write standard output");
	return 0;
}

static int
export_dump(struct cdp_admin *a, struct cdp_err *err)
{
	int rc;

	if (a->n != 0 || a->dir != NULL)
		return cdp_fail(err, CDP_ECONF,
		    "export: a dump is of everything, on standard output");
	rc = cdp_admin_open(a, err);
	return rc != 0 ? rc : cdp_store_pack(a->st, print_line, err, err);
}

int
cdp_admin_export(struct cdp_admin *a, struct cdp_err *err)
{
	if (a->format == NULL || strcmp(a->format, "ndjson") == 0)
		return export_tables(a, false, err);
	if (strcmp(a->format, "csv") == 0)
		return export_tables(a, true, err);
	if (strcmp(a->format, "dump") == 0)
		return export_dump(a, err);
	return cdp_fail(
	    err, CDP_ECONF, "no format '%s': ndjson, csv or dump", a->format);
}

/* That nothing is there is good. */
static int
check_free(const char *path, struct cdp_err *err)
{
	struct cdp_store *st = NULL;
	int rc = cdp_store_open(&cdp_io_real, path, CDP_STORE_READ, &st, err);

	cdp_store_close(st);
	if (rc == CDP_END)
		return 0;
	return cdp_fail(
	    err, CDP_ECONF, "there is something at '%s' already", path);
}

static int
read_dump(struct cdp_unpack *u, struct cdp_input *in, struct cdp_err *err)
{
	enum cdp_input_kind kind;
	struct cdp_str line;
	int rc;

	while ((rc = cdp_input_next(in, &kind, &line, err)) == 0) {
		if (kind == CDP_INPUT_FILE_END)
			continue;
		if (kind == CDP_INPUT_TOO_LONG)
			return cdp_fail(err, CDP_ECORRUPT,
			    "dump, line %llu: it is too long",
			    (unsigned long long)in->lineno);
		if ((rc = cdp_unpack_line(u, line, err)) != 0)
			return rc;
	}
	return rc == CDP_END ? cdp_unpack_end(u, err) : rc;
}

int
cdp_admin_import(struct cdp_admin *a, struct cdp_err *err)
{
	struct cdp_input in = {
		.file = a->name, .nfile = (size_t)a->n, .line_max = CDP_JSON_MAX
	};
	const char *path = cdp_admin_path(a);
	struct cdp_unpack *u = NULL;
	int rc;

	if (a->n > 1)
		return cdp_fail(err, CDP_ECONF, "import: one FILE, or none");
	if ((rc = check_free(path, err)) != 0)
		return rc;
	rc = cdp_unpack_new(&cdp_io_real, path, &u, err);
	if (rc == 0)
		rc = read_dump(u, &in, err);
	cdp_input_free(&in);
	cdp_unpack_free(u);
	return rc;
}
