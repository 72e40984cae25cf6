#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/store/logint.h"

void
cdp_gather_free(struct cdp_gather *g)
{
	cdp_map_free(&g->puts);
	free(g->put);
	cdp_arena_free(&g->mem);
	cdp_buf_free(&g->in);
	cdp_buf_free(&g->out);
	cdp_buf_free(&g->outs);
	cdp_buf_free(&g->with);
	cdp_sets_free(&g->sets);
	*g = (struct cdp_gather){ 0 };
}

void
cdp_gather_reset(struct cdp_gather *g)
{
	cdp_map_free(&g->puts);
	g->puts = (struct cdp_map){ 0 };
	cdp_arena_reset(&g->mem);
	cdp_buf_reset(&g->in);
	cdp_buf_reset(&g->out);
	cdp_buf_reset(&g->outs);
	cdp_sets_reset(&g->sets);
	g->nput = g->nput_bytes = g->nid = 0;
	g->ninput = g->from = g->count = g->ncur = g->nold = 0;
	g->gone = g->plain = g->running = false;
	g->nset = g->nwith = 0;
	g->i = g->j = 0;
	g->o = (struct cdp_str){ 0 };
}

/* ---- gathering ---- */

void
cdp_log_put(
    struct cdp_log *log, struct cdp_str key, struct cdp_str val, int64_t due_ms)
{
	struct cdp_gather *g = &log->g;
	struct cdp_gput *p = cdp_map_get(&g->puts, key);

	if (p == NULL) {
		p = cdp_arena_calloc(&g->mem, 1, sizeof(*p));
		p->key = cdp_arena_dup(&g->mem, key);
		*cdp_map_at(&g->puts, p->key) = p;
		if (g->nput == g->cput) {
			g->cput = g->cput != 0 ? g->cput * 2 : 64;
			g->put = cdp_xreallocarray(
			    g->put, g->cput, sizeof(struct cdp_gput *));
		}
		g->put[g->nput++] = p;
		g->nput_bytes += key.n;
	}
	g->nput_bytes += val.n;
	p->val = cdp_arena_dup(&g->mem, val);
	p->due_ms = val.n != 0 ? due_ms : INT64_MAX;
}

static void
end_counts(struct cdp_gather *g)
{
	if (g->j != 0 && g->igone)
		cdp_meta_gone(&g->out, g->i, g->j - 1, g->count);
	else if (g->j != 0)
		cdp_meta_out(&g->out, g->i, g->j - 1, g->count);
	g->j = 0;
}

/* Write what is not yet a line of OUTS, in its order. */
static void
end_outs(struct cdp_gather *g)
{
	if (g->running)
		cdp_out_again(&g->outs, g->again_i, g->again.j, g->again.no);
	if (g->plain)
		cdp_out_line(&g->outs, g->ninput - 1, CDP_REC_PASS,
		    (struct cdp_str){ 0 });
	g->running = g->plain = false;
}

/* What the newest input caused is known: one plain pass is nothing to note. */
static void
end_input(struct cdp_gather *g)
{
	if (g->ninput == 0 || (g->ncur == 1 && g->plain && !g->gone))
		goto out;
	if (g->j == g->ninput - 1 && g->j != 0 && g->count == g->ncur &&
	    g->igone == g->gone) {
		g->j++;
		goto out;
	}
	end_counts(g);
	g->i = g->ninput - 1;
	g->j = g->ninput;
	g->count = g->ncur;
	g->igone = g->gone;
out:
	g->ncur = 0;
	g->gone = g->plain = false;
}

static void
end_run(struct cdp_log *log)
{
	struct cdp_gather *g = &log->g;

	if (g->nid != 0)
		cdp_meta_ids(&g->in, g->id, g->nid);
	if (g->nold != 0)
		cdp_meta_old(&g->in, g->nold);
	if (g->o.n != 0) {
		cdp_meta_in(&g->in, g->o, g->from, g->to);
		cdp_highs_raise(&log->hi, g->o, g->to);
	}
	g->nid = 0;
	g->nold = 0;
	g->o = (struct cdp_str){ 0 };
}

void
cdp_gather_end(struct cdp_log *log)
{
	end_input(&log->g);
	end_outs(&log->g);
	end_counts(&log->g);
	end_run(log);
}

void
cdp_log_old(struct cdp_log *log)
{
	struct cdp_gather *g = &log->g;

	end_input(g);
	g->ninput++;
	if (g->nold == 0)
		end_run(log);
	g->nold++;
}

void
cdp_log_gone(struct cdp_log *log, uint64_t count)
{
	log->g.gone = true;
	log->g.ncur = count;
	log->next_n += count;
}

void
cdp_log_time(struct cdp_log *log, int64_t ts_ms)
{
	if (log->t_ms < ts_ms && ts_ms < CDP_TIME_END)
		log->t_ms = ts_ms;
}

uint64_t
cdp_log_input(struct cdp_log *log, const struct cdp_log_key *key)
{
	struct cdp_gather *g = &log->g;
	uint64_t q;

	end_input(g);
	g->ninput++;
	q = log->q + log->under_way.g.ninput + g->ninput;
	if (key->n == 0) {
		if (g->o.n != 0 || g->nold != 0 || g->nid == CDP_META_IDS)
			end_run(log);
		g->id[g->nid++] = key->h;
		cdp_index_hash(&log->ix, key->h, q);
		return q;
	}
	if (cdp_str_eq(g->o, key->o) && g->to + 1 == key->n) {
		g->to++;
	} else {
		end_run(log);
		g->o = cdp_arena_dup(&g->mem, key->o);
		g->from = g->to = key->n;
	}
	cdp_index_in(&log->ix, key->o, key->n, key->n, q);
	return q;
}

uint64_t
cdp_log_record(struct cdp_log *log, enum cdp_rec_kind kind, struct cdp_str json)
{
	struct cdp_gather *g = &log->g;

	if (kind == CDP_REC_PASS && json.n != 0)
		return cdp_log_edit(log, &(struct cdp_edit){ .edit = json });
	if (kind == CDP_REC_PASS && g->ncur == 0) {
		g->plain = true;
	} else {
		end_outs(g);
		cdp_out_line(&g->outs, g->ninput - 1, kind, json);
	}
	g->ncur++;
	return log->next_n++;
}

/* The newest input is passed with set number no, which is written out. */
static void
edit_again(struct cdp_gather *g, uint64_t no)
{
	uint64_t i = g->ninput - 1;

	if (g->running && !g->plain && g->again.no == no &&
	    g->again.j + 1 == i) {
		g->again.j = i;
		return;
	}
	end_outs(g);
	g->running = true;
	g->again_i = i;
	g->again = (struct cdp_again){ i, no };
}

/* The edit, if the epoch that is being gathered has it: true, and which. */
static bool
is_there(struct cdp_log *log, const struct cdp_edit *ed, uint64_t *no)
{
	struct cdp_gather *g = &log->g;
	struct cdp_spot *spot = ed->spot;
	uint64_t e = log->e + log->under_way.busy + 1;

	if (ed->anew || spot->e != e) {
		*spot = (struct cdp_spot){ e, g->nset };
		return false;
	}
	*no = spot->no;
	if (ed->was.n == 0)
		return true;
	end_outs(g);
	if (!cdp_out_but(&g->outs, *no, ed->was, ed->edit)) {
		spot->no = g->nset;
		return false;
	}
	*no = spot->no = g->nset++;
	return true;
}

uint64_t
cdp_log_edit(struct cdp_log *log, const struct cdp_edit *ed)
{
	struct cdp_gather *g = &log->g;
	struct cdp_set *set = NULL;
	uint64_t no = 0;
	bool known;

	if (ed->spot != NULL) {
		known = is_there(log, ed, &no);
	} else {
		set = cdp_sets_at(&g->sets, &g->outs, ed->edit);
		known = set->off != 0;
		no = set->no;
	}
	if (known) {
		edit_again(g, no);
	} else {
		end_outs(g);
		cdp_out_line(&g->outs, g->ninput - 1, CDP_REC_PASS, ed->edit);
		if (set != NULL && !g->outs.over) {
			set->no = g->nset;
			set->off = g->outs.n - ed->edit.n - 2; /* "}\n" */
		}
		g->nset++;
	}
	g->ncur++;
	return log->next_n++;
}

uint64_t
cdp_log_line(struct cdp_log *log, struct cdp_str json, struct cdp_str with,
    const struct cdp_edit *ed)
{
	struct cdp_gather *g = &log->g;
	uint64_t no = 0;

	end_outs(g);
	if (g->nwith != 0 && cdp_str_eq(cdp_buf_str(&g->with), with)) {
		cdp_out_with(&g->outs, g->ninput - 1, json, g->nwith - 1);
		if (ed != NULL && (ed->was.n != 0 || ed->anew))
			ed->spot->e = 0; /* it stands nowhere else */
	} else {
		cdp_buf_reset(&g->with);
		cdp_buf_put(&g->with, with);
		if (ed == NULL) {
			cdp_out_whole(&g->outs, g->ninput - 1, json, with);
		} else {
			if (!is_there(log, ed, &no)) {
				no = g->nset++;
				cdp_out_set(&g->outs, ed->edit);
			}
			/* Without ',"', what is set, and both braces. */
			with.n -= cdp_set_inner(ed->edit).n + 4;
			cdp_out_tail(&g->outs, g->ninput - 1, json, with, no);
		}
		g->nwith++;
	}
	g->ncur++;
	return log->next_n++;
}

bool
cdp_log_pending(const struct cdp_log *log, const struct cdp_log_key *key)
{
	return cdp_index_where(&log->ix, key) > log->q;
}

size_t
cdp_log_gathered(const struct cdp_log *log, size_t *ninputs)
{
	const struct cdp_gather *g = &log->g;

	if (ninputs != NULL)
		*ninputs = g->ninput;
	return g->nput_bytes + g->in.n + g->outs.n;
}
