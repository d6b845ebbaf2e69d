/*
 * One judgement under way: what decide() was given, what it has worked out so far, and what
 * it has to say. Shared by the parts of the policy, each of which adds reasons and impacts.
 */
#ifndef TALLY_INQUIRY_H
#define TALLY_INQUIRY_H

#include "limit.h"
#include "policy.h"

/*
 * One operation as the policy sees it: its action by effect, its targets by identity, and
 * how much it counts.
 */
struct deed {
	const struct operation *source;
	enum action action; /* never ACTION_SCALE */
	bool takes; /* capacity: a restart for a while, a stop or remove for good */
	bool temporary;
	const char *unit;	       /* NULL: machines, which all are one kind */
	const struct hostset *targets; /* NULL: unknown */
	bool count_known;	       /* of what limits count */
	uint64_t effect; /* units the targets stand for; 0: they count themselves */
	const char *effect_unit;
	const char *unknown; /* why `targets` is NULL or the count is not known */
};

struct inquiry {
	struct arena *arena;
	const struct policy *policy;
	struct fleet fleet; /* with the aliases of its probe */
	const struct reading *reading;
	const struct asker *asker;
	const struct history *history;
	struct facts *facts;
	struct decision *decision;
	const struct admission **past; /* of the history, oldest first */
	const struct hostset **out;    /* what capacity_out() found for now, or NULL */
	struct deed *deeds;
	size_t deed_count;
	const struct hostset *empty;
	size_t reason_capacity, impact_capacity;
	size_t challenge; /* rank of the hardest so far, 0: none */
	bool waiting;	  /* an answer is missing: the decision is unfinished */
	bool exhausted;	  /* memory is short: the decision is void */
	struct {
		bool any;
		uint64_t fits;
		int64_t next; /* 0: not by waiting */
	} room;
};

/*
 * Completes an inquiry whose first fields are given: `fleet` with its aliases resolved, the
 * past in order. Returns what fleet_resolve() does, with its fault in `no_aliases`; sets
 * `waiting` when the aliases are still asked for, `exhausted` when memory is short.
 */
int inquiry_start(struct inquiry *inquiry, const struct fleet *fleet,
		  struct fault *no_aliases);

/*
 * Set operations that may be nested: a NULL argument is passed on, and a NULL result is
 * noted in `exhausted` and replaced by the empty set, so that callers need not look.
 */
const struct hostset *inquiry_union(struct inquiry *inquiry, const struct hostset *a,
				    const struct hostset *b);
const struct hostset *inquiry_minus(struct inquiry *inquiry, const struct hostset *a,
				    const struct hostset *b);
const struct hostset *inquiry_common(struct inquiry *inquiry, const struct hostset *a,
				     const struct hostset *b);

/*
 * The union of `count` sets, which are overwritten: by halves, so that a history of
 * thousands of single targets costs n log n and not n * n.
 */
const struct hostset *inquiry_union_all(struct inquiry *inquiry,
					const struct hostset **sets, size_t count);

/* Targets mapped to members, when they are machines. */
const struct hostset *inquiry_identify(struct inquiry *inquiry,
				       const struct hostset *targets);

/* `text` if it is not NULL, else "" and `exhausted`. */
const char *inquiry_text(struct inquiry *inquiry, const char *text);

/* "400 hosts", for reasons. */
const char *inquiry_count(struct inquiry *inquiry, uint64_t count, const char *unit);

/* Whether something with this `observe` (1, 0, -1: as the policy says) holds back. */
bool inquiry_enforces(const struct inquiry *inquiry, int observe);

/* A limit speaks. */
void inquiry_limit(struct inquiry *inquiry, const struct limit *limit,
		   enum verdict verdict, const char *text);

/* Something else speaks: a floor, the unknown. `observe` as in struct limit. */
void inquiry_reason(struct inquiry *inquiry, const char *rule, const char *file, int line,
		    enum verdict verdict, int observe, const char *challenge,
		    const char *text);

/*
 * A floor or a rate leaves room for `fits` more targets now, and for one more than that at
 * `next` (0: not by waiting). What only observes takes no room.
 */
void inquiry_room(struct inquiry *inquiry, int observe, uint64_t fits, int64_t next);

/* The deeds of the reading: deed.c. */
void inquiry_deeds(struct inquiry *inquiry);

/* The union of the targets of deeds of `unit` that take capacity. */
const struct hostset *inquiry_taken(struct inquiry *inquiry, const char *unit);

/* The union of the targets of all deeds of `unit`. */
const struct hostset *inquiry_touched(struct inquiry *inquiry, const char *unit);

/* Chooses decision->challenge when all has been said. */
void inquiry_challenge(struct inquiry *inquiry);

/* Limits: limit.c. Floors: floor.c. The ledger's part: admission.c. */
void inquiry_limits(struct inquiry *inquiry);
void inquiry_floors(struct inquiry *inquiry);
void inquiry_admissions(struct inquiry *inquiry);

#endif
