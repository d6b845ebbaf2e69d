/* Sets with repetitions, folded, for syntax_pdsh*.c only. */
#ifndef TALLY_SYNTAX_PDSH_COPIES_H
#define TALLY_SYNTAX_PDSH_COPIES_H

#include "hostset.h"

/* More copies of one host than this are not kept: nobody means that. */
enum { PDSH_MAX_COPIES = 1000 };

struct copies {
	const struct hostset **layers; /* layers[k]: names with more than k copies */
	size_t count;
};

/* One copy of every name of `set`. All return false on shortage or too many copies. */
bool copies_of(struct arena *arena, struct copies *copies, const struct hostset *set);
bool copies_add(struct arena *arena, struct copies *copies, const struct copies *more);
/* Takes one copy off every name of `set` that has one. */
bool copies_remove(struct arena *arena, struct copies *copies, const struct hostset *set);

/* Adds up many in O(n log n), like a binary number: slots[i] has 2^i, or count 0. */
struct copies_sum {
	struct arena *arena;
	struct copies slots[64];
};

bool copies_sum_add(struct copies_sum *sum, const struct hostset *set);
bool copies_sum_end(struct copies_sum *sum, struct copies *copies);

/* An item with a second bracket in `tail`. */
struct pdsh_nested {
	const char *head, *tail;
	struct copies numbers; /* of the first bracket, as names made of digits only */
	size_t open,
		behind; /* where the bracket in `tail` begins and what is behind it */
	const struct hostset_range *ranges; /* what is in it */
	size_t range_count;
};

#endif
