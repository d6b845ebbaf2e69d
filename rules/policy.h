/* Limits, and what follows from them: decide() is the whole judgement, a pure function. */
#ifndef TALLY_POLICY_H
#define TALLY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action.h"
#include "arena.h"
#include "facts.h"
#include "fault.h"
#include "fleet.h"
#include "history.h"
#include "operation.h"

struct policy; /* the limits of all files, read once; see docs/rules.md */

/* Who asks, from where and when: all that a limit may look at beside the command. */
struct asker {
	const char *user;	    /* of the login uid, not of sudo */
	const char *const *groups;  /* NULL-terminated */
	const char *parent_program; /* base name of the parent process */
	const char *host;	    /* this bastion */
	bool terminal;		    /* somebody can be asked */
};

/* One limit that spoke. */
struct reason {
	const char *rule; /* its name, or its kind: "index floor", "confirm_above" */
	const char *file;
	int line;
	enum verdict verdict;
	bool observed;	  /* in observe mode: shown and recorded, holds nothing back */
	const char *text; /* one sentence with both numbers */
};

/* What the command does to one subsystem. */
struct impact {
	const char *subsystem;
	const struct subsystem *source; /* NULL: the unmapped targets */
	const struct hostset *hit;	/* the members among the targets */
	uint64_t hit_count;
	bool capacity_known;
	uint64_t declared, capacity, floor, after; /* after: capacity less what goes */
	uint64_t reserved; /* out by the ledger, not yet by the probe */
	bool sighted;	   /* the probe was believed: the ledger notes `shown` */
	uint64_t shown;	   /* what the probe showed, before anything was subtracted */
	bool below;	   /* after < floor */
	int64_t probe_age; /* seconds; -1: not probed */
};

/* How much of a refused command would be admitted now, and when more would be. */
struct room {
	bool known;
	uint64_t fits_now;
	int64_t next_at; /* epoch seconds at which one more fits; 0: not by waiting */
};

struct decision {
	enum verdict verdict; /* the heaviest of all enforced reasons */
	struct reason *reasons;
	size_t reason_count;
	struct impact *impacts;
	size_t impact_count;
	/*
	 * What the asked person has to do: "blind-count" (the default), "name" (the default
	 * for one target), "unknown" (type that word: the count is not known), "echo-count",
	 * "name-subsystem", "reason", "ticket". NULL when nobody is asked.
	 */
	const char *challenge;
	uint64_t count; /* distinct targets of all operations but reads */
	bool count_known;
	struct room room;
	const char *digest; /* of the policy and fleet files, BLAKE2b-256 in hex */
	/*
	 * What to write into the ledger when it runs: one admission per operation that is not
	 * a read and whose targets are known (targets by identity). Floors look at those with
	 * `out`; rates and canaries at all.
	 */
	struct admission *admissions;
	size_t admission_count;
};

/* Reads DIR/policy/ *.cfg of all rule directories. -1 and `fault` at the first error. */
int policy_load(struct arena *arena, const char *const *rules, const struct fleet *fleet,
		struct policy **policy, struct fault *fault);

/* The same of these files; with `findings` as fleet_load_files(). */
struct findings;
int policy_load_files(struct arena *arena, const char *const *paths,
		      const struct fleet *fleet, struct findings *findings,
		      struct policy **policy, struct fault *fault);

/*
 * Seconds of history that the limits of `policy` can look back on. Admissions that still
 * hold targets out of service matter beyond it: see history.h.
 */
int64_t policy_window(const struct policy *policy);

/*
 * Whether `action` may go on without the ledger (ledger_down = "allow"): only runs and
 * configuration ever may, as what takes capacity away is nowhere else written down.
 */
bool policy_ledger_down(const struct policy *policy, enum action action);

/*
 * Judges one reading. Asks `facts` for capacity probes: returns 1 when some are missing (the
 * decision is then unfinished), 0 when done, -1 and `fault` when memory is short.
 */
int decide(struct arena *arena, const struct policy *policy, const struct fleet *fleet,
	   const struct reading *reading, const struct asker *asker,
	   const struct history *history, struct facts *facts, struct decision *decision,
	   struct fault *fault);

#endif
