/*
 * Copies of rule directories that are known to be good: tallyd and all gates read the same
 * one, whatever is being edited meanwhile. TOP/1, TOP/2 ... hold one generation each, its
 * rule directories under 0, 1 ...; TOP/current is a link to the newest good one.
 */
#ifndef TALLY_RULES_SNAPSHOT_H
#define TALLY_RULES_SNAPSHOT_H

#include <stdbool.h>

#include "arena.h"
#include "fault.h"

struct decision;

struct rules_snapshot {
	const char *name;		/* of the generation, "3" */
	const char *const *directories; /* TOP/3/0 ..., NULL-terminated */
	const char *const *origins;	/* what they are copies of, for people to read */
};

/*
 * Copies `rules` into a new generation, which is not in force yet. Refused besides what cannot
 * be read: files that somebody else than root or this user may write. -1 and `fault`.
 */
int rules_snapshot_make(struct arena *arena, const char *top, const char *const *rules,
			struct rules_snapshot *snapshot, struct fault *fault);

/* Puts a generation in force; of the older ones only the last is kept. -1 and `fault`. */
int rules_snapshot_use(const char *top, const struct rules_snapshot *snapshot,
		       struct fault *fault);

/* Removes a generation that is not in force. */
void rules_snapshot_drop(const char *top, const struct rules_snapshot *snapshot);

/* The generation in force: 1, 0 when there is none, -1 and `fault`. */
int rules_snapshot_current(struct arena *arena, const char *top,
			   struct rules_snapshot *snapshot, struct fault *fault);

/*
 * The directories of a generation, from the paths through TOP/current that session.cfg has:
 * resolved once, so that all that is read is of one generation. 1; 0 when these are no paths
 * into a snapshot; -1 and `fault`.
 */
int rules_snapshot_resolve(struct arena *arena, const char *const *paths,
			   struct rules_snapshot *snapshot, struct fault *fault);

/* The file as people know it: the path of the original. NULL when memory is short. */
const char *rules_snapshot_origin(struct arena *arena,
				  const struct rules_snapshot *snapshot,
				  const char *path);

/* The same for the files of all reasons, and for the place of a fault. */
int rules_snapshot_reasons(struct arena *arena, const struct rules_snapshot *snapshot,
			   struct decision *decision, struct fault *fault);
void rules_snapshot_fault(const struct rules_snapshot *snapshot, struct fault *fault);

#endif
