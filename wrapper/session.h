/*
 * A session: a login under supervision, as seen by the programs in it.
 *
 * A session has a directory (below $XDG_RUNTIME_DIR/tallygate or /run/tallygate; mode 0700)
 * that holds `session.cfg` (libconfig; the values below) and `guard.table`
 * (preload/guard_table.h). The directory is handed on by kernel facts where there is a
 * supervisor: it rewrites every exec of the gate to name its own session. Only where the
 * shim works alone does the variable TALLY_SESSION say where it is, and then it is no proof
 * of anything.
 */
#ifndef TALLY_SESSION_H
#define TALLY_SESSION_H

#include <stdbool.h>
#include <sys/types.h>

#include "arena.h"
#include "fault.h"
#include "rules_snapshot.h"

/* Where tallyd listens unless session.cfg says otherwise. */
#define SESSION_DAEMON "/run/tallygate/tallyd.sock"

struct session {
	const char *id;	       /* short, unique: shown in the audit log */
	const char *directory; /* of the session, absolute; NULL: no session, defaults */
	const char *state;     /* directory of ledger and audit log, absolute */
	const char *const *rules; /* rule directories, NULL-terminated, absolute */
	struct rules_snapshot
		snapshot;	  /* that they are, where installed; else all NULL */
	const char *gate, *shell; /* absolute paths: tally-gate, the user's real shell */
	bool installed;		  /* tallyd owns ledger and audit log */
	const char *daemon;	  /* its socket, absolute; set where installed */
	pid_t supervisor;	  /* 0: none, the shim works alone */
	unsigned long long supervisor_start; /* start time, /proc/PID/stat field 22 */
};

/*
 * The session described in `directory`, or, when it is NULL, the defaults: rules as
 * rule_directories_find() finds them; state in $XDG_STATE_HOME/tallygate (~/.local/state). All
 * strings in the arena. -1 and `fault` when a file is broken or missing.
 */
int session_load(struct arena *arena, const char *directory, struct session *session,
		 struct fault *fault);

/* The defaults with these rule directories (NULL: the default ones). */
int session_defaults(struct arena *arena, const char *const *rules,
		     struct session *session, struct fault *fault);

/*
 * Makes the directory of a new session, writes session.cfg and guard.table into it, and
 * fills session->directory and ->id. session->rules and ->state are given by the caller.
 * When tool descriptions are broken, `broken` says so (its text is "" otherwise): there is
 * a session all the same, in which the gate refuses every guarded program.
 */
int session_create(struct arena *arena, struct session *session, struct fault *broken,
		   struct fault *fault);

/*
 * The same for tallyd: below `parent`, where everybody in the session may read what is
 * theirs and nobody but root may write.
 */
int session_create_in(struct arena *arena, const char *parent, struct session *session,
		      struct fault *broken, struct fault *fault);

/*
 * Makes the guard table of such a session anew, by the rules in session->rules, in place of
 * the one there is. `broken` as above. -1 and `fault`: the old one is still there.
 */
int session_refresh(struct arena *arena, const struct session *session,
		    struct fault *broken, struct fault *fault);

/*
 * The session that TALLY_SESSION names, for programs that only show things (explain,
 * status); NULL when there is none. The gate does not call this.
 */
const char *session_named(void);

/* The LD_PRELOAD entry of the shim that stands beside the gate. */
const char *session_shim(struct arena *arena, const struct session *session);

/* Removes the directory of a session that has ended. */
void session_remove(const struct session *session);

/* Directory of the running program, from /proc/self/exe; NULL when it cannot be told. */
const char *session_program_directory(struct arena *arena);

#endif
