/*
 * Is this command covered by a grant? Told by the processes above this one, as the kernel
 * knows them; no variable of the environment is ever looked at.
 */
#ifndef TALLY_GRANT_H
#define TALLY_GRANT_H

#include "ledger.h"

enum { GRANT_DIGEST = 65 }; /* hex of BLAKE2b-256, and the NUL */

/* The digest of a command's arguments: argv[1..], each with its length. */
void grant_digest(const char *const *argv, size_t argc, char digest[GRANT_DIGEST]);

/*
 * Looks upwards from process `pid` (itself included) for the nearest grant, at most 64
 * processes far. 1 when it covers the command: the same tool with the same arguments (one
 * command arriving by several execs), or a tool among its transports; *grant is then that
 * grant. 0 when there is none or it does not cover it, -1 and `fault`.
 */
int grant_find(struct ledger *ledger, struct arena *arena, pid_t pid, const char *tool,
	       const char *digest, struct grant *grant, struct fault *fault);

#endif
