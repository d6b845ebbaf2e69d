/* For the readers of notations: collects single names and sets, in any order and number,
 * so that a list of n items costs O(n log n) and not n unions. */
#ifndef TALLY_HOSTSET_GATHER_H
#define TALLY_HOSTSET_GATHER_H

#include "hostset_node.h"

struct gather {
	struct arena *arena;
	struct span *names; /* the texts are the caller's */
	size_t name_count, name_capacity;
	/* sets[i] holds 2^i sets, or NULL: added like ones in a binary number */
	const struct hostset *sets[64];
};

/* All return false, or NULL, on shortage of memory. A zeroed gather with `arena` is new. */
bool gather_name(struct gather *gather, const char *name, size_t length);
bool gather_set(struct gather *gather, const struct hostset *set);
const struct hostset *gather_finish(struct gather *gather);

#endif
