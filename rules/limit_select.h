/* When a limit applies, and to which of the targets. */
#ifndef TALLY_LIMIT_SELECT_H
#define TALLY_LIMIT_SELECT_H

#include "inquiry.h"
#include "tally.h"

/* Whether asker, tool, environment and hour are those of the limit. */
bool limit_concerns(const struct inquiry *inquiry, const struct limit *limit);

/* Whether it is about what the deed does (limit_concerns() being true). */
bool limit_covers(const struct limit *limit, const struct deed *deed);

/* Whether its actions are about an action that was admitted before. */
bool limit_covers_action(const struct limit *limit, enum action action);

bool limit_tool_matches(const struct limit *limit, const char *tool);

/*
 * Those of the targets (by identity, of `unit`) that the limit looks at, within `scope`
 * (NULL: everywhere).
 */
const struct hostset *limit_select(struct inquiry *inquiry, const struct limit *limit,
				   const struct subsystem *scope, const char *unit,
				   const struct hostset *targets);

/*
 * All that the limit counts of the command: the known deeds that it covers. `*unknown` is
 * the first deed it covers whose count is not known, or NULL.
 */
void limit_tally(struct inquiry *inquiry, const struct limit *limit,
		 const struct subsystem *scope, struct tally *tally,
		 const struct deed **unknown);

/* Whether the limit narrows the targets at all. */
bool limit_selects(const struct limit *limit);

/* Members of subsystems whose last full restart is too long ago, for restarted_before. */
bool limit_is_stale(const struct inquiry *inquiry, const struct limit *limit,
		    const struct subsystem *subsystem);

#endif
