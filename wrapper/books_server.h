/*
 * The books of an installed tallygate, in tallyd: rules, ledger, audit log, grants. Gates ask
 * by messages (docs/protocol.md); each is judged anew here, with the same pure functions the
 * gate has used and with who it is as the kernel says.
 *
 * Threads: books_handle(), books_end(), books_reload() and books_close() are called by one
 * thread, the books thread; books_grant_allows(), books_grants_each() and
 * books_rules_directories() by any.
 */
#ifndef TALLY_BOOKS_SERVER_H
#define TALLY_BOOKS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "arena.h"
#include "fault.h"
#include "grant.h"
#include "who.h"

enum { BOOKS_VERSION = 1 }; /* "v" of every request */

struct books;

struct books_options {
	const char *state; /* directory of ledger.db */
	const char *log;   /* directory of audit.jsonl */
	const char *
		snapshots; /* where copies of good rules are kept: /run/tallygate/rules */
	const char *const *rules; /* rule directories, as the administrator edits them */
};

/* What a client may ask for goes by the program it runs (/proc/PID/exe), which tallyd tells. */
enum books_client {
	BOOKS_GATE,  /* a clean gate: everything about its own command */
	BOOKS_TALLY, /* `tally`: status and view, nothing is changed */
};

struct books_peer {
	struct who who;
	enum books_client client;
	const char *session; /* id of the session it was seen in; NULL: none */
	const char *
		source; /* address it was logged in from, as the session has it; or NULL */
	pid_t top;	/* first process of the session: ends the chain; 0: up to init */
};

/*
 * Opens the books: copies and loads the rules, opens the ledger, takes the grants of
 * processes that still live out of it. Broken rules fall back on the newest good snapshot.
 * What cannot be opened now (a full disk, a damaged ledger, no good rules at all) is no
 * failure: requests are refused with the reason until it can. NULL and `fault` when memory
 * is short.
 */
struct books *books_open(const struct books_options *options, struct fault *fault);
void books_close(struct books *books);

/*
 * Answers one request. Always an object (give it to json_decref()), NULL only when memory is
 * short. A request that is none is answered by {"error": "malformed"}: tallyd then closes
 * the connection.
 */
json_t *books_handle(struct books *books, const struct books_peer *peer,
		     const json_t *request);

/*
 * The process of a grant has ended (its pidfd says so): writes the end record, tells the
 * ledger, drops the grants. A process that never executed what it was granted gives its
 * reservation back. One without a grant is no matter. `status` as wait(2) gives it.
 */
void books_end(struct books *books, pid_t pid, unsigned long long start,
	       bool status_known, int status);

/*
 * Reads the rules anew. Those that are broken, or fail their own tests, change nothing:
 * -1 and `fault`, an alert in the audit log, and status says so until a reload succeeds.
 */
int books_reload(struct books *books, struct fault *fault);

/*
 * The directories of the rules in force, for session.cfg: paths that always lead to the
 * newest good rules. NULL-terminated, valid as long as `books`.
 */
const char *const *books_rules_directories(const struct books *books);

/* Writes a record of its own, an alert: "gate-killed", "client-refused" ... -1 and `fault`. */
int books_alert(struct books *books, const struct books_peer *peer, const char *action,
		const char *reason, struct fault *fault);

/* ---- for the watch thread ---- */

/* The digest of a whole argv, argv[0] included, that grants are compared by. */
void books_argv_digest(const char *const *argv, size_t argc, char digest[GRANT_DIGEST]);

/*
 * May this process execute this file with these arguments? True as often as it is asked
 * while the process lives: one exec may be seen several times. To be asked for every exec of
 * a gate, guarded or not: what was never asked for did not run, and its reservation is given
 * back at the end of the process.
 */
bool books_grant_allows(struct books *books, pid_t pid, unsigned long long start,
			uint64_t dev, uint64_t ino, const char *argv_digest);

/*
 * Processes with a grant: calls `each` for all of them, with the table locked, so it must
 * not call back. For a tallyd that has started anew and has to watch their ends.
 */
void books_grants_each(struct books *books,
		       void (*each)(void *context, pid_t pid, unsigned long long start),
		       void *context);

#endif
