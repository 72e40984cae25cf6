#include "lib/store/move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/json/write.h"
#include "lib/store/logint.h"
#include "lib/store/lookup.h"
#include "lib/store/text.h"

#define SECRET_SIZE 32
#define COMMIT_BYTES ((size_t)4 << 20)
#define COMMIT_INPUTS 65536

/* ---- out --------------------------------------------------------- */

struct pack {
	struct cdp_store *st;
	int (*fn)(void *arg, struct cdp_str line);
	void *arg;
	uint64_t nline;
	struct cdp_buf line;
	struct cdp_err *err;
};

static int
emit(void *arg, struct cdp_str line)
{
	struct pack *p = arg;

	p->nline++;
	return p->fn(p->arg, line);
}

static int
emit_head(struct pack *p)
{
	struct cdp_store *st = p->st;
	struct cdp_buf text = { 0 }, secret = { 0 };
	struct cdp_buf *b = &p->line;
	struct cdp_str rest, format;
	int rc = cdp_text_read(st->io, st->dir, "FORMAT", &text, p->err);

	if (rc == 0)
		rc = cdp_text_slurp(
		    st->io, st->dir, "SECRET", SECRET_SIZE, &secret, p->err);
	if (rc == CDP_END || (rc == 0 && secret.n != SECRET_SIZE))
		rc = cdp_fail(p->err, CDP_ECORRUPT,
		    "store '%s': FORMAT or SECRET is missing", st->path);
	rest = cdp_buf_str(&text);
	if (rc == 0 && cdp_text_line(&rest, &format)) {
		cdp_buf_puts(b, "{\"cdp_dump\":1");
		cdp_json_kraw(b, "format", format);
		cdp_buf_puts(b, ",\"secret\":\"");
		cdp_text_hex(b, (const uint8_t *)secret.p, secret.n);
		cdp_buf_puts(b, "\"}");
		rc = emit(p, cdp_buf_str(b));
	}
	cdp_buf_free(&text);
	cdp_buf_free(&secret);
	return rc;
}

static int
emit_log(struct pack *p, const char *name, struct cdp_log *log)
{
	struct cdp_buf *b = &p->line;
	int rc;

	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "log", cdp_str_of(name));
	cdp_json_kstr(b, "cfg", cdp_log_fingerprint(log));
	if (log->t_ms != CDP_TIME_NONE)
		cdp_json_ki64(b, "t", log->t_ms);
	cdp_buf_putc(b, '}');
	rc = emit(p, cdp_buf_str(b));
	return rc != 0 ? rc : cdp_log_lines(log, true, emit, p, p->err);
}

int
cdp_store_pack(struct cdp_store *st, int (*fn)(void *arg, struct cdp_str line),
    void *arg, struct cdp_err *err)
{
	struct pack p = { .st = st, .fn = fn, .arg = arg, .err = err };
	struct cdp_arena mem = { 0 };
	struct cdp_log **log = NULL;
	const char *const *name;
	size_t i, n = 0;
	int rc = cdp_store_logs(st, &mem, &name, &n, err);

	if (rc == 0)
		log = cdp_arena_calloc(&mem, n + 1, sizeof(struct cdp_log *));
	for (i = n; rc >= 0 && i-- != 0;) {
		struct cdp_log_opt opt = { .stage = name[i], .readonly = true };

		rc = cdp_log_open(st, &opt, &log[i], err);
	}
	if (rc >= 0)
		rc = emit_head(&p);
	for (i = 0; rc == 0 && i < n; i++)
		if (log[i] != NULL)
			rc = emit_log(&p, name[i], log[i]);
	if (rc == 0) {
		cdp_buf_reset(&p.line);
		cdp_buf_printf(
		    &p.line, "{\"end\":%llu}", (unsigned long long)p.nline);
		rc = emit(&p, cdp_buf_str(&p.line));
	}
	for (i = 0; i < n; i++)
		cdp_log_close(log[i]);
	cdp_buf_free(&p.line);
	cdp_arena_free(&mem);
	return rc;
}

/* ---- in ---------------------------------------------------------- */

struct cdp_unpack {
	const struct cdp_io *io;
	char *path, *tmp;
	struct cdp_store *st;
	struct cdp_log *log;
	uint64_t q, n; /* the last input and record of this log */
	uint64_t nline;
	bool done;
	struct cdp_tape tape;
	struct cdp_arena mem;
};

int
cdp_unpack_new(const struct cdp_io *io, const char *path,
    struct cdp_unpack **ret, struct cdp_err *err)
{
	struct cdp_unpack *u = cdp_xcalloc(1, sizeof(*u));
	size_t n = strlen(path);

	u->io = io;
	u->path = cdp_xstrdup(path);
	u->tmp = cdp_xmalloc(n + sizeof(".import"));
	memcpy(u->tmp, path, n);
	while (n > 1 && path[n - 1] == '/')
		n--;
	memcpy(u->tmp + n, ".import", sizeof(".import"));
	if (io->mkdirat(AT_FDCWD, u->tmp, 0700) != 0) {
		int rc = errno == EEXIST
		    ? cdp_fail(err, CDP_ECONF,
			  "'%s' is what an import that was cut short left: "
			  "remove it first",
			  u->tmp)
		    : cdp_fail(err, CDP_EIO, "cannot make '%s'", u->tmp);

		cdp_unpack_free(u);
		return rc;
	}
	*ret = u;
	return 0;
}

static int
misfit(struct cdp_unpack *u, const char *what, struct cdp_err *err)
{
	return cdp_fail(err, CDP_ECORRUPT, "dump, line %llu: %s",
	    (unsigned long long)u->nline, what);
}

static struct cdp_str
text(struct cdp_unpack *u, const char *name)
{
	return cdp_tape_str(
	    &u->tape, cdp_tape_get(&u->tape, 0, cdp_str_of(name)), &u->mem);
}

/* SECRET and FORMAT as they were; what they say is checked by opening. */
static int
take_head(struct cdp_unpack *u, struct cdp_err *err)
{
	const struct cdp_tape *t = &u->tape;
	struct cdp_buf format = { 0 };
	uint8_t secret[SECRET_SIZE];
	int64_t version;
	int dir, rc;

	if (!cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("cdp_dump")), &version))
		return misfit(u, "this is no dump of a store", err);
	if (version != 1)
		return misfit(u, "the version of this dump is not known", err);
	if (!cdp_text_unhex(text(u, "secret"), secret, sizeof(secret)))
		return misfit(u, "the secret is damaged", err);
	dir = u->io->openat(
	    AT_FDCWD, u->tmp, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (dir == -1)
		return cdp_fail(err, CDP_EIO, "cannot open '%s'", u->tmp);
	cdp_buf_put(
	    &format, cdp_tape_raw(t, cdp_tape_get(t, 0, CDP_STR("format"))));
	cdp_buf_putc(&format, '\n');
	rc = cdp_io_replace(u->io, dir, "SECRET", secret, sizeof(secret), err);
	if (rc == 0)
		rc = cdp_text_write(u->io, dir, "FORMAT", &format, err);
	u->io->close(dir);
	cdp_buf_free(&format);
	return rc != 0
	    ? rc
	    : cdp_store_open(u->io, u->tmp, CDP_STORE_WRITE, &u->st, err);
}

static int
finish_log(struct cdp_unpack *u, struct cdp_err *err)
{
	int rc = u->log != NULL ? cdp_log_commit(u->log, err) : 0;

	cdp_log_close(u->log);
	u->log = NULL;
	u->q = u->n = 0;
	return rc;
}

static bool
is_name(struct cdp_str s)
{
	size_t i;

	for (i = 0; i < s.n && s.p[i] >= 'a' && s.p[i] <= 'z'; i++)
		;
	return i == s.n && i != 0 && i < 32;
}

static int
take_log(struct cdp_unpack *u, struct cdp_err *err)
{
	struct cdp_str name = text(u, "log"), cfg = text(u, "cfg");
	uint32_t time = cdp_tape_get(&u->tape, 0, CDP_STR("t"));
	struct cdp_log_opt opt = { .fingerprint = cfg };
	int64_t t_ms;
	int rc = finish_log(u, err);

	if (rc != 0)
		return rc;
	if (!is_name(name) || cfg.n > 64)
		return misfit(u, "no name of a log", err);
	opt.stage = cdp_arena_dup(&u->mem, name).p;
	if ((rc = cdp_log_open(u->st, &opt, &u->log, err)) != 0)
		return rc;
	if (cdp_log_last(u->log) != 0)
		return misfit(u, "this log was there before", err);
	if (cdp_tape_i64(&u->tape, time, &t_ms))
		cdp_log_time(u->log, t_ms);
	return 0;
}

static int
take_state(struct cdp_unpack *u, uint32_t val, struct cdp_err *err)
{
	const struct cdp_tape *t = &u->tape;
	struct cdp_str key = text(u, "k");
	uint32_t due = cdp_tape_get(t, 0, CDP_STR("due"));
	int64_t due_ms = INT64_MAX;

	if (key.n == 0 || key.n > 512 ||
	    (due != CDP_NOTOK && !cdp_tape_i64(t, due, &due_ms)))
		return misfit(u, "the state does not fit", err);
	cdp_log_put(u->log, key, cdp_tape_raw(t, val), due_ms);
	return 0;
}

static bool
read_key(struct cdp_unpack *u, struct cdp_log_key *ret)
{
	const struct cdp_tape *t = &u->tape;
	uint32_t it = 0, key, o, n, in = cdp_tape_get(t, 0, CDP_STR("in"));
	uint8_t h[16];
	int64_t no;
	int i;

	*ret = (struct cdp_log_key){ 0 };
	if (in != CDP_NOTOK) {
		if (!cdp_tape_next(t, in, &it, &key, &o) ||
		    !cdp_tape_next(t, in, &it, &key, &n) ||
		    !cdp_tape_i64(t, n, &no) || no < 1)
			return false;
		ret->o = cdp_tape_str(t, o, &u->mem);
		ret->n = (uint64_t)no;
		return ret->o.n != 0;
	}
	if (!cdp_text_unhex(text(u, "h"), h, sizeof(h)))
		return false;
	for (i = 0; i < 8; i++) {
		ret->h.hi = ret->h.hi << 8 | h[i];
		ret->h.lo = ret->h.lo << 8 | h[8 + i];
	}
	return true;
}

/* What compaction has dropped stays dropped, under its number. */
static bool
is_gone(const struct cdp_unpack *u, uint32_t rec)
{
	return cdp_tape_kind(&u->tape,
		   cdp_tape_get(&u->tape, rec, CDP_STR("gone"))) == CDP_TRUE;
}

static int
take_record(struct cdp_unpack *u, uint32_t rec, struct cdp_err *err)
{
	const struct cdp_tape *t = &u->tape;
	uint32_t set = cdp_tape_get(t, rec, CDP_STR("set"));
	uint32_t line = cdp_tape_get(t, rec, CDP_STR("line"));
	struct cdp_str json = { 0 };
	uint32_t at = line != CDP_NOTOK ? line : set;
	int64_t n;

	if (!cdp_tape_i64(t, cdp_tape_get(t, rec, CDP_STR("n")), &n) ||
	    (uint64_t)n != ++u->n ||
	    (at != CDP_NOTOK && !cdp_tape_isa(t, at, CDP_OBJECT)))
		return misfit(u, "the record does not fit", err);
	if (at != CDP_NOTOK)
		json = cdp_tape_raw(t, at);
	cdp_log_record(u->log,
	    is_gone(u, rec)         ? CDP_REC_GONE
		: line != CDP_NOTOK ? CDP_REC_LINE
				    : CDP_REC_PASS,
	    json);
	return 0;
}

/* Which input this is: one by its key, or one that is known no more. */
static int
begin_input(struct cdp_unpack *u, struct cdp_err *err)
{
	const struct cdp_tape *t = &u->tape;
	struct cdp_log_key in;
	uint64_t at;

	if (cdp_tape_get(t, 0, CDP_STR("in")) == CDP_NOTOK &&
	    cdp_tape_get(t, 0, CDP_STR("h")) == CDP_NOTOK) {
		cdp_log_old(u->log);
		return 0;
	}
	if (!read_key(u, &in) ||
	    (cdp_log_where(u->log, &in, &at) == 0 &&
		(in.n != 0 || cdp_log_mark(u->log, &in) == CDP_MARK(in.h.hi))))
		return misfit(u, "the input does not fit", err);
	cdp_log_input(u->log, &in);
	return 0;
}

static int
take_input(struct cdp_unpack *u, uint32_t q, struct cdp_err *err)
{
	const struct cdp_tape *t = &u->tape;
	uint32_t it = 0, key, rec, out = cdp_tape_get(t, 0, CDP_STR("out"));
	int64_t no, gone;
	int rc;

	if (!cdp_tape_i64(t, q, &no) || (uint64_t)no != ++u->q)
		return misfit(u, "the input does not fit", err);
	if ((rc = begin_input(u, err)) != 0)
		return rc;
	if (cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("gone")), &gone) &&
	    gone > 0 && gone < INT32_MAX) {
		cdp_log_gone(u->log, (uint64_t)gone);
		u->n += (uint64_t)gone;
		return 0;
	}
	while (rc == 0 && cdp_tape_next(t, out, &it, &key, &rec))
		rc = take_record(u, rec, err);
	return rc;
}

int
cdp_unpack_line(struct cdp_unpack *u, struct cdp_str line, struct cdp_err *err)
{
	const struct cdp_tape *t = &u->tape;
	uint32_t at;
	size_t ninput;
	int64_t n;
	int rc = 0;

	u->nline++;
	cdp_arena_reset(&u->mem);
	if (cdp_tape_parse(&u->tape, line, NULL) != 0 ||
	    !cdp_tape_isa(t, 0, CDP_OBJECT) || u->done)
		return misfit(u, "this is no dump of a store", err);
	if (u->st == NULL)
		return take_head(u, err);
	if (cdp_tape_get(t, 0, CDP_STR("log")) != CDP_NOTOK)
		return take_log(u, err);
	if (cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("end")), &n)) {
		u->done = (uint64_t)n == u->nline - 1;
		return u->done ? finish_log(u, err)
			       : misfit(u, "lines are missing", err);
	}
	if (u->log == NULL)
		return misfit(u, "no log is named yet", err);
	if ((at = cdp_tape_get(t, 0, CDP_STR("v"))) != CDP_NOTOK)
		rc = take_state(u, at, err);
	else if ((at = cdp_tape_get(t, 0, CDP_STR("q"))) != CDP_NOTOK)
		rc = take_input(u, at, err);
	else
		rc = misfit(u, "neither a state nor an input", err);
	if (rc == 0 &&
	    (cdp_log_gathered(u->log, &ninput) >= COMMIT_BYTES ||
		ninput >= COMMIT_INPUTS))
		rc = cdp_log_commit(u->log, err);
	return rc;
}

int
cdp_unpack_end(struct cdp_unpack *u, struct cdp_err *err)
{
	int dir, rc = 0;

	if (!u->done)
		return cdp_fail(err, CDP_EEARLY,
		    "the dump ends before its last line, {\"end\":N}");
	if (u->io->renameat(AT_FDCWD, u->tmp, AT_FDCWD, u->path) != 0)
		return cdp_fail(
		    err, CDP_EIO, "cannot move '%s' to '%s'", u->tmp, u->path);
	dir = u->io->openat(
	    u->st->dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (dir == -1)
		return 0; /* it may not be ours to open */
	if (u->io->fsync(dir) != 0)
		rc = cdp_fail(
		    err, CDP_EIO, "cannot sync the parent of '%s'", u->path);
	u->io->close(dir);
	return rc;
}

void
cdp_unpack_free(struct cdp_unpack *u)
{
	if (u == NULL)
		return;
	cdp_log_close(u->log);
	cdp_store_close(u->st);
	cdp_tape_free(&u->tape);
	cdp_arena_free(&u->mem);
	free(u->path);
	free(u->tmp);
	free(u);
}
