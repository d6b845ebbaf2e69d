/*
 * What a person gets to see of a judgement: one screen that says what the command is, what
 * it would touch, what would be left, which limits spoke and what can be done instead. Pure
 * functions from values to text; nothing here looks at the world.
 */
#ifndef TALLY_SCREEN_H
#define TALLY_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "command.h"
#include "operation.h"
#include "policy.h"

/* Where the text goes. */
struct screen {
	struct arena *arena;
	unsigned width; /* columns; 0: lines are never broken */
	bool colour, utf8;
	const char *const *secrets; /* options whose values are not shown, or NULL */
	int64_t now;		    /* epoch seconds, 0: not known */
	long utc_offset;	    /* of local time, seconds east of UTC */
};

/* "pdsh would stop 400 hosts (idx[001-400])", visible text. NULL: memory. */
const char *screen_summary(const struct screen *screen, const struct reading *reading,
			   const struct decision *decision);

/* The whole of it. NULL when memory is short, as all of these. */
const char *screen_full(const struct screen *screen, const struct command *command,
			const struct reading *reading, const struct decision *decision);

/*
 * What is shown before a blind count: the command, the tool and the action, but no number,
 * no list and no folded set.
 */
const char *screen_blind(const struct screen *screen, const struct command *command,
			 const struct reading *reading);

/*
 * A few lines for a log or a pipe: `tallygate: denied: pdsh would stop 400 hosts (...)` and
 * the limits that spoke. `outcome` is "denied", "not confirmed" ...
 */
const char *screen_short(const struct screen *screen, const char *outcome,
			 const struct reading *reading, const struct decision *decision);

/* screen_full() for `tally explain`; the locale is that of the command's environment. */
const char *screen_explain(struct arena *arena, const struct command *command,
			   const struct reading *reading, const struct decision *decision,
			   unsigned width, bool colour);

/* "hosts"; what the targets of this reading are called. */
const char *screen_units(const struct screen *screen, const struct reading *reading);

#endif
