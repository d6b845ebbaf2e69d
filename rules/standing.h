/*
 * How the fleet stands, without any command: what is in service, what is out by the ledger,
 * what the rates still leave. A pure function, for `tally status`.
 */
#ifndef TALLY_STANDING_H
#define TALLY_STANDING_H

#include "policy.h"

struct limit;

struct subsystem_standing {
	const struct subsystem *source;
	bool known;	     /* how many are in service */
	const char *unknown; /* why it is not */
	uint64_t in_service; /* what the probe shows less what is out by the ledger */
	const struct hostset *out; /* members that are out by the ledger */
	int64_t back_at; /* when the first of them counts as back; 0: not by waiting */
	bool has_floor, below; /* below: it has lost more than its floor allows already */
	uint64_t floor;
	uint64_t room;	   /* how many more may go, 0 when not known */
	bool observed;	   /* the floor holds nothing back */
	int64_t probe_age; /* seconds; -1: no probe */
};

struct rate_standing {
	const struct limit *limit;
	const struct subsystem *scope; /* NULL: everywhere */
	bool observed;
	uint64_t used, fits;
	int64_t next_at; /* when one more than `fits` does; 0: as many as may be fit now */
	const char *unit;
};

struct standing {
	struct subsystem_standing *subsystems;
	size_t subsystem_count;
	struct rate_standing *rates;
	size_t rate_count;
	bool observes; /* some floor or limit is in observe mode */
};

/*
 * As decide(): returns 1 when `facts` are missing, 0 when done, -1 and `fault` when memory is
 * short.
 */
int standing_look(struct arena *arena, const struct policy *policy,
		  const struct fleet *fleet, const struct asker *asker,
		  const struct history *history, struct facts *facts,
		  struct standing *standing, struct fault *fault);

#endif
