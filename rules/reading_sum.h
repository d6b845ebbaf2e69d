/* What all operations of a reading come to: the numbers that are shown and tested. */
#ifndef TALLY_READING_SUM_H
#define TALLY_READING_SUM_H

#include "operation.h"

/* All targets of a reading but those that are only read, or of the reads if it only reads. */
struct reading_sum {
	bool known;		   /* false: some of it is unknown */
	const struct hostset *set; /* NULL when unknown */
	uint64_t count;
	bool effect_known;
	const char *effect_unit; /* NULL: the targets are the capacity themselves */
	int64_t effect;
	const char *unknown; /* the first reason why something is unknown, or NULL */
};

/* -1 when memory is short. */
int reading_add_up(struct arena *arena, const struct reading *reading,
		   struct reading_sum *sum);

#endif
