/* The fleet: subsystems, their members and floors, and the identity of machines. */
#ifndef TALLY_FLEET_H
#define TALLY_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "fault.h"
#include "hostset.h"

/* A number of targets, or a share of the declared size in hundredths of a percent. */
struct amount {
	bool set;
	bool percent;
	uint64_t value; /* targets, or 1/100 percent: 75 % is 7500 */
};

/* floor(p*n/100) and ceil(p*n/100) in integers; a plain number is returned as it is. */
uint64_t amount_allowance(struct amount amount, uint64_t declared);
uint64_t amount_floor(struct amount amount, uint64_t declared);

/* How the number of members in service is learnt. */
struct capacity_source {
	const char *const *probe; /* argv, NULL: members that are not out by the ledger */
	const char *syntax;	  /* "lines", "count", "folded" */
	unsigned timeout;	  /* seconds */
	unsigned max_age;	  /* seconds an answer may be old, 0: asked every time */
};

struct subsystem {
	const char *name;
	const struct hostset *members;
	uint64_t declared; /* how many members: the denominator of every share */
	struct amount floor;
	struct capacity_source capacity;
	int64_t settle;	   /* seconds an admitted removal may not yet show in the probe */
	int64_t restarted; /* day of the last full restart, epoch seconds, 0: not said */
	const char *const *depends_on; /* NULL-terminated */
	const char *const *cells;      /* NULL-terminated folded sets, by "cells" */
	const struct hostset **cell_members;
	size_t cell_count;
	const struct hostset **pairs; /* redundancy groups */
	size_t pair_count;
	const char *environment; /* NULL: any */
	const char *file;
	int line;
};

/* Maps the names that tools use to the members of the fleet file. */
struct identity {
	const char *const *domains; /* NULL-terminated, to strip */
	const struct identity_alias {
		const char *alias, *member;
	} * aliases;
	size_t alias_count;
	const char *const *self; /* names of this bastion and the control hosts */
};

struct fleet {
	struct subsystem *subsystems;
	size_t count;
	struct identity identity;
};

/* The set with every name replaced by the member it stands for. */
const struct hostset *fleet_identify(struct arena *arena, const struct fleet *fleet,
				     const struct hostset *targets);

/* Reads DIR/fleet/ *.cfg of all rule directories. -1 and `fault` at the first error. */
int fleet_load(struct arena *arena, const char *const *rules, struct fleet *fleet,
	       struct fault *fault);

#endif
