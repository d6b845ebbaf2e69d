/*
 * A tally: distinct targets of several deeds, or of a window of history, counted once each.
 * Names of different units are different things: the pod web1 is not the machine web1.
 */
#ifndef TALLY_TALLY_H
#define TALLY_TALLY_H

#include "inquiry.h"

enum { TALLY_UNITS = 8 }; /* a command has one or two; further ones count as one kind */

struct tally {
	struct tally_part {
		const char *unit; /* NULL: machines */
		const struct hostset *targets;
	} parts[TALLY_UNITS];
	size_t part_count;
	uint64_t effect; /* what counts by its effect, all together */
	const char *effect_unit;
};

/* Targets of a unit join the tally. */
void tally_add(struct inquiry *inquiry, struct tally *tally, const char *unit,
	       const struct hostset *targets);

/* Targets that stand for `effect` other units join it. */
void tally_add_effect(struct tally *tally, uint64_t effect, const char *unit);

void tally_add_all(struct inquiry *inquiry, struct tally *tally,
		   const struct tally *more);

uint64_t tally_count(const struct tally *tally);

/* The unit of all that is counted, NULL when they differ; `machine` is what hosts are called. */
const char *tally_unit(const struct tally *tally, const char *machine);

#endif
