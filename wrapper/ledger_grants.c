#include "ledger_grants.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger_rows.h"
#include "process.h"

/* Start times count from the boot, so a grant is one of this boot or none. */
static const char table[] =
	"CREATE TABLE IF NOT EXISTS grants ("
	" id INTEGER PRIMARY KEY, boot TEXT NOT NULL, pid INTEGER NOT NULL,"
	" start TEXT NOT NULL, event TEXT NOT NULL, tool TEXT NOT NULL,"
	" digest TEXT NOT NULL, transports TEXT NOT NULL, dev INTEGER NOT NULL,"
	" ino INTEGER NOT NULL, argv TEXT NOT NULL, admission INTEGER NOT NULL,"
	" since INTEGER NOT NULL);"
	"CREATE INDEX IF NOT EXISTS grants_pid ON grants(pid);";

enum { BOOT = 64, TRANSPORTS = 4096 };

static int broken(struct ledger *ledger, struct fault *fault, const char *doing)
{
	const char *path;
	sqlite3 *db = ledger_database(ledger, &path);

	return fault_set(fault, "the grants in the ledger %s cannot be %s: %s", path,
			 doing, sqlite3_errmsg(db));
}

static int execute(struct ledger *ledger, const char *sql, struct fault *fault)
{
	const char *path;

	if (sqlite3_exec(ledger_database(ledger, &path), sql, NULL, NULL, NULL) ==
	    SQLITE_OK)
		return 0;
	return broken(ledger, fault, "written");
}

static sqlite3_stmt *prepare(struct ledger *ledger, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	const char *path;

	if (sqlite3_prepare_v2(ledger_database(ledger, &path), sql, -1, &statement,
			       NULL) != SQLITE_OK)
		return NULL;
	return statement;
}

static const char *boot_id(char text[BOOT])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, BOOT - 1);

	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text;
}

int ledger_grants_open(struct ledger *ledger, struct fault *fault)
{
	return execute(ledger, table, fault);
}

/* ---- writing ---- */

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	sqlite3_bind_text(statement, index, text ? text : "", -1, SQLITE_TRANSIENT);
}

/* Names of tools, one a line. False when they are too many. */
static bool join(const char *const *names, char text[TRANSPORTS])
{
	size_t used = 0;

	text[0] = '\0';
	for (; names && *names; names++) {
		int length = snprintf(text + used, TRANSPORTS - used, "%s\n", *names);

		if (length < 0 || (size_t)length >= TRANSPORTS - used)
			return false;
		used += (size_t)length;
	}
	return true;
}

int ledger_grant_write(struct ledger *ledger, const struct ledger_grant *given,
		       struct fault *fault)
{
	sqlite3_stmt *statement = prepare(ledger, "INSERT INTO grants VALUES "
						  "(NULL,?,?,?,?,?,?,?,?,?,?,?,?)");
	const struct grant *grant = &given->grant;
	char transports[TRANSPORTS], boot[BOOT], start[32];
	int code = SQLITE_ERROR;

	if (!join(grant->transports, transports)) {
		sqlite3_finalize(statement);
		return fault_set(fault, "the transports of %s are too many", grant->tool);
	}
	snprintf(start, sizeof(start), "%llu", grant->start);
	if (statement) {
		bind_text(statement, 1, boot_id(boot));
		sqlite3_bind_int(statement, 2, grant->pid);
		bind_text(statement, 3, start);
		bind_text(statement, 4, grant->event);
		bind_text(statement, 5, grant->tool);
		bind_text(statement, 6, grant->digest);
		bind_text(statement, 7, transports);
		sqlite3_bind_int64(statement, 8, (sqlite3_int64)given->dev);
		sqlite3_bind_int64(statement, 9, (sqlite3_int64)given->ino);
		bind_text(statement, 10, given->argv_digest);
		sqlite3_bind_int64(statement, 11, given->admission);
		sqlite3_bind_int64(statement, 12, given->since);
		code = sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? 0 : broken(ledger, fault, "written");
}

/*
 * sqlite.org/pragma.html, synchronous: with a WAL, NORMAL does not wait for the disk, so what
 * is written survives the process and not the machine. Neither do grants.
 */
static int unhurried(struct ledger *ledger, bool begin, struct fault *fault)
{
	return execute(ledger,
		       begin ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL",
		       fault);
}

int ledger_grant_keep(struct ledger *ledger, const struct ledger_grant *grant,
		      struct fault *fault)
{
	int result = unhurried(ledger, true, fault);

	if (result == 0)
		result = ledger_grant_write(ledger, grant, fault);
	return unhurried(ledger, false, fault) < 0 ? -1 : result;
}

int ledger_grant_drop(struct ledger *ledger, pid_t pid, unsigned long long start,
		      const char *event, struct fault *fault)
{
	sqlite3_stmt *statement;
	char text[32];
	int code = SQLITE_ERROR;

	if (unhurried(ledger, true, fault) < 0)
		return -1;
	statement = prepare(ledger, event ? "DELETE FROM grants WHERE pid = ? AND start "
					    "= ? AND event = ?"
					  : "DELETE FROM grants WHERE pid = ? AND start "
					    "= ?");
	snprintf(text, sizeof(text), "%llu", start);
	if (statement) {
		sqlite3_bind_int(statement, 1, pid);
		bind_text(statement, 2, text);
		if (event)
			bind_text(statement, 3, event);
		code = sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	if (code != SQLITE_DONE)
		broken(ledger, fault, "written");
	return unhurried(ledger, false, fault) < 0 || code != SQLITE_DONE ? -1 : 0;
}

/* ---- reading ---- */

static const char *column(struct arena *arena, sqlite3_stmt *row, int index)
{
	const char *text = (const char *)sqlite3_column_text(row, index);

	return arena_strdup(arena, text ? text : "");
}

static const char *const *split(struct arena *arena, const char *text)
{
	size_t count = 0, capacity = 0;
	const char **names = NULL;
	char *rest = text ? arena_strdup(arena, text) : NULL, *line;

	if (!rest)
		return NULL;
	do {
		line = strsep(&rest, "\n");
		names = arena_grow(arena, names, count, &capacity, sizeof(*names));
		if (!names)
			return NULL;
		names[count++] = line && *line ? line : NULL;
	} while (names[count - 1]);
	return names;
}

static bool read_row(struct arena *arena, sqlite3_stmt *row, struct ledger_grant *grant)
{
	const char *start = column(arena, row, 2);

	*grant = (struct ledger_grant){
		.grant = {.pid = sqlite3_column_int(row, 1),
			  .start = start ? strtoull(start, NULL, 10) : 0,
			  .event = column(arena, row, 3),
			  .tool = column(arena, row, 4),
			  .digest = column(arena, row, 5),
			  .transports = split(arena, column(arena, row, 6))},
		.dev = (uint64_t)sqlite3_column_int64(row, 7),
		.ino = (uint64_t)sqlite3_column_int64(row, 8),
		.argv_digest = column(arena, row, 9),
		.admission = sqlite3_column_int64(row, 10),
		.since = sqlite3_column_int64(row, 11),
	};
	return start && grant->grant.event && grant->grant.tool && grant->grant.digest &&
	       grant->grant.transports && grant->argv_digest;
}

static int drop_row(struct ledger *ledger, sqlite3_int64 id)
{
	sqlite3_stmt *statement = prepare(ledger, "DELETE FROM grants WHERE id = ?");
	int code = SQLITE_ERROR;

	if (statement) {
		sqlite3_bind_int64(statement, 1, id);
		code = sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? 0 : -1;
}

int ledger_grants_load(struct ledger *ledger, struct arena *arena,
		       int (*each)(void *context, const struct ledger_grant *grant,
				   bool alive),
		       void *context, struct fault *fault)
{
	sqlite3_stmt *row =
		prepare(ledger, "SELECT id, pid, start, event, tool, digest, transports, "
				"dev, ino, argv, admission, since, boot FROM grants "
				"ORDER BY id");
	char boot[BOOT];
	int code = SQLITE_ERROR, result = 0;

	boot_id(boot);
	while (row && result == 0 && (code = sqlite3_step(row)) == SQLITE_ROW) {
		const char *of = (const char *)sqlite3_column_text(row, 12);
		struct ledger_grant grant;
		bool alive;

		if (!read_row(arena, row, &grant)) {
			result = fault_set(fault, "out of memory");
			break;
		}
		alive = of && strcmp(of, boot) == 0 &&
			process_alive(grant.grant.pid, grant.grant.start);
		result = each(context, &grant, alive);
		if (result == 0 && !alive &&
		    drop_row(ledger, sqlite3_column_int64(row, 0)) < 0)
			result = broken(ledger, fault, "written");
	}
	sqlite3_finalize(row);
	if (result == 0 && code != SQLITE_DONE)
		return broken(ledger, fault, "read");
	return result;
}
