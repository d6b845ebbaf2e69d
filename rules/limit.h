/* One limit of the policy as it was read, and the policy as a whole. */
#ifndef TALLY_LIMIT_H
#define TALLY_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action.h"
#include "fleet.h"
#include "hours.h"
#include "hostset.h"

/* What a limit measures; its other settings say when it applies and to which targets. */
enum limit_kind {
	LIMIT_PLAIN,	/* speaks whenever it applies */
	LIMIT_ABOVE,	/* confirm_above, approve_above, deny_above */
	LIMIT_FRACTION, /* fraction_of_subsystem */
	LIMIT_RATE,
	LIMIT_CELLS,
	LIMIT_PAIRS,
	LIMIT_CANARY,
};

struct threshold {
	bool set;
	uint64_t above;
};

struct limit {
	const char *name; /* given by its author, or NULL */
	const char *file;
	int line;
	const char *advice;    /* the author's own sentence, or NULL */
	const char *challenge; /* or NULL: the default */
	enum limit_kind kind;
	enum verdict verdict; /* of all kinds but LIMIT_ABOVE */
	int observe;	      /* 1, 0, -1: as the policy says */

	/* When it applies: all must hold. Pattern lists are NULL for "any". */
	unsigned actions; /* bit 1 << enum action */
	const char *const *tools,
		*const *users, *const *groups, *const *parents,
						       *const *units,
							       *const *environments,
								       *const *hosts;
	const struct hours *hours, *outside_hours;
	size_t hours_count, outside_hours_count;
	bool everything, irreversible, unknown_count;

	/* Which of the targets it looks at: those that all of these pick out. */
	const struct subsystem **subsystems; /* each is judged by itself */
	size_t subsystem_count;
	const char *const *protect;	   /* globs */
	const struct hostset *protect_set; /* and folded sets, or NULL */
	bool self, unmapped;
	int64_t restarted_before; /* seconds; -1: not asked */

	/* The measure. */
	struct threshold above[VERDICT_DENY + 1];
	struct amount fraction;
	uint64_t rate_targets;
	int64_t rate_seconds;
	uint64_t cells;
	struct {
		uint64_t targets; /* up to so many need no canary, and are one */
		int64_t settle;	  /* seconds a canary must have been over */
		int64_t within;	  /* seconds it may be old */
	} canary;
};

struct policy {
	struct limit *limits;
	size_t count;
	bool observe; /* the default of limits and floors */
	int64_t restart_duration;
	bool ledger_down_allows; /* run and config, while the ledger cannot be reached */
	const char *digest;
};

/* The name a limit goes by in reasons: its own, or that of its kind or main condition. */
const char *limit_label(const struct limit *limit, enum verdict verdict);

/* The heaviest verdict it can have. */
enum verdict limit_heaviest(const struct limit *limit);

#endif
