/* The measures of limits: one function a kind, each speaks when it is exceeded. */
#ifndef TALLY_LIMIT_KINDS_H
#define TALLY_LIMIT_KINDS_H

#include "limit_select.h"

/* What a limit sees of the command within one scope. */
struct view {
	const struct limit *limit;
	const struct subsystem *scope; /* NULL: everywhere */
	struct tally tally;
	uint64_t count;
	enum action action; /* the heaviest it covers */
	const char *unit;
	const char *what; /* "400 hosts would be stopped" */
};

/* What the window of a rate holds, before any command. */
struct rate_room {
	uint64_t used, fits;
	int64_t next; /* when one more than `fits` does; 0: as many as may be fit now */
	const char *unit;
};

void limit_rate_room(struct inquiry *inquiry, const struct limit *limit,
		     const struct subsystem *scope, struct rate_room *room);

void limit_judge_above(struct inquiry *inquiry, const struct view *view);
void limit_judge_rate(struct inquiry *inquiry, const struct view *view);
void limit_judge_canary(struct inquiry *inquiry, const struct view *view);

/* These look at each subsystem by itself. */
void limit_judge_fraction(struct inquiry *inquiry, const struct view *view,
			  const struct subsystem *subsystem);
void limit_judge_cells(struct inquiry *inquiry, const struct view *view,
		       const struct subsystem *subsystem);
void limit_judge_pairs(struct inquiry *inquiry, const struct view *view,
		       const struct subsystem *subsystem);

#endif
