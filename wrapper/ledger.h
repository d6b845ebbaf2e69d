/*
 * The ledger: what has been admitted, for rates, floors and reservations. One interface;
 * SQLite is the store of one bastion.
 *
 *   read the view -> the policy decides (pure) -> commit if nothing changed, else again
 */
#ifndef TALLY_LEDGER_H
#define TALLY_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"
#include "fault.h"
#include "history.h"

struct ledger;

/* What a decision wants written. */
struct ledger_plan {
	const struct admission
		*admissions; /* id, at, started and ended are the ledger's */
	size_t admission_count;
	const struct sighting *sightings; /* at is the ledger's */
	size_t sighting_count;
};

/* The process that will run the command: its death returns what it never began. */
struct ledger_holder {
	pid_t pid;
	unsigned long long start;
	const char *event; /* event.id of the audit record */
};

/*
 * Opens the ledger in the directory `state`, making both when `create` (mode 0700, 0600).
 * -1 and `fault`, which names the file and what to do; without `create` a ledger that does
 * not exist gives 1 and *ledger NULL.
 */
int ledger_open(const char *state, bool create, struct ledger **ledger,
		struct fault *fault);
void ledger_close(struct ledger *ledger);

/*
 * The view: admissions younger than `window` seconds and all that are still out of service,
 * and the sightings. What it costs goes with these and not with all that ever was. Returns
 * reservations whose process is gone. Strings and sets in `arena`.
 */
int ledger_view(struct ledger *ledger, struct arena *arena, int64_t window,
		struct history *history, struct fault *fault);

/*
 * One admission, atomic and durable: reads the view, calls `decide` with it, and commits
 * its plan when it returns 1. `decide` returns 0 for "not now" and -1 with `fault`. Returns
 * what decide returned; *id names what was written (0 when the plan is empty).
 */
int ledger_admit(struct ledger *ledger, struct arena *arena, int64_t window,
		 const struct ledger_holder *holder,
		 int (*decide)(void *context, const struct history *history,
			       struct ledger_plan *plan, struct fault *fault),
		 void *context, int64_t *id, struct fault *fault);

/*
 * The command did not run: its reservation is as if it had never been. Only the process that
 * was to become the tool may say so, also after ledger_start(), when the exec has failed.
 */
int ledger_withdraw(struct ledger *ledger, int64_t id, struct fault *fault);

/*
 * The same for whatever this process has reserved under this event: its answer was lost, and
 * it asks again.
 */
int ledger_withdraw_event(struct ledger *ledger, const struct ledger_holder *holder,
			  struct fault *fault);

/*
 * The tool is about to be executed. From now on the reservation stays whatever happens; a
 * restore gives its targets back. `id` 0: nothing was reserved, nothing is written.
 */
int ledger_start(struct ledger *ledger, struct arena *arena, int64_t id,
		 struct fault *fault);

/* The tool's process has ended. Capacity does not come back by that. */
int ledger_end(struct ledger *ledger, pid_t pid, unsigned long long start,
	       struct fault *fault);

#endif
