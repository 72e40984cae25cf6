#include "lib/tool/erase.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/ingest/hold.h"
#include "lib/json/write.h"
#include "lib/rule/suppress.h"
#include "lib/store/lookup.h"
#include "lib/tool/erased.h"
#include "lib/tool/say.h"
#include "lib/tool/stands.h"

struct hash { /* of an identifier */
	struct cdp_str key, type;
	int64_t until_ms;
};

struct eraser {
	struct cdp_admin *a;
	const char *const *name; /* of the logs */
	struct cdp_log **log;    /* open for writing */
	size_t n;
	struct cdp_log *merge, *ingest; /* two of them, or NULL */
	struct cdp_suppress of_merge, of_ingest;
	int64_t until_ms; /* events that are not later stay out */
	struct cdp_erased who;
	struct hash *hash; /* identifiers that go in this run */
	size_t nhash;
	size_t nunknown;
	struct cdp_tape tape;
	struct cdp_buf buf;
};

/* ---- the logs ---- */

/* An epoch of ours has the rules of the one before it. */
static int
open_log(struct eraser *er, size_t i, struct cdp_err *err)
{
	struct cdp_log_opt opt = { .stage = er->name[i], .readonly = true };
	struct cdp_log *log;
	int rc = cdp_log_open(er->a->st, &opt, &log, err);

	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	opt.readonly = false;
	opt.fingerprint = cdp_arena_dup(&er->a->mem, cdp_log_fingerprint(log));
	cdp_log_close(log);
	return cdp_log_open(er->a->st, &opt, &er->log[i], err);
}

static int
read_state(struct eraser *er, struct cdp_log *log, struct cdp_str key,
    struct cdp_err *err)
{
	int rc;

	cdp_buf_reset(&er->buf);
	if ((rc = cdp_log_get(log, key, &er->buf, err)) != 0)
		return rc;
	if (cdp_tape_parse(&er->tape, cdp_buf_str(&er->buf), err) != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "the state of '%.*s' is "
		    "not JSON",
		    (int)key.n, key.p);
	return 0;
}

/* The newest event that ever came in: what is not later has been here. */
static int
find_newest(struct eraser *er, struct cdp_err *err)
{
	const struct cdp_tape *t = &er->tape;
	int rc;

	er->until_ms = CDP_TIME_END;
	if (er->ingest == NULL)
		return 0;
	rc = read_state(er, er->ingest, CDP_STR("clock"), err);
	if (rc == 0)
		(void)cdp_time_parse(
		    cdp_tape_str(
			t, cdp_tape_get(t, 0, CDP_STR("newest")), &er->a->mem),
		    &er->until_ms);
	return rc < 0 ? rc : 0;
}

/* All locks, in the order of the pipeline; a filter that runs is refused. */
static int
open_all(struct eraser *er, struct cdp_err *err)
{
	struct cdp_admin *a = er->a;
	size_t i;
	int rc = cdp_admin_open(a, err);

	/* It knows how identifiers are spelled; without it, as given. */
	(void)cdp_admin_project(a, &(struct cdp_err){ 0 });
	if (rc == 0)
		rc = cdp_store_logs(a->st, &a->mem, &er->name, &er->n, err);
	if (rc != 0)
		return rc;
	er->log = cdp_xcalloc(er->n + 1, sizeof(struct cdp_log *));
	for (i = 0; rc == 0 && i < er->n; i++) {
		rc = open_log(er, i, err);
		if (strcmp(er->name[i], "merge") == 0)
			er->merge = er->log[i];
		if (strcmp(er->name[i], "ingest") == 0)
			er->ingest = er->log[i];
	}
	if (rc == 0 && er->merge != NULL)
		rc = cdp_suppress_open(&er->of_merge, er->merge, err);
	if (rc == 0 && er->ingest != NULL)
		rc = cdp_suppress_open(&er->of_ingest, er->ingest, err);
	return rc == 0 ? find_newest(er, err) : rc;
}

/* ---- who ---- */

/* An identifier that nobody has any more, from now on. */
static int
shut_out(struct eraser *er, struct cdp_str type, struct cdp_str value,
    struct cdp_err *err)
{
	struct cdp_suppress *to =
	    er->merge != NULL ? &er->of_merge : &er->of_ingest;
	struct cdp_suppressed now;
	int rc;

	if (to->log == NULL)
		return 0;
	rc = cdp_suppress_get(to, type, value, &now, err);
	if (rc < 0)
		return rc;
	if (now.until_ms < er->until_ms)
		now.until_ms = er->until_ms;
	return cdp_suppress_set(to, type, value, &now, err);
}

/* The state of a profile: who was merged into it, and its identifiers. */
static int
take_profile(struct eraser *er, struct cdp_str id, struct cdp_err *err)
{
	struct cdp_arena *mem = &er->a->mem;
	const struct cdp_tape *t = &er->tape;
	uint32_t it = 0, sub, key, val, v[2];
	int rc = read_state(er, er->merge, id, err);
	size_t k;

	if (rc != 0)
		return rc == CDP_END ? 0 : rc;
	sub = cdp_tape_get(t, 0, CDP_STR("merged"));
	while (cdp_tape_next(t, sub, &it, &key, &val))
		cdp_erased_add(&er->who, cdp_tape_str(t, val, mem));
	sub = cdp_tape_get(t, 0, CDP_STR("ids"));
	for (it = 0; rc == 0 && cdp_tape_next(t, sub, &it, &key, &val);) {
		uint32_t in = 0;

		for (k = 0; k < 2; k++)
			if (!cdp_tape_next(t, val, &in, &key, &v[k]))
				return CDP_ECORRUPT;
		rc = shut_out(er, cdp_tape_str(t, v[0], mem),
		    cdp_tape_str(t, v[1], mem), err);
	}
	return rc;
}

/* Somebody unknown can stay so; who was erased before is no surprise. */
static int
unknown(struct eraser *er, struct cdp_str id, struct cdp_str type,
    struct cdp_str value, struct cdp_err *err)
{
	struct cdp_suppressed now = { .erased_ms = CDP_TIME_NONE };
	int rc = 0;

	if (type.n != 0 && value.n != 0) {
		rc = cdp_suppress_get(
		    er->merge != NULL ? &er->of_merge : &er->of_ingest, type,
		    value, &now, err);
		if (rc >= 0)
			rc = shut_out(er, type, value, err);
	}
	er->nunknown += now.erased_ms == CDP_TIME_NONE;
	cdp_say("cdp-store", "%s '%.*s'",
	    now.erased_ms != CDP_TIME_NONE ? "erased before:"
					   : "nobody is known as",
	    (int)id.n, id.p);
	return rc;
}

/* One that was asked for. */
static int
take(struct eraser *er, struct cdp_str id, struct cdp_err *err)
{
	const char *colon = id.n != 0 ? memchr(id.p, ':', id.n) : NULL;
	struct cdp_str type = { NULL, 0 }, value = { NULL, 0 }, key;
	int rc;

	if (colon != NULL) {
		type = (struct cdp_str){ id.p, (size_t)(colon - id.p) };
		value = (struct cdp_str){ colon + 1, id.n - type.n - 1 };
		if (er->a->pr != NULL)
			value = cdp_ident_spell(
			    &er->a->pr->identity, type, value, &er->a->mem);
		id = cdp_arena_printf(&er->a->mem, "%.*s:%.*s", (int)type.n,
		    type.p, (int)value.n, value.p);
	}
	rc = er->merge == NULL
	    ? CDP_END
	    : cdp_store_resolve(er->a->st, id, &er->a->mem, &key, err);
	if (rc != 0)
		return rc < 0 ? rc : unknown(er, id, type, value, err);
	if (cdp_str_starts(key, CDP_STR("p_"))) {
		cdp_erased_add(&er->who, key);
		return 0;
	}
	if (!cdp_str_starts(key, CDP_STR("i:")))
		return cdp_fail(
		    err, CDP_ECONF, "'%.*s' is not a person", (int)id.n, id.p);
	cdp_log_put(er->merge, key, CDP_STR(""), INT64_MAX); /* taken back */
	return shut_out(er, type, value, err);
}

static int
take_file(struct eraser *er, const char *path, struct cdp_err *err)
{
	bool std = strcmp(path, "-") == 0;
	FILE *fp = std ? stdin : fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc = 0;

	if (fp == NULL)
		return cdp_fail(err, CDP_EIO, "cannot open '%s'", path);
	while (rc == 0 && (n = getline(&line, &cap, fp)) > 0) {
		if (line[n - 1] == '\n')
			n--;
		if (n != 0)
			rc = take(er, (struct cdp_str){ line, (size_t)n }, err);
	}
	if (rc == 0 && ferror(fp))
		rc = cdp_fail(err, CDP_EIO, "cannot read '%s'", path);
	if (line != NULL)
		explicit_bzero(line, cap);
	free(line);
	if (!std)
		fclose(fp);
	return rc;
}

/* What cdp-merge has deleted, or an erasure that was killed has begun. */
static int
take_mark(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct eraser *er = arg;

	(void)val;
	(void)due_ms;
	if (cdp_str_starts(key, CDP_STR("x:")))
		cdp_erased_add(
		    &er->who, (struct cdp_str){ key.p + 2, key.n - 2 });
	return 0;
}

/* Write down who is to go, and that nobody of them comes back. */
static int
mark(struct eraser *er, struct cdp_err *err)
{
	struct cdp_map_ent *e;
	struct cdp_str *id = cdp_xcalloc(er->who.ids.n + 1, sizeof(*id));
	size_t i = 0, n = 0;
	int rc = 0;

	while ((e = cdp_map_next(&er->who.ids, &i)) != NULL)
		id[n++] = e->key;
	for (i = 0; rc == 0 && i < n; i++)
		rc = take_profile(er, id[i], err);
	free(id);
	for (i = 0; (e = cdp_map_next(&er->who.ids, &i)) != NULL;)
		cdp_log_put(er->merge,
		    cdp_arena_printf(
			&er->a->mem, "x:%.*s", (int)e->key.n, e->key.p),
		    CDP_STR("0"), INT64_MAX);
	return rc == 0 ? cdp_log_commit(er->merge, err) : rc;
}

/* Every identifier that was deleted: its events are not replayed, either. */
static int
take_hash(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct eraser *er = arg;
	struct cdp_arena *mem = &er->a->mem;
	const struct cdp_tape *t = &er->tape;
	int64_t until_ms, erased_ms;
	struct hash *h;

	(void)due_ms;
	if (!cdp_str_starts(key, CDP_STR("s:")) ||
	    cdp_tape_parse(&er->tape, val, NULL) != 0 ||
	    !cdp_tape_i64(t, cdp_tape_get(t, 0, CDP_STR("until")), &until_ms) ||
	    (cdp_tape_i64(
		 t, cdp_tape_get(t, 0, CDP_STR("erased")), &erased_ms) &&
		until_ms <= erased_ms))
		return 0;
	er->hash =
	    cdp_xreallocarray(er->hash, er->nhash + 1, sizeof(*er->hash));
	h = &er->hash[er->nhash++];
	*h = (struct hash){ .key = cdp_arena_dup(mem, key),
		.until_ms = until_ms,
		.type =
		    cdp_tape_str(t, cdp_tape_get(t, 0, CDP_STR("type")), mem) };
	h->type = cdp_arena_dup(mem, h->type);
	return 0;
}

/* cdp-ingest first: while cdp-merge does not say so this is done again. */
static int
seal_off(struct eraser *er, struct cdp_err *err)
{
	struct cdp_log *from = er->merge != NULL ? er->merge : er->ingest;
	size_t i;
	int rc = from != NULL ? cdp_log_each(from, take_hash, er, err) : 0;

	for (i = 0; rc == 0 && i < er->nhash; i++) {
		const struct hash *h = &er->hash[i];

		if (er->ingest != NULL)
			rc = cdp_suppress_erase(
			    &er->of_ingest, h->key, h->type, h->until_ms, err);
		if (rc == 0 && er->merge != NULL)
			rc = cdp_suppress_erase(
			    &er->of_merge, h->key, h->type, h->until_ms, err);
	}
	if (rc == 0 && er->ingest != NULL)
		rc = cdp_hold_erase(er->ingest, &er->of_ingest, er->a->pr, err);
	if (rc == 0 && er->merge != NULL)
		rc = cdp_log_commit(er->merge, err);
	return rc;
}

/* ---- writing anew, and telling ---- */

static int
count_left(void *arg, struct cdp_str line)
{
	size_t *const *p = arg;

	*p[0] += cdp_erased_count((const struct cdp_erased *)p[1], line);
	return 0;
}

static int
rewrite(struct eraser *er, size_t i, size_t *left, struct cdp_err *err)
{
	const struct cdp_compact_filter filter = { &er->who, cdp_erased_state,
		cdp_erased_record };
	const struct cdp_compact_opt opt = { .filter = &filter };
	void *arg[2] = { left, &er->who };
	struct cdp_compact_stats st;
	struct cdp_buf *b = &er->buf;
	size_t was = *left;
	int rc = cdp_compact_log(er->log[i], &opt, &st, err);

	if (rc == 0)
		rc = cdp_log_dump(er->a->st, er->name[i], count_left, arg, err);
	if (rc != 0)
		return rc;
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(b, "log", cdp_str_of(er->name[i]));
	cdp_json_ki64(b, "segments_rewritten", (int64_t)st.segments_was);
	cdp_json_ki64(b, "bytes_before", (int64_t)st.bytes_was);
	cdp_json_ki64(b, "bytes", (int64_t)st.bytes);
	cdp_json_ki64(b, "dropped", (int64_t)st.dropped);
	cdp_json_ki64(b, "replaced", (int64_t)st.replaced);
	cdp_json_ki64(b, "left", (int64_t)(*left - was));
	printf("%.*s}\n", (int)b->n, b->p);
	return 0;
}

/* What went out is out: the directories, for a person to look through. */
static int
tell_dir(void *arg, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct eraser *er = arg;
	const struct cdp_tape *t = &er->tape;
	struct cdp_buf *b = &er->buf;

	(void)due_ms;
	if (!cdp_str_starts(key, CDP_STR("d:")) ||
	    cdp_tape_parse(&er->tape, val, NULL) != 0)
		return 0;
	cdp_buf_reset(b);
	cdp_buf_putc(b, '{');
	cdp_json_kstr(
	    b, "destination", (struct cdp_str){ key.p + 2, key.n - 2 });
	cdp_json_kraw(
	    b, "dir", cdp_tape_raw(t, cdp_tape_get(t, 0, CDP_STR("dir"))));
	cdp_json_kraw(b, "untouched", CDP_STR("true"));
	printf("%.*s}\n", (int)b->n, b->p);
	return 0;
}

static void
tell_end(struct eraser *er)
{
	struct cdp_buf *b = &er->buf;
	size_t i;

	cdp_buf_reset(b);
	cdp_buf_puts(b, "{\"erased\":[");
	for (i = 0; i < er->nhash; i++) {
		cdp_json_comma(b);
		cdp_json_str(b,
		    (struct cdp_str){
			er->hash[i].key.p + 2, er->hash[i].key.n - 2 });
	}
	cdp_buf_putc(b, ']');
	cdp_json_ki64(b, "profiles", (int64_t)er->who.ids.n);
	printf("%.*s}\n", (int)b->n, b->p);
}

/* cdp-merge's log is the last: its marks say what is still to be done. */
static int
rewrite_all(struct eraser *er, struct cdp_err *err)
{
	size_t i, left = 0, merge = er->n;
	int rc = cdp_stands_tell(er->log, er->name, er->n, &er->who, err);

	for (i = 0; rc == 0 && er->who.ids.n != 0 && i < er->n; i++)
		if (er->log[i] == er->merge)
			merge = i;
		else if (er->log[i] != NULL)
			rc = rewrite(er, i, &left, err);
	if (rc == 0 && merge != er->n && left == 0)
		rc = rewrite(er, merge, &left, err);
	for (i = 0; rc == 0 && er->who.ids.n != 0 && i < er->n; i++)
		if ((strcmp(er->name[i], "deliver") == 0 ||
			strcmp(er->name[i], "spool") == 0) &&
		    er->log[i] != NULL)
			rc = cdp_log_each(er->log[i], tell_dir, er, err);
	if (rc == 0)
		tell_end(er);
	if (rc == 0 && left != 0)
		return cdp_fail(err, CDP_ECORRUPT,
		    "an erased profile is still named (%zu times)", left);
	return rc;
}

static int
run(struct eraser *er, struct cdp_err *err)
{
	struct cdp_admin *a = er->a;
	int k, rc = open_all(er, err);

	if (rc == 0 && er->merge != NULL)
		rc = cdp_log_each(er->merge, take_mark, er, err);
	for (k = 0; rc == 0 && k < a->n; k++)
		rc = take(er, cdp_str_of(a->name[k]), err);
	if (rc == 0 && a->key_file != NULL)
		rc = take_file(er, a->key_file, err);
	if (rc == 0 && er->merge != NULL)
		rc = mark(er, err);
	if (rc == 0)
		rc = seal_off(er, err);
	return rc == 0 ? rewrite_all(er, err) : rc;
}

int
cdp_admin_erase(struct cdp_admin *a, struct cdp_err *err)
{
	struct eraser er = { .a = a };
	int rc = run(&er, err);
	size_t i;

	cdp_suppress_free(&er.of_merge);
	cdp_suppress_free(&er.of_ingest);
	for (i = 0; i < er.n && er.log != NULL; i++)
		cdp_log_close(er.log[i]);
	free(er.log);
	free(er.hash);
	cdp_erased_free(&er.who);
	cdp_tape_free(&er.tape);
	cdp_buf_free(&er.buf);
	return rc != 0 ? rc : er.nunknown != 0 ? CDP_END : 0;
}
