/*
 * What has been admitted before, as far as it can still matter: the ledger's view. A value;
 * the policy reads it, the ledger (wrapper/ledger.h) makes it and commits what was decided.
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
	const char *digest;	       /* of tool and arguments (canary), hex */
};

struct history {
	int64_t now;	   /* the store's clock */
	uint64_t revision; /* changes with every commit */
	const struct admission *admissions;
	size_t count;
};

#endif
