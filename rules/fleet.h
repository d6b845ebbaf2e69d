/* The fleet: subsystems, their members and floors, and the identity of machines. */
#ifndef TALLY_FLEET_H
#define TALLY_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action.h"
#include "arena.h"
#include "facts.h"
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
	unsigned timeout;	  /* seconds, 0: the default */
	unsigned max_age; /* seconds an answer may be old, 0: any age is believed */
};

/* What it costs to take a member that the probe does not show (already out of service). */
enum unhealthy {
	UNHEALTHY_FREE,	 /* nothing, but below the floor it may not go either */
	UNHEALTHY_COUNT, /* as much as one in service */
	UNHEALTHY_ALLOW, /* nothing, and it may go even below the floor */
};

/* The default of `settle`, and of how long a restart takes its targets away. */
enum { SETTLE_SECONDS = 600 };

struct subsystem {
	const char *name;
	const struct hostset *members;
	const char *unit;  /* of its members: "pod" ...; NULL: machines */
	uint64_t declared; /* how many members: the denominator of every share */
	struct amount floor;
	enum verdict floor_verdict; /* of what would go below it */
	int observe; /* floor shown, but not enforced: 1, 0, -1: as the policy says */
	enum unhealthy unhealthy;
	struct capacity_source capacity;
	int64_t settle;	   /* seconds an admitted removal may not yet show in the probe,
			      and that a restart lasts; -1: not said, SETTLE_SECONDS */
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
	const char *const
		*self; /* names of this bastion and the control hosts, or NULL */
	const char *const *alias_probe; /* argv that prints further aliases, or NULL */
	unsigned alias_timeout, alias_max_age;
};

struct fleet {
	struct subsystem *subsystems;
	size_t count;
	struct identity identity;
	const struct hostset *members; /* of all subsystems of machines together */
	const char *digest;	       /* BLAKE2b-256 of the bytes that were read, hex */
	bool incomplete; /* some could not be read: see fleet_load_files() */
};

/* True for the units that are machines under different names: host, instance, node ... */
bool fleet_unit_is_machine(const char *unit);

/* The subsystem of that name, or NULL. */
const struct subsystem *fleet_subsystem(const struct fleet *fleet, const char *name);

/*
 * The aliases of a text, one machine a line: all its names, separated by blanks; # starts a
 * comment (so /etc/hosts will do). The one that is a member stands for the others, or else
 * the first. Added to `identity`. -1 when memory is short.
 */
int fleet_add_aliases(struct arena *arena, const struct hostset *members,
		      const char *text, size_t length, struct identity *identity);

/*
 * `fleet` with the aliases of its probe added: 0, 1 when the answer is missing, -1 and
 * `fault` when it failed (its text says how) or memory is short.
 */
int fleet_resolve(struct arena *arena, const struct fleet *fleet, struct facts *facts,
		  struct fleet *resolved, struct fault *fault);

/*
 * The set with every name replaced by the member it stands for: by alias, without its
 * domain, in lower case where only that is a member. Other names stay as they are (less
 * the domain). NULL when memory is short.
 */
const struct hostset *fleet_identify(struct arena *arena, const struct fleet *fleet,
				     const struct hostset *targets);

/* Reads DIR/fleet/ *.cfg of all rule directories. -1 and `fault` at the first error. */
int fleet_load(struct arena *arena, const char *const *rules, struct fleet *fleet,
	       struct fault *fault);

/*
 * Reads these files (NULL-terminated). With `findings`, for `tally check`, an error is noted
 * and the rest is read; `incomplete` then says that a name that is missing may be defined in
 * what could not be read. Such a fleet is not for deciding. -1 and `fault` as above.
 */
struct findings;
int fleet_load_files(struct arena *arena, const char *const *paths,
		     struct findings *findings, struct fleet *fleet, struct fault *fault);

#endif
