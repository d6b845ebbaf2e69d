/* The ledger in SQLite: one IMMEDIATE transaction an admission, WAL, synchronous=FULL. */
#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "ledger_grants.h"
#include "ledger_rows.h"
#include "process.h"
#include "state_directory.h"

enum {
	BUSY_MS = 10000, /* how long another admission may hold the ledger */
	SCHEMA = 1,
};

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS admissions ("
	" id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, at INTEGER NOT NULL,"
	" action INTEGER NOT NULL, tool TEXT, user TEXT, uid INTEGER,"
	" targets TEXT NOT NULL, out TEXT NOT NULL, until INTEGER NOT NULL,"
	" state INTEGER NOT NULL, digest TEXT, unit TEXT, effect INTEGER NOT NULL,"
	" pid INTEGER NOT NULL, start TEXT NOT NULL, event TEXT);"
	"CREATE INDEX IF NOT EXISTS admissions_at ON admissions(at);"
	"CREATE INDEX IF NOT EXISTS admissions_batch ON admissions(batch);"
	"CREATE INDEX IF NOT EXISTS admissions_out ON admissions(until) WHERE out <> '';"
	"CREATE INDEX IF NOT EXISTS admissions_running ON admissions(pid) WHERE state < "
	"2;"
	"CREATE TABLE IF NOT EXISTS sightings ("
	" subsystem TEXT PRIMARY KEY, capacity INTEGER NOT NULL, at INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS revision (only INTEGER PRIMARY KEY CHECK (only = 0),"
	" number INTEGER NOT NULL);"
	"INSERT OR IGNORE INTO revision VALUES (0, 0);";

struct ledger {
	sqlite3 *db;
	char path[4096];
};

static int broken(struct ledger *ledger, struct fault *fault, const char *doing)
{
	int code = sqlite3_errcode(ledger->db);
	const char *advice = "";

	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		advice = "; another admission holds it, try again";
	else if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		advice = "; it is damaged: move it away to begin a new one, which "
			 "forgets what "
			 "is out of service";
	else if (code == SQLITE_FULL)
		advice = "; the disk is full: make room";
	else if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN ||
		 code == SQLITE_PERM)
		advice = "; its owner and mode must let this user write it";
	return fault_set(fault, "the ledger %s cannot be %s: %s%s", ledger->path, doing,
			 sqlite3_errmsg(ledger->db), advice);
}

static int execute(struct ledger *ledger, const char *sql, const char *doing,
		   struct fault *fault)
{
	if (sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return broken(ledger, fault, doing);
}

static int prepare_database(struct ledger *ledger, bool create, struct fault *fault)
{
	int version = -1;
	sqlite3_stmt *statement = NULL;

	sqlite3_busy_timeout(ledger->db, BUSY_MS);
	if (sqlite3_prepare_v2(ledger->db, "PRAGMA user_version", -1, &statement, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	if (version < 0)
		return broken(ledger, fault, "read");
	if (version > SCHEMA)
		return fault_set(fault,
				 "the ledger %s is of a newer tallygate (version %d)",
				 ledger->path, version);
	if (!create)
		return 0;
	if (execute(ledger, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", "opened",
		    fault) < 0)
		return -1;
	if (version == SCHEMA)
		return 0;
	if (execute(ledger, "BEGIN IMMEDIATE", "opened", fault) < 0)
		return -1;
	if (execute(ledger, schema, "made", fault) < 0 ||
	    execute(ledger, "PRAGMA user_version = 1; COMMIT", "made", fault) < 0) {
		sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return 0;
}

int ledger_open(const char *state, bool create, struct ledger **ledger,
		struct fault *fault)
{
	int flags = create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
			   : SQLITE_OPEN_READWRITE;
	struct ledger *opened;
	mode_t mask;
	int made;

	*ledger = NULL;
	if (create && state_directory_make(state, fault) < 0)
		return -1;
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return fault_set(fault, "out of memory while the ledger was opened");
	snprintf(opened->path, sizeof(opened->path), "%s/ledger.db", state);
	if (!create && access(opened->path, F_OK) < 0 && errno == ENOENT) {
		free(opened);
		return 1;
	}
	/* SQLite takes an empty file for a new database; an old one is left alone. */
	made = create ? state_file_make(state, opened->path, O_RDWR) : -1;
	if (made >= 0)
		close(made);
	mask = umask(077);
	if (sqlite3_open_v2(opened->path, &opened->db, flags, NULL) != SQLITE_OK ||
	    prepare_database(opened, create, fault) < 0) {
		umask(mask);
		if (!fault || !fault->text[0])
			broken(opened, fault, "opened");
		ledger_close(opened);
		return -1;
	}
	umask(mask);
	*ledger = opened;
	return 0;
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger)
		return;
	sqlite3_close(ledger->db);
	free(ledger);
}

sqlite3 *ledger_database(struct ledger *ledger, const char **path)
{
	*path = ledger->path;
	return ledger->db;
}

/* ---- transactions ---- */

static int begin(struct ledger *ledger, struct fault *fault)
{
	return execute(ledger, "BEGIN IMMEDIATE", "locked", fault);
}

static void rollback(struct ledger *ledger)
{
	sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
}

static int commit(struct ledger *ledger, struct fault *fault)
{
	if (execute(ledger,
		    "UPDATE revision SET number = number + 1 WHERE only = 0; COMMIT",
		    "written", fault) == 0)
		return 0;
	rollback(ledger);
	return -1;
}

/* Runs `sql`, whose parameters are a process, for that one. True when it worked. */
static bool for_process(sqlite3_stmt *statement, int pid, const char *start)
{
	bool done;

	sqlite3_bind_int(statement, 1, pid);
	sqlite3_bind_text(statement, 2, start, -1, SQLITE_TRANSIENT);
	done = sqlite3_step(statement) == SQLITE_DONE;
	sqlite3_reset(statement);
	return done;
}

/*
 * Reservations of gates that died before they executed the tool never happened; what tools
 * that are gone were admitted for has ended.
 */
static int look_after_the_dead(struct ledger *ledger, bool *changed, struct fault *fault)
{
	static const char select[] =
		"SELECT DISTINCT pid, start FROM admissions WHERE state < 2";
	static const char drop[] =
		"DELETE FROM admissions WHERE state = 0 AND pid = ? AND start = ?";
	static const char end[] =
		"UPDATE admissions SET state = 2 WHERE state = 1 AND pid = ? AND start = "
		"?";
	sqlite3_stmt *row = NULL, *dropping = NULL, *ending = NULL;
	int code = SQLITE_ERROR;

	*changed = false;
	if (sqlite3_prepare_v2(ledger->db, select, -1, &row, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(ledger->db, drop, -1, &dropping, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(ledger->db, end, -1, &ending, NULL) == SQLITE_OK) {
		while ((code = sqlite3_step(row)) == SQLITE_ROW) {
			pid_t pid = sqlite3_column_int(row, 0);
			const char *start = (const char *)sqlite3_column_text(row, 1);

			if (process_alive(pid, start ? strtoull(start, NULL, 10) : 0))
				continue;
			if (!for_process(dropping, pid, start) ||
			    !for_process(ending, pid, start)) {
				code = SQLITE_ERROR;
				break;
			}
			*changed = true;
		}
	}
	sqlite3_finalize(row);
	sqlite3_finalize(dropping);
	sqlite3_finalize(ending);
	return code == SQLITE_DONE ? 0 : broken(ledger, fault, "written");
}

int ledger_view(struct ledger *ledger, struct arena *arena, int64_t window,
		struct history *history, struct fault *fault)
{
	bool changed;

	if (begin(ledger, fault) < 0)
		return -1;
	if (look_after_the_dead(ledger, &changed, fault) < 0 ||
	    ledger_read_history(ledger->db, ledger->path, arena, window, history, fault) <
		    0) {
		rollback(ledger);
		return -1;
	}
	if (changed)
		return commit(ledger, fault);
	rollback(ledger);
	return 0;
}

int ledger_admit(struct ledger *ledger, struct arena *arena, int64_t window,
		 const struct ledger_holder *holder,
		 int (*decide)(void *context, const struct history *history,
			       struct ledger_plan *plan, struct fault *fault),
		 void *context, int64_t *id, struct fault *fault)
{
	struct ledger_plan plan = {0};
	struct history history;
	bool changed;
	int result;

	*id = 0;
	if (begin(ledger, fault) < 0)
		return -1;
	result = look_after_the_dead(ledger, &changed, fault);
	if (result == 0)
		result = ledger_read_history(ledger->db, ledger->path, arena, window,
					     &history, fault);
	if (result == 0)
		result = decide(context, &history, &plan, fault);
	if (result == 1 && ledger_write_plan(ledger->db, ledger->path, arena, &plan,
					     holder, history.now, id, fault) < 0)
		result = -1;
	if (result != 1) {
		rollback(ledger);
		return result;
	}
	return commit(ledger, fault) < 0 ? -1 : 1;
}

int ledger_withdraw(struct ledger *ledger, int64_t id, struct fault *fault)
{
	sqlite3_stmt *statement = NULL;
	int code;

	if (id == 0)
		return 0;
	if (begin(ledger, fault) < 0)
		return -1;
	code = sqlite3_prepare_v2(ledger->db, "DELETE FROM admissions WHERE batch = ?",
				  -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, id);
		code = sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	if (code != SQLITE_DONE) {
		broken(ledger, fault, "written");
		rollback(ledger);
		return -1;
	}
	return commit(ledger, fault);
}

int ledger_withdraw_event(struct ledger *ledger, const struct ledger_holder *holder,
			  struct fault *fault)
{
	sqlite3_stmt *statement = NULL;
	char start[32];
	int code;

	snprintf(start, sizeof(start), "%llu", holder->start);
	code = sqlite3_prepare_v2(
		ledger->db,
		"DELETE FROM admissions WHERE pid = ? AND start = ? AND event = ?", -1,
		&statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int(statement, 1, holder->pid);
		sqlite3_bind_text(statement, 2, start, -1, SQLITE_STATIC);
		sqlite3_bind_text(statement, 3, holder->event, -1, SQLITE_STATIC);
		code = sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? 0 : broken(ledger, fault, "written");
}

int ledger_start(struct ledger *ledger, struct arena *arena, int64_t id,
		 struct fault *fault)
{
	if (id == 0)
		return 0;
	if (begin(ledger, fault) < 0)
		return -1;
	if (ledger_mark_started(ledger->db, ledger->path, arena, id, fault) < 0) {
		rollback(ledger);
		return -1;
	}
	return commit(ledger, fault);
}

int ledger_start_granted(struct ledger *ledger, struct arena *arena, int64_t id,
			 const struct ledger_grant *grant, struct fault *fault)
{
	if (begin(ledger, fault) < 0)
		return -1;
	if (ledger_mark_started(ledger->db, ledger->path, arena, id, fault) < 0 ||
	    ledger_grant_write(ledger, grant, fault) < 0) {
		rollback(ledger);
		return -1;
	}
	return commit(ledger, fault);
}

int ledger_end(struct ledger *ledger, pid_t pid, unsigned long long start,
	       struct fault *fault)
{
	sqlite3_stmt *statement = NULL;
	char text[32];
	int code;

	snprintf(text, sizeof(text), "%llu", start);
	code = sqlite3_prepare_v2(ledger->db,
				  "UPDATE admissions SET state = 2"
				  " WHERE state = 1 AND pid = ? AND start = ?",
				  -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int(statement, 1, pid);
		sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
		code = sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? 0 : broken(ledger, fault, "written");
}
