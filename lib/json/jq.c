#include "lib/json/jqint.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/json/jqlex.h"
#include "lib/json/jqsay.h"
#include "lib/json/watch.h"

#define LIMIT_MS 2000

static void
out_of_memory(void *arg)
{
	(void)arg;
	cdp_watch_die("needs too much memory", CDP_EXIT_IO);
}

/* ---- what to compile ---- */

struct cdp_jq *
cdp_jq_new(void)
{
	struct cdp_jq *jq = cdp_xcalloc(1, sizeof(*jq));

	jq->limit_ms = LIMIT_MS;
	return jq;
}

void
cdp_jq_free(struct cdp_jq *jq)
{
	if (jq == NULL)
		return;
	cdp_jq_forget(jq);
	if (jq->run != NULL)
		jq_teardown(&jq->run);
	for (size_t i = 0; i < jq->n; i++) {
		cdp_jqplain_free(jq->v[i]->plain);
		free(jq->v[i]->text);
		free(jq->v[i]->place);
		free(jq->v[i]->settings);
		jv_free(jq->v[i]->settings_jv);
		free(jq->v[i]);
	}
	free(jq->v);
	cdp_map_free(&jq->by_text);
	cdp_buf_free(&jq->vars);
	if (jq->secrets.n != 0)
		explicit_bzero(jq->secrets.p, jq->secrets.n);
	cdp_buf_free(&jq->secrets);
	cdp_buf_free(&jq->text);
	cdp_buf_free(&jq->msg);
	cdp_buf_free(&jq->in);
	cdp_buf_free(&jq->out);
	cdp_tape_free(&jq->in_tape);
	cdp_jqcall_free(&jq->call);
	free(jq);
}

void
cdp_jq_vars(struct cdp_jq *jq, struct cdp_str json)
{
	cdp_buf_reset(&jq->vars);
	cdp_buf_put(&jq->vars, json);
}

void
cdp_jq_secrets(struct cdp_jq *jq, struct cdp_str json)
{
	cdp_buf_reset(&jq->secrets);
	cdp_buf_put(&jq->secrets, json);
}

void
cdp_jq_locale(struct cdp_jq *jq, struct cdp_str locale, struct cdp_str currency,
    struct cdp_str zone)
{
	jq->call.format.locale = cdp_locale_find(locale);
	jq->call.format.currency = currency;
	jq->call.format.zone = zone;
}

struct cdp_jq *
cdp_jq_like(const struct cdp_jq *jq)
{
	struct cdp_jq *like = cdp_jq_new();

	cdp_jq_vars(like, cdp_buf_str(&jq->vars));
	like->limit_ms = jq->limit_ms;
	like->call.format.locale = jq->call.format.locale;
	like->call.format.currency = jq->call.format.currency;
	like->call.format.zone = jq->call.format.zone;
	return like;
}

void
cdp_jq_on_lookup(struct cdp_jq *jq, cdp_jq_host *fn, void *arg)
{
	jq->call.lookup = fn;
	jq->call.lookup_arg = arg;
}

int
cdp_jq_lookup(struct cdp_jq *jq, struct cdp_str args, struct cdp_buf *ret,
    struct cdp_err *err)
{
	return jq->call.lookup == NULL
	    ? 0
	    : jq->call.lookup(jq->call.lookup_arg, args, ret, err);
}

bool
cdp_jq_looks_up(const struct cdp_jq *jq, int id)
{
	return memmem(jq->v[id]->text, jq->v[id]->n, "lookup", 6) != NULL;
}

void
cdp_jq_limit(struct cdp_jq *jq, int cpu_ms)
{
	jq->limit_ms = cpu_ms;
}

int
cdp_jq_add(struct cdp_jq *jq, struct cdp_str text, struct cdp_str place)
{
	return cdp_jq_add_with(jq, text, place, CDP_STR("null"));
}

int
cdp_jq_add_with(struct cdp_jq *jq, struct cdp_str text, struct cdp_str place,
    struct cdp_str settings)
{
	struct cdp_jqprog *first = cdp_map_get(&jq->by_text, text), *p;

	for (p = first; p != NULL; p = p->next)
		if (cdp_str_is(place, p->place) &&
		    cdp_str_is(settings, p->settings))
			return p->id;
	if (jq->n == jq->cap) {
		jq->cap = jq->cap != 0 ? 2 * jq->cap : 16;
		jq->v = cdp_xreallocarray(jq->v, jq->cap, sizeof(*jq->v));
	}
	p = cdp_xcalloc(1, sizeof(*p));
	p->text = cdp_xstrndup(text);
	p->n = text.n;
	p->place = cdp_xstrndup(place);
	p->settings = cdp_xstrndup(settings);
	p->settings_jv = jv_parse_sized(settings.p, (int)settings.n);
	p->plain = cdp_jqplain_new((struct cdp_str){ p->text, p->n });
	p->id = (int)jq->n;
	p->first = first != NULL ? first : p;
	if (first != NULL) {
		p->next = first->next;
		first->next = p;
	} else {
		*cdp_map_at(&jq->by_text, (struct cdp_str){ p->text, p->n }) =
		    p;
	}
	jq->v[jq->n++] = p;
	return p->id;
}

void
cdp_jq_want(struct cdp_jq *jq, int id)
{
	struct cdp_jqprog *p = jq->v[id];

	p->want = true;
	if (!p->first->used) {
		p->first->used = true;
		jq->stale = true;
	}
}

int
cdp_jq_count(const struct cdp_jq *jq)
{
	return (int)jq->n;
}

struct cdp_str
cdp_jq_place(const struct cdp_jq *jq, int id)
{
	return cdp_str_of(jq->v[id]->place);
}

struct cdp_str
cdp_jq_text(const struct cdp_jq *jq, int id)
{
	return (struct cdp_str){ jq->v[id]->text, jq->v[id]->n };
}

struct cdp_str
cdp_jq_settings(const struct cdp_jq *jq, int id)
{
	return cdp_str_of(jq->v[id]->settings);
}

/* ---- compiling ---- */

static void
define(struct cdp_buf *b, const struct cdp_jqprog *p)
{
	cdp_buf_printf(b, "def __p%d:\n", p->id);
	cdp_buf_put(b, (struct cdp_str){ p->text, p->n });
	cdp_buf_puts(b, "\n;");
}

/* Which of p[0..n) it is, by halves: $__i is the number of the program. */
static void
dispatch(struct cdp_buf *b, struct cdp_jqprog *const *p, size_t n)
{
	if (n == 1) {
		cdp_buf_printf(b, "__p%d", p[0]->id);
		return;
	}
	cdp_buf_printf(b, "if $__i < %d then ", p[n / 2]->id);
	dispatch(b, p, n / 2);
	cdp_buf_puts(b, " else ");
	dispatch(b, p + n / 2, n - n / 2);
	cdp_buf_puts(b, " end");
}

static void
join(struct cdp_buf *b, struct cdp_jqprog *const *p, size_t n)
{
	cdp_buf_reset(b);
	cdp_jqcall_prelude(b);
	cdp_buf_puts(b, ". as [$__i, $__v, $__settings] | ");
	for (size_t i = 0; i < n; i++)
		define(b, p[i]);
	cdp_buf_puts(b, "\n$__v | ");
	dispatch(b, p, n);
}

/* libjq reports each fault and then their number; the first says most. */
static void
on_fault(void *arg, jv msg)
{
	struct cdp_jq *jq = arg;

	if (jq->msg.n == 0 && jv_get_kind(msg) == JV_KIND_STRING)
		cdp_buf_puts(&jq->msg, jv_string_value(msg));
	jv_free(msg);
}

static jv
object(const struct cdp_buf *b)
{
	return b->n == 0 ? jv_object() : jv_parse_sized(b->p, (int)b->n);
}

static jq_state *
compile(struct cdp_jq *jq, struct cdp_jqprog *const *p, size_t n)
{
	jq_state *st = jq_init();
	jv args = jv_object();

	if (st == NULL)
		out_of_memory(NULL);
	cdp_buf_reset(&jq->msg);
	jq_set_nomem_handler(st, out_of_memory, NULL);
	jq_set_error_cb(st, on_fault, jq);
	cdp_jqcall_attach(&jq->call, st);
	jq_set_attr(st, jv_string("JQ_LIBRARY_PATH"), jv_array());
	args = jv_object_set(args, jv_string("vars"), object(&jq->vars));
	args = jv_object_set(args, jv_string("secrets"), object(&jq->secrets));
	join(&jq->text, p, n);
	if (!jq_compile_args(st, cdp_buf_cstr(&jq->text), args))
		jq_teardown(&st);
	return st;
}

static bool
is_whole(const struct cdp_jqprog *p)
{
	return cdp_jqlex_check((struct cdp_str){ p->text, p->n }, NULL) == 0;
}

static int
check_one(struct cdp_jq *jq, struct cdp_jqprog *p, struct cdp_err *err)
{
	jq_state *st;
	int rc = cdp_jqlex_check((struct cdp_str){ p->text, p->n }, err);

	if (rc != 0)
		return rc;
	if ((st = compile(jq, &p, 1)) == NULL)
		return cdp_jqsay_compile(cdp_buf_cstr(&jq->msg),
		    (struct cdp_str){ p->text, p->n }, err);
	jq_teardown(&st);
	return 0;
}

/* All at once: what is joined and compiles, compiles alone (see jqlex.h). */
static bool
check_all(struct cdp_jq *jq)
{
	struct cdp_jqprog **p = cdp_xcalloc(jq->n + 1, sizeof(*p));
	jq_state *st = NULL;
	bool fit = true;
	size_t n = 0;

	for (size_t i = 0; i < jq->n; i++)
		if (jq->v[i]->first == jq->v[i])
			p[n++] = jq->v[i];
	for (size_t i = 0; i < n; i++)
		fit = fit && is_whole(p[i]);
	if (fit)
		st = compile(jq, p, n);
	free(p);
	if (st == NULL)
		return false;
	jq_teardown(&st);
	jq->checked = jq->n;
	return true;
}

int
cdp_jq_check(struct cdp_jq *jq, int id, struct cdp_err *err)
{
	if (!jq->guilty && (size_t)id >= jq->checked)
		jq->guilty = !check_all(jq);
	if ((size_t)id < jq->checked)
		return 0;
	return check_one(jq, jq->v[id], err);
}

static int
guilty_one(struct cdp_jq *jq, struct cdp_jqprog *const *p, size_t n,
    struct cdp_err *err)
{
	struct cdp_err why = { 0 };

	for (size_t i = 0; i < n; i++)
		if (check_one(jq, p[i], &why) != 0)
			return cdp_fail(err, CDP_ECONF,
			    "the jq program at %s does not compile: %s",
			    p[i]->place, why.msg);
	return cdp_fail(err, CDP_ECONF, "jq programs do not compile: %s",
	    cdp_buf_cstr(&jq->msg));
}

int
cdp_jq_ready(struct cdp_jq *jq, struct cdp_err *err)
{
	struct cdp_jqprog **p;
	size_t n = 0;
	bool fit = true;
	int rc = 0;

	if (!jq->stale)
		return 0;
	p = cdp_xcalloc(jq->n, sizeof(*p));
	for (size_t i = 0; i < jq->n; i++)
		if (jq->v[i]->used) {
			p[n++] = jq->v[i];
			fit = fit && is_whole(jq->v[i]);
		}
	if (jq->run != NULL)
		jq_teardown(&jq->run);
	if (fit)
		jq->run = compile(jq, p, n);
	if (jq->run == NULL)
		rc = guilty_one(jq, p, n, err);
	else
		jq->stale = false;
	free(p);
	cdp_watch_init();
	return rc;
}

void
cdp_jq_sandbox(void)
{
	clearenv();
	setenv("TZ", "UTC", 1);
}
