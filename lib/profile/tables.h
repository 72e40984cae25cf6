#ifndef CDP_PROFILE_TABLES_H
#define CDP_PROFILE_TABLES_H

#include "lib/store/log.h"

/*
 * tables: what cdp-merge knows, as tables for a warehouse.
 *
 * They have the names and, as far as the log knows the values, the columns of
 * Segment's Profiles Sync (cdp-store(1) lists them).  A seq is the number of
 * a record in the log, so that the greatest one of a row's key is the newest.
 */
enum cdp_table {
	CDP_TABLE_TRAITS,
	CDP_TABLE_IDENTIFIERS,
	CDP_TABLE_GRAPH,
	CDP_TABLE_MERGES,
	CDP_NTABLES
};

#define CDP_TABLE_COLUMNS 7

struct cdp_table_def {
	const char *name;
	size_t ncolumn;
	const char *column[CDP_TABLE_COLUMNS];
};

extern const struct cdp_table_def cdp_tables[CDP_NTABLES];

struct cdp_cell {
	enum { CDP_CELL_NULL, CDP_CELL_TEXT, CDP_CELL_JSON } kind;
	struct cdp_str s; /* decoded text; or JSON that is no string */
};

struct cdp_tables_opt {
	bool want[CDP_NTABLES];
	/* One row; a non-zero return ends the walk and is returned. */
	int (*row)(
	    void *arg, enum cdp_table table, const struct cdp_cell *cell);
	void *arg;
};

/*
 * Walk cdp-merge's log, once for the identity graph and once for traits and
 * identifiers, and make the rows of the tables that are wanted: rows of one
 * table come in an order that depends on the log's meaning only.
 *
 * 0; CDP_EIO; CDP_ECORRUPT; or what row returned.  Memory: about 150 bytes a
 * profile.
 */
int cdp_tables_write(
    struct cdp_log *log, const struct cdp_tables_opt *opt, struct cdp_err *err);

#endif
