/*
 * What has been admitted before, as far as it can still matter: the ledger's view. A value;
 * the policy reads it, the ledger (wrapper/ledger.h) makes it and commits what was decided.
 *
 * An admission matters as long as it is younger than policy_window(), or `out` is not empty
 * and `until` is 0 or lies ahead; a restore matters as long as an older `out` does.
 */
#ifndef TALLY_HISTORY_H
#define TALLY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action.h"
#include "hostset.h"

struct admission {
	int64_t id;
	int64_t at; /* seconds since the epoch, by the store's clock */
	enum action action;
	const char *tool, *user;
	uint32_t uid;		       /* login uid */
	const struct hostset *targets; /* what was admitted: rates count these */
	const struct hostset *out;     /* what of it is still out of service, or empty */
	int64_t until;		       /* when `out` ends by itself; 0: when given back */
	bool started;		       /* the tool has begun (else only reserved) */
	bool ended;		       /* the tool has ended */
	const char *digest;	       /* reading.digest: the same work (canary), hex */
	const char *unit;	       /* of `targets`: pod, group ...; NULL: machines */
	uint64_t effect; /* units the targets stand for; 0: they count themselves */
};

/*
 * What a capacity probe showed when it was last believed. The ledger keeps the newest per
 * subsystem: it writes those impacts of a decision that have `sighted` set.
 */
struct sighting {
	const char *subsystem;
	uint64_t capacity; /* as the probe showed it, before anything was subtracted */
	int64_t at;
};

struct history {
	int64_t now;	   /* the store's clock */
	uint64_t revision; /* changes with every commit */
	const struct admission *admissions;
	size_t count;
	const struct sighting *sightings;
	size_t sighting_count;
};

#endif
