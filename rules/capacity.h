/* How many members of a subsystem are in service, by its probe and by the ledger. */
#ifndef TALLY_CAPACITY_H
#define TALLY_CAPACITY_H

#include "inquiry.h"

struct capacity {
	bool known;
	const char *unknown;	     /* why it is not, one sentence */
	const struct hostset *shown; /* members the probe named; NULL: see `counted` */
	bool counted;		     /* the probe only gave a number, `shown_count` */
	uint64_t shown_count;	     /* what the source shows before the ledger's part */
	bool sighted;		     /* it is from a probe that was believed */
	int64_t age;		     /* of the probe's answer; -1: no probe */
};

/*
 * Asks the probe of `subsystem`. Sets inquiry->waiting when the answer is missing. Without a
 * probe all members are shown.
 */
void capacity_ask(struct inquiry *inquiry, const struct subsystem *subsystem,
		  struct capacity *capacity);

/* Members that are out at the time `at` by the ledger, whatever the probe shows. */
const struct hostset *capacity_out(struct inquiry *inquiry,
				   const struct subsystem *subsystem, int64_t at);

/* Members in service at the time `at`, as far as is known now. */
uint64_t capacity_at(struct inquiry *inquiry, const struct subsystem *subsystem,
		     const struct capacity *capacity, int64_t at);

/* `settle` of the subsystem, or its default. */
int64_t capacity_settle(const struct subsystem *subsystem);

#endif
