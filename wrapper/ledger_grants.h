/*
 * Grants in the ledger's database, so that a tallyd that has been started anew knows which
 * processes may go on. Only tallyd keeps any there.
 */
#ifndef TALLY_LEDGER_GRANTS_H
#define TALLY_LEDGER_GRANTS_H

#include <stdint.h>

#include "grant.h"
#include "ledger.h"

struct ledger_grant {
	struct grant grant;
	uint64_t dev, ino;	 /* of the file that may be executed */
	const char *argv_digest; /* with which arguments, argv[0] included */
	int64_t admission;	 /* its reservation, 0: none */
	int64_t since;		 /* seconds since the epoch */
};

/* Makes their table. -1 and `fault`. */
int ledger_grants_open(struct ledger *ledger, struct fault *fault);

/* ledger_start() and the grant, in one transaction. */
int ledger_start_granted(struct ledger *ledger, struct arena *arena, int64_t id,
			 const struct ledger_grant *grant, struct fault *fault);

/* Writes one, in the caller's transaction. */
int ledger_grant_write(struct ledger *ledger, const struct ledger_grant *grant,
		       struct fault *fault);

/* Writes one by itself. It outlives tallyd, but is not waited for until it is on the disk. */
int ledger_grant_keep(struct ledger *ledger, const struct ledger_grant *grant,
		      struct fault *fault);

/* Those of a process, or (`event` not NULL) one of them, are over. */
int ledger_grant_drop(struct ledger *ledger, pid_t pid, unsigned long long start,
		      const char *event, struct fault *fault);

/*
 * Hands all out, oldest first, and drops those of processes that do not live any more; strings
 * in `arena`. `each` returns -1 to stop. -1 and `fault`.
 */
int ledger_grants_load(struct ledger *ledger, struct arena *arena,
		       int (*each)(void *context, const struct ledger_grant *grant,
				   bool alive),
		       void *context, struct fault *fault);

#endif
