/*
 * SQLite, loaded when it is first called. A command that only reads never opens the ledger,
 * and loading the library (and the mathematics it needs) was a third of what such a command
 * cost. The functions that the ledger uses are defined here and hand over to the library;
 * nothing is linked with it. Without it they fail as SQLite fails, with a message.
 */
#include <dlfcn.h>
#include <stddef.h>

#include <sqlite3.h>

static const char absent[] = "libsqlite3.so.0 cannot be loaded: install SQLite (Debian: "
			     "libsqlite3-0)";

/* The function of the library, NULL when there is no library. */
static void *find(const char *name)
{
	static void *library;

	/* The gate and the supervisor's books have one thread that comes here. */
	if (!library)
		library = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
	return library ? dlsym(library, name) : NULL;
}

#define HAND_OVER(type, name, parameters, arguments, failure)                            \
	type name parameters                                                             \
	{                                                                                \
		static type(*function) parameters;                                       \
                                                                                         \
		if (!function) {                                                         \
			*(void **)&function = find(#name);                               \
			if (!function)                                                   \
				return failure;                                          \
		}                                                                        \
		return function arguments;                                               \
	}

HAND_OVER(int, sqlite3_open_v2,
	  (const char *path, sqlite3 **db, int flags, const char *vfs),
	  (path, db, flags, vfs), SQLITE_ERROR)
HAND_OVER(int, sqlite3_close, (sqlite3 * db), (db), SQLITE_OK)
HAND_OVER(int, sqlite3_busy_timeout, (sqlite3 * db, int milliseconds), (db, milliseconds),
	  SQLITE_ERROR)
HAND_OVER(int, sqlite3_errcode, (sqlite3 * db), (db), SQLITE_ERROR)
HAND_OVER(const char *, sqlite3_errmsg, (sqlite3 * db), (db), absent)
HAND_OVER(int, sqlite3_changes, (sqlite3 * db), (db), 0)
HAND_OVER(sqlite3_int64, sqlite3_last_insert_rowid, (sqlite3 * db), (db), 0)
HAND_OVER(int, sqlite3_exec,
	  (sqlite3 * db, const char *sql,
	   int (*each)(void *context, int count, char **values, char **names),
	   void *context, char **error),
	  (db, sql, each, context, error), SQLITE_ERROR)
HAND_OVER(int, sqlite3_prepare_v2,
	  (sqlite3 * db, const char *sql, int length, sqlite3_stmt **statement,
	   const char **rest),
	  (db, sql, length, statement, rest), SQLITE_ERROR)
HAND_OVER(int, sqlite3_step, (sqlite3_stmt * statement), (statement), SQLITE_ERROR)
HAND_OVER(int, sqlite3_reset, (sqlite3_stmt * statement), (statement), SQLITE_ERROR)
HAND_OVER(int, sqlite3_finalize, (sqlite3_stmt * statement), (statement), SQLITE_OK)
HAND_OVER(int, sqlite3_bind_int, (sqlite3_stmt * statement, int index, int value),
	  (statement, index, value), SQLITE_ERROR)
HAND_OVER(int, sqlite3_bind_int64,
	  (sqlite3_stmt * statement, int index, sqlite3_int64 value),
	  (statement, index, value), SQLITE_ERROR)
HAND_OVER(int, sqlite3_bind_null, (sqlite3_stmt * statement, int index),
	  (statement, index), SQLITE_ERROR)
HAND_OVER(int, sqlite3_bind_text,
	  (sqlite3_stmt * statement, int index, const char *text, int length,
	   void (*release)(void *text)),
	  (statement, index, text, length, release), SQLITE_ERROR)
HAND_OVER(int, sqlite3_column_int, (sqlite3_stmt * statement, int column),
	  (statement, column), 0)
HAND_OVER(sqlite3_int64, sqlite3_column_int64, (sqlite3_stmt * statement, int column),
	  (statement, column), 0)
HAND_OVER(const unsigned char *, sqlite3_column_text,
	  (sqlite3_stmt * statement, int column), (statement, column), NULL)
