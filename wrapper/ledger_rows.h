/* Rows of the SQLite ledger as values, and back. Called inside of a transaction. */
#ifndef TALLY_LEDGER_ROWS_H
#define TALLY_LEDGER_ROWS_H

#include <sqlite3.h>

#include "ledger.h"

/* The database of an open ledger, and its file, for what else is kept in it. */
sqlite3 *ledger_database(struct ledger *ledger, const char **path);

/* Seconds since the epoch, by this host's clock: the store's, where the store is here. */
int64_t ledger_clock(void);

int ledger_read_history(sqlite3 *db, const char *path, struct arena *arena,
			int64_t window, struct history *history, struct fault *fault);
int ledger_write_plan(sqlite3 *db, const char *path, struct arena *arena,
		      const struct ledger_plan *plan, const struct ledger_holder *holder,
		      int64_t now, int64_t *id, struct fault *fault);
int ledger_mark_started(sqlite3 *db, const char *path, struct arena *arena, int64_t id,
			struct fault *fault);

#endif
