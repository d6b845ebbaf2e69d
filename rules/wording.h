/* The words of reasons: durations, amounts, counts with their noun. */
#ifndef TALLY_WORDING_H
#define TALLY_WORDING_H

#include <stdint.h>

#include "action.h"
#include "arena.h"
#include "fleet.h"

/* All return NULL only when memory is short. */

/* 190 -> "3 min 10 s", 86400 -> "1 day", 0 -> "0 s"; at most two parts, rounded up. */
const char *word_duration(struct arena *arena, int64_t seconds);

/* 1, "host" -> "1 host"; 2, "host" -> "2 hosts". A NULL unit is "target". */
const char *word_count(struct arena *arena, uint64_t count, const char *unit);

/* "300", or "300 (75% of 400)": the amount with the number it came to. */
const char *word_amount(struct arena *arena, struct amount amount, uint64_t number,
			uint64_t declared);

/* "removed", "restarted" ... */
const char *word_done(enum action action);

/* "400 hosts would be stopped", "the command would run on 400 hosts". */
const char *word_would(struct arena *arena, enum action action, uint64_t count,
		       const char *unit);

#endif
