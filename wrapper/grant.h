/*
 * Grants: leave for one command, and for its tool's transports below it, as long as the
 * process lives. Is this command covered by a grant? That is told by the processes above
 * this one, as the kernel knows them; no variable of the environment is ever looked at.
 *
 * A grant is a small file in the session's directory, named by process id and start time:
 * it has to cost next to nothing, as a read takes one too where its tool starts others.
 */
#ifndef TALLY_GRANT_H
#define TALLY_GRANT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "arena.h"
#include "fault.h"

enum { GRANT_DIGEST = 65 }; /* hex of BLAKE2b-256, and the NUL */

struct grant {
	pid_t pid;
	unsigned long long start; /* as process.h has it */
	const char *event;	  /* event.id of the command's audit record */
	const char *tool;
	const char *digest; /* of argv[1..], grant_digest() */
	/* As transports_for() has them, NULL-terminated; "*": a probe, any tool. */
	const char *const *transports;
};

/* A command that may be part of another. */
struct grant_wish {
	const char *tool;
	const char *digest; /* grant_digest() */
	const char *line;   /* transport_line() */
};

/* Whether it is the same command, or something its transports cover. */
bool grant_covers(const struct grant *grant, const struct grant_wish *wish);

/* The digest of a command's arguments: argv[1..], each with its length. */
void grant_digest(const char *const *argv, size_t argc, char digest[GRANT_DIGEST]);

/*
 * Writes the grant into the directory of a session, in place of an earlier one of the same
 * process. Grants of processes that are gone are removed by the way. -1 and `fault`.
 */
int grant_take(const char *session, const struct grant *grant, struct fault *fault);

/*
 * Looks upwards from process `pid` (itself included) for the nearest grant, at most 64
 * processes far. 1 when it covers the command: the same tool with the same arguments (one
 * command arriving by several execs), or what its transports cover; *grant is then that
 * grant, its strings in the arena. 0 when there is none or it does not cover it, -1 and
 * `fault`.
 */
int grant_find(const char *session, struct arena *arena, pid_t pid,
	       const struct grant_wish *wish, struct grant *grant, struct fault *fault);

/* The process has ended, or has not executed what it was granted. */
void grant_drop(const char *session, pid_t pid, unsigned long long start);

/* Removes all grants of a session that has ended. */
void grant_remove_all(const char *session);

#endif
