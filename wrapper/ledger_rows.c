#include "ledger_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "process.h"
#include "syntax.h"

enum { RESERVED, STARTED, ENDED };

int64_t ledger_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

static int broken(sqlite3 *db, const char *path, struct fault *fault, const char *doing)
{
	return fault_set(fault, "the ledger %s cannot be %s: %s", path, doing,
			 sqlite3_errmsg(db));
}

static const char *column_text(struct arena *arena, sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text ? arena_strdup(arena, text) : NULL;
}

/* A set as it was folded. A row that cannot be read is a damaged ledger, not an empty set. */
static const struct hostset *column_set(struct arena *arena, const char *path,
					sqlite3_stmt *row, int column,
					struct fault *fault)
{
	const char *text = (const char *)sqlite3_column_text(row, column);
	struct fault inner = {0};
	const struct hostset *set = syntax_folded(arena, text ? text : "", &inner);

	if (!set)
		fault_set(fault, "the ledger %s is damaged: row %lld holds \"%.60s\": %s",
			  path, (long long)sqlite3_column_int64(row, 0), text ? text : "",
			  inner.text[0] ? inner.text : "out of memory");
	return set;
}

static int read_admission(struct arena *arena, const char *path, sqlite3_stmt *row,
			  struct admission *admission, struct fault *fault)
{
	admission->id = sqlite3_column_int64(row, 0);
	admission->at = sqlite3_column_int64(row, 1);
	admission->action = (enum action)sqlite3_column_int(row, 2);
	admission->tool = column_text(arena, row, 3);
	admission->user = column_text(arena, row, 4);
	admission->uid = (uint32_t)sqlite3_column_int64(row, 5);
	admission->targets = column_set(arena, path, row, 6, fault);
	admission->out = column_set(arena, path, row, 7, fault);
	admission->until = sqlite3_column_int64(row, 8);
	admission->started = sqlite3_column_int(row, 9) >= STARTED;
	admission->ended = sqlite3_column_int(row, 9) >= ENDED;
	admission->digest = column_text(arena, row, 10);
	admission->unit = column_text(arena, row, 11);
	admission->effect = (uint64_t)sqlite3_column_int64(row, 12);
	return admission->targets && admission->out ? 0 : -1;
}

/*
 * Two looks by two indexes: what is young enough for a rate, and what is still out. Neither
 * depends on how much lies behind (EXPLAIN QUERY PLAN says SEARCH for both).
 */
static const char select_admissions[] =
	"SELECT id, at, action, tool, user, uid, targets, out, until, state, digest, "
	"unit, effect"
	" FROM admissions WHERE at > ?1"
	" UNION "
	"SELECT id, at, action, tool, user, uid, targets, out, until, state, digest, "
	"unit, effect"
	" FROM admissions INDEXED BY admissions_out WHERE out <> '' AND until = 0"
	" UNION "
	"SELECT id, at, action, tool, user, uid, targets, out, until, state, digest, "
	"unit, effect"
	" FROM admissions INDEXED BY admissions_out WHERE out <> '' AND until > ?2"
	" ORDER BY 1";

static int read_admissions(sqlite3 *db, const char *path, struct arena *arena,
			   int64_t window, struct history *history, struct fault *fault)
{
	struct admission *items = NULL;
	sqlite3_stmt *row = NULL;
	size_t capacity = 0;
	int code;

	if (sqlite3_prepare_v2(db, select_admissions, -1, &row, NULL) != SQLITE_OK)
		return broken(db, path, fault, "read");
	sqlite3_bind_int64(row, 1, history->now - window);
	sqlite3_bind_int64(row, 2, history->now);
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		items = arena_grow(arena, items, history->count, &capacity,
				   sizeof(*items));
		if (!items) {
			fault_set(fault, "out of memory while the ledger was read");
			break;
		}
		memset(&items[history->count], 0, sizeof(*items));
		if (read_admission(arena, path, row, &items[history->count++], fault) < 0)
			break;
	}
	sqlite3_finalize(row);
	history->admissions = items;
	if (code == SQLITE_DONE)
		return 0;
	return code == SQLITE_ROW ? -1 : broken(db, path, fault, "read");
}

static int read_sightings(sqlite3 *db, const char *path, struct arena *arena,
			  struct history *history, struct fault *fault)
{
	struct sighting *items = NULL;
	sqlite3_stmt *row = NULL;
	size_t capacity = 0;
	int code;

	if (sqlite3_prepare_v2(db, "SELECT subsystem, capacity, at FROM sightings", -1,
			       &row, NULL) != SQLITE_OK)
		return broken(db, path, fault, "read");
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		items = arena_grow(arena, items, history->sighting_count, &capacity,
				   sizeof(*items));
		if (!items)
			break;
		items[history->sighting_count++] =
			(struct sighting){column_text(arena, row, 0),
					  (uint64_t)sqlite3_column_int64(row, 1),
					  sqlite3_column_int64(row, 2)};
	}
	sqlite3_finalize(row);
	history->sightings = items;
	return code == SQLITE_DONE ? 0 : broken(db, path, fault, "read");
}

int ledger_read_history(sqlite3 *db, const char *path, struct arena *arena,
			int64_t window, struct history *history, struct fault *fault)
{
	sqlite3_stmt *row = NULL;

	memset(history, 0, sizeof(*history));
	history->now = ledger_clock();
	if (sqlite3_prepare_v2(db, "SELECT number FROM revision", -1, &row, NULL) !=
		    SQLITE_OK ||
	    sqlite3_step(row) != SQLITE_ROW) {
		sqlite3_finalize(row);
		return broken(db, path, fault, "read");
	}
	history->revision = (uint64_t)sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	if (read_admissions(db, path, arena, window, history, fault) < 0)
		return -1;
	return read_sightings(db, path, arena, history, fault);
}

/* ---- writing ---- */

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	if (text)
		sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(statement, index);
}

static int write_admission(sqlite3 *db, const char *path, struct arena *arena,
			   const struct admission *admission,
			   const struct ledger_holder *holder, int64_t now,
			   int64_t *batch, struct fault *fault)
{
	static const char insert[] = "INSERT INTO admissions (batch, at, action, tool, "
				     "user, uid, targets, out, until,"
				     " state, digest, unit, effect, pid, start, event)"
				     " VALUES (?,?,?,?,?,?,?,?,?,0,?,?,?,?,?,?)";
	const char *targets = hostset_fold(arena, admission->targets);
	const char *out = admission->out ? hostset_fold(arena, admission->out) : "";
	sqlite3_stmt *statement = NULL;
	char start[32];
	int code;

	if (!targets || !out)
		return fault_set(fault, "out of memory while the ledger was written");
	snprintf(start, sizeof(start), "%llu", holder->start);
	if (sqlite3_prepare_v2(db, insert, -1, &statement, NULL) != SQLITE_OK)
		return broken(db, path, fault, "written");
	sqlite3_bind_int64(statement, 1, *batch);
	sqlite3_bind_int64(statement, 2, now);
	sqlite3_bind_int(statement, 3, (int)admission->action);
	bind_text(statement, 4, admission->tool);
	bind_text(statement, 5, admission->user);
	sqlite3_bind_int64(statement, 6, admission->uid);
	bind_text(statement, 7, targets);
	bind_text(statement, 8, out);
	sqlite3_bind_int64(statement, 9, admission->until);
	bind_text(statement, 10, admission->digest);
	bind_text(statement, 11, admission->unit);
	sqlite3_bind_int64(statement, 12, (sqlite3_int64)admission->effect);
	sqlite3_bind_int(statement, 13, holder->pid);
	bind_text(statement, 14, start);
	bind_text(statement, 15, holder->event);
	code = sqlite3_step(statement);
	sqlite3_finalize(statement);
	if (code != SQLITE_DONE)
		return broken(db, path, fault, "written");
	if (*batch == 0) {
		char sql[128];

		*batch = sqlite3_last_insert_rowid(db);
		snprintf(sql, sizeof(sql),
			 "UPDATE admissions SET batch = id WHERE id = %lld",
			 (long long)*batch);
		if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
			return broken(db, path, fault, "written");
	}
	return 0;
}

static int write_sighting(sqlite3 *db, const char *path, const struct sighting *sighting,
			  int64_t now, struct fault *fault)
{
	sqlite3_stmt *statement = NULL;
	int code =
		sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO sightings VALUES (?,?,?)",
				   -1, &statement, NULL);

	if (code == SQLITE_OK) {
		bind_text(statement, 1, sighting->subsystem);
		sqlite3_bind_int64(statement, 2, (sqlite3_int64)sighting->capacity);
		sqlite3_bind_int64(statement, 3, now);
		code = sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? 0 : broken(db, path, fault, "written");
}

int ledger_write_plan(sqlite3 *db, const char *path, struct arena *arena,
		      const struct ledger_plan *plan, const struct ledger_holder *holder,
		      int64_t now, int64_t *id, struct fault *fault)
{
	for (size_t i = 0; i < plan->admission_count; i++)
		if (write_admission(db, path, arena, &plan->admissions[i], holder, now,
				    id, fault) < 0)
			return -1;
	for (size_t i = 0; i < plan->sighting_count; i++)
		if (write_sighting(db, path, &plan->sightings[i], now, fault) < 0)
			return -1;
	return 0;
}

/* Takes `targets` out of whatever is out: they are back in service. */
static int give_back(sqlite3 *db, const char *path, struct arena *arena,
		     const struct hostset *targets, struct fault *fault)
{
	sqlite3_stmt *row = NULL, *update = NULL;
	int code;

	if (sqlite3_prepare_v2(db, "SELECT id, out FROM admissions WHERE out <> ''", -1,
			       &row, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "UPDATE admissions SET out = ? WHERE id = ?", -1,
			       &update, NULL) != SQLITE_OK) {
		sqlite3_finalize(row);
		return broken(db, path, fault, "written");
	}
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		const struct hostset *out = column_set(arena, path, row, 1, fault), *left;
		const char *text;

		left = out ? hostset_difference(arena, out, targets) : NULL;
		text = left ? hostset_fold(arena, left) : NULL;
		if (!text)
			break;
		if (hostset_equal(out, left))
			continue;
		bind_text(update, 1, text);
		sqlite3_bind_int64(update, 2, sqlite3_column_int64(row, 0));
		if (sqlite3_step(update) != SQLITE_DONE)
			break;
		sqlite3_reset(update);
	}
	sqlite3_finalize(row);
	sqlite3_finalize(update);
	return code == SQLITE_DONE ? 0 : broken(db, path, fault, "written");
}

int ledger_mark_started(sqlite3 *db, const char *path, struct arena *arena, int64_t id,
			struct fault *fault)
{
	sqlite3_stmt *row = NULL;
	char sql[128];
	int code, result = 0;

	if (id == 0)
		return 0;
	if (sqlite3_prepare_v2(
		    db,
		    "SELECT id, targets FROM admissions WHERE batch = ? AND action = ?",
		    -1, &row, NULL) != SQLITE_OK)
		return broken(db, path, fault, "read");
	sqlite3_bind_int64(row, 1, id);
	sqlite3_bind_int(row, 2, ACTION_RESTORE);
	while ((code = sqlite3_step(row)) == SQLITE_ROW && result == 0) {
		const struct hostset *targets = column_set(arena, path, row, 1, fault);

		result = targets ? give_back(db, path, arena, targets, fault) : -1;
	}
	sqlite3_finalize(row);
	if (result < 0)
		return -1;
	if (code != SQLITE_DONE)
		return broken(db, path, fault, "read");
	snprintf(sql, sizeof(sql), "UPDATE admissions SET state = %d WHERE batch = %lld",
		 STARTED, (long long)id);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return broken(db, path, fault, "written");
	if (sqlite3_changes(db) == 0)
		return fault_set(fault,
				 "the ledger %s no longer holds the reservation of this "
				 "command",
				 path);
	return 0;
}
